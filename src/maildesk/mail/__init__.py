"""The RFC world: bytes to a Mail and back. Pure; knows no ticket."""
