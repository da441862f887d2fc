"""Time on a ticket: business hours, the clocks of its targets, ladders, and what becomes due by itself."""
