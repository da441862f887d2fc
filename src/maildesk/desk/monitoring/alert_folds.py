"""Folds of what monitoring systems say."""

from dataclasses import replace
from datetime import datetime

from maildesk.desk.model import Event, Ticket


def alerted(ticket: Ticket, event: Event) -> Ticket:
    quiet = None if event.data["state"] == "firing" else ticket.quiet_at
    return replace(ticket, alert=event.data.get("key", ticket.alert), alerts=ticket.alerts + 1, quiet_at=quiet)


def flapping(ticket: Ticket, event: Event) -> Ticket:
    return replace(ticket, flapping=True)


def calmed(ticket: Ticket, event: Event) -> Ticket:
    return replace(ticket, quiet_at=datetime.fromisoformat(event.data["until"]))


def recovered(ticket: Ticket, event: Event) -> Ticket:
    return replace(ticket, flapping=False, quiet_at=None)
