"""What the desk's owner is told once when it breaks, and once when it is well again."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from maildesk.desk.model import Notice
from maildesk.desk.people import directory
from maildesk.runners.desk import Desk, tell
from maildesk.store import alarms
from maildesk.store.database import reading, transaction

_MOVED = {
    "zh": "调整了 {seconds:+.0f} 秒，现在是 {after:%Y-%m-%d %H:%M:%S} UTC",
    "en": "it was moved by {seconds:+.0f} seconds, to {after:%Y-%m-%d %H:%M:%S} UTC",
}


def raised(desk: Desk, name: str, now: datetime, *, part: str, what: str, reason: str, advice: str) -> None:
    """A part of the desk is broken, `what` is its name: a mail to the owner, unless he was told of it already.

    None about the relay: it would come when all is over, behind the one that says so.
    """
    with transaction(desk.engine) as connection:
        if alarms.raise_(connection, name, reason, now) and part != "relay":
            values = {"part": part, "what": what, "reason": reason, "since": now, "advice": advice}
            tell(connection, (_notice(desk, "alarm", name, now, values),), desk, now)


def cleared(desk: Desk, name: str, now: datetime, *, part: str, what: str, waited: int = 0) -> None:
    """It works again: a mail to the owner, if he was told that it did not."""
    with reading(desk.engine) as connection:
        if not any(alarm.name == name for alarm in alarms.standing(connection)):
            return
    with transaction(desk.engine) as connection:
        since = alarms.clear(connection, name)
        if since is not None:
            values = {"part": part, "what": what, "waited": waited, "since": since}
            tell(connection, (_notice(desk, "recovered", name, now, values),), desk, now)


def clock_stepped(desk: Desk, before: datetime, after: datetime, seconds: float) -> None:
    """The wall clock was set: the owner hears of each step, since deadlines are counted by it."""
    moved = _MOVED[directory.owner(desk.policy).language]
    values = {
        "part": "clock",
        "reason": moved.format(seconds=seconds, after=after),
        "since": before,
        "advice": "timedatectl status",
    }
    with transaction(desk.engine) as connection:
        tell(connection, (_notice(desk, "alarm", "clock", after, values),), desk, after)


def _notice(desk: Desk, event: str, name: str, now: datetime, values: Mapping[str, Any]) -> Notice:
    return Notice(
        event=event,
        audience="owner",
        to=directory.owner(desk.policy),
        n=f"{name}-{now.timestamp():.0f}",
        values=values,
    )
