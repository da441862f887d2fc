"""Alerts: what monitoring systems write and what the desk does about it."""
