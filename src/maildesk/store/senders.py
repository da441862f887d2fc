"""What the staff said of senders: spam or none, until when, by whom, on which ticket."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, select, update

from maildesk.desk.model import Event, Judgement
from maildesk.mail.ids import fold_address
from maildesk.store.encoding import indexable
from maildesk.store.portable import insert_new
from maildesk.store.tables import sender

_LIST = select(sender).where(sender.c.until > bindparam("now")).order_by(sender.c.at.desc(), sender.c.address)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sender:
    """A sender that is remembered."""

    address: str
    judgement: Judgement
    until: datetime


def learn(c: Connection, ticket: int, events: Iterable[Event]) -> None:
    """Remember what the staff said of senders in some events of a ticket; the newest word counts, none taken back."""
    for event in events:
        for address in event.data.get("forgotten", ()):
            forget(c, address)
        if event.kind == "judged" and event.data.get("address"):
            values = {
                "verdict": event.data["verdict"],
                "by": event.actor,
                "at": event.at,
                "until": datetime.fromisoformat(event.data["until"]),
                "ticket": ticket,
            }
            key = _key(event.data["address"])
            if not insert_new(c, sender, [{"address": key, **values}]):
                c.execute(update(sender).where(sender.c.address == key).values(values))


def listing(c: Connection, now: datetime) -> list[Sender]:
    """Everybody who is remembered, the newest first."""
    return [
        Sender(
            address=row.address,
            judgement=Judgement(verdict=row.verdict, by=row.by, at=row.at, ticket=row.ticket),
            until=row.until,
        )
        for row in c.execute(_LIST, {"now": now})
    ]


def forget(c: Connection, address: str) -> bool:
    """Forget a sender; whether he was remembered."""
    return c.execute(delete(sender).where(sender.c.address == _key(address))).rowcount == 1


def _key(address: str) -> str:
    return indexable(fold_address(address))
