"""The loops, one step each."""
