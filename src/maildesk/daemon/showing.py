"""How the desk is, for `status`."""

from collections.abc import Mapping
from typing import Any

from maildesk import clock
from maildesk.health import Pulse
from maildesk.runners import signing
from maildesk.runners.records import Records
from maildesk.store import database, figures, leading


def status(desk: Records, pulse: Pulse | None) -> dict[str, Any]:
    """What `maildesk status --json` shows (FORMATS, JSON). Without a pulse no daemon is running."""
    beats = pulse.snapshot() if pulse else {}
    with database.reading(desk.engine) as connection:
        return {
            "running": pulse is not None,
            "leader": pulse is not None and leading.leads(desk.engine),
            "key_fits": signing.fits(connection, desk.settings.state),
            "led_by": (leader := leading.look(connection)) and leader.who,
            "mailboxes": [_mailbox_status(box.name, beats, connection) for box in desk.settings.mailboxes],
            **figures.desk(connection, clock.now()),
            "threads": beats,
        }


def _mailbox_status(name: str, beats: Mapping[str, Any], connection: database.Connection) -> dict[str, Any]:
    beat = beats.get(f"mailbox:{name}", {})
    return {
        "name": name,
        "state": beat.get("state", "stopped"),
        "reason": beat.get("reason", ""),
        "last_poll": beat.get("last_ok"),
        "waiting": figures.waiting(connection, name),
        **figures.counted(connection, name),
    }
