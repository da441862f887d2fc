"""The operator's rules. Pure: takes values that settings.py read."""
