"""Is this the fifth of its kind in ten minutes? Like mails of several people in a short time are a surge."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from maildesk.desk import lifecycle
from maildesk.desk.knowledge.knowing import Near, Surging
from maildesk.desk.model import Ticket


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """The mail that is looked at."""

    at: datetime
    requester: str  # folded
    service: str = ""
    department: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wave:
    """Like tickets within the time. `number` is the ticket that the surge is known by, 0 where it is new."""

    number: int
    tickets: tuple[int, ...]
    people: int
    words: tuple[str, ...]


def found(arrival: Arrival, near: Iterable[Near], wish: Surging) -> Wave | None:
    """The surge that a mail completes, or belongs to; None when there is none."""
    if not wish.mails:
        return None
    since = arrival.at - timedelta(seconds=wish.within)
    like = [one for one in near if one.at >= since and is_like(arrival, one, wish, wish.at_least)]
    known = next((one.surge for one in like if one.surge), 0)
    people = {arrival.requester, *(one.requester for one in like)}
    if not known and (len(like) + 1 < wish.mails or len(people) < wish.people):
        return None
    telling = tuple(dict.fromkeys(word for one in like for word in one.words))[:6]
    numbers = tuple(sorted(one.ticket for one in like))
    return Wave(number=known, tickets=numbers, people=len(people), words=telling)


def is_like(arrival: Arrival, near: Near, wish: Surging, least: int) -> bool:
    """Whether a ticket counts together with a mail, by what the policy names."""
    same_service = bool(arrival.service) and arrival.service == near.service
    same_department = bool(arrival.department) and arrival.department == near.department
    return (
        ("similarity" in wish.by and round(100 * near.score) >= least)
        or ("service" in wish.by and same_service)
        or ("department" in wish.by and same_service and same_department)
    )


def belongs_to(arrival: Arrival, near: Iterable[Near], tickets: Mapping[int, Ticket], wish: Surging) -> Ticket | None:
    """The open major incident that a mail is about, however long its first mails are ago."""
    for one in near:
        parent = tickets.get(one.surge)
        if (
            parent is not None
            and is_open_major(parent)
            and wish.mails
            and is_like(arrival, one, wish, wish.join_at_least)
        ):
            return parent
    return None


def is_open_major(ticket: Ticket) -> bool:
    """Whether a ticket leads others now."""
    return ticket.major and ticket.status in lifecycle.OPEN
