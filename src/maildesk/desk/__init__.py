"""The ITIL world: what the desk decides. Pure; imports mail only."""
