"""Two policies over the same tickets: what breaches under each. Nothing is written, nobody is told."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TypeVar

from maildesk.desk.clocks import sla
from maildesk.desk.model import ClockKind, Degree, Pause, Priority, Ticket
from maildesk.desk.policy import Policy
from maildesk.mail.model import Address

_DEGREES: tuple[Degree, ...] = ("low", "medium", "high")
_MINUTE = timedelta(minutes=1)
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """One clock of one ticket under both policies; None is that the policy has no such clock."""

    ticket: int
    kind: ClockKind
    old_priority: Priority
    new_priority: Priority
    old: bool | None  # whether it was or is breached
    new: bool | None
    old_due: datetime | None
    new_due: datetime | None


def verdicts(tickets: Iterable[Ticket], old: Policy, new: Policy, now: datetime) -> Iterator[Verdict]:
    """Every clock of every ticket under both policies, as it stands at `now`."""
    for ticket in tickets:
        before, after = _under(ticket, old), _under(ticket, new)
        one = {clock.kind: clock for clock in sla.clocks(before, old, now)}
        two = {clock.kind: clock for clock in sla.clocks(after, new, now)}
        for kind in dict.fromkeys((*one, *two)):
            was, will = one.get(kind), two.get(kind)
            yield Verdict(
                ticket=ticket.number,
                kind=kind,
                old_priority=before.priority,
                new_priority=after.priority,
                old=was.state in ("breached", "missed") if was else None,
                new=will.state in ("breached", "missed") if will else None,
                old_due=was.due_at if was else None,
                new_due=will.due_at if will else None,
            )


def _under(ticket: Ticket, policy: Policy) -> Ticket:
    """The ticket with the priority that the policy's matrix gives it, unless somebody set one by hand."""
    if ticket.priority_by:
        return ticket
    return replace(ticket, priority=policy.matrix[ticket.impact][ticket.urgency])


def generated(count: int, policy: Policy, now: datetime, days: int = 90) -> Iterator[Ticket]:
    """Made-up tickets of the last days, the same ones each time: impact, urgency, service, answers, pauses at hazard.

    They come in around the clock; half are answered within the hour, half are resolved within the day.
    """
    services, groups = ("", *policy.services), (policy.defaults.group, *policy.groups)
    for number in range(1, count + 1):
        chance = _Chance(number)
        opened = now - chance.share() * timedelta(days=days)
        answered = opened + chance.spread(60)
        resolved = answered + chance.spread(1_440)
        paused = answered + chance.share() * (resolved - answered)
        pause = Pause(start=paused, end=paused + chance.share() * (resolved - paused), why="requester")
        yield Ticket(
            number=number,
            opened_at=opened,
            grouped_at=opened,
            impact=chance.one(_DEGREES),
            urgency=chance.one(_DEGREES),
            service=chance.one(services),
            group=chance.one(groups),
            requester=Address(address="somebody@generated.invalid"),
            status="resolved" if resolved <= now else "in progress" if answered <= now else "assigned",
            responded_at=answered if answered <= now else None,
            updated_at=answered if answered <= now else None,
            resolved_at=resolved if resolved <= now else None,
            pauses=(pause,) if chance.share() < 0.3 and pause.end and pause.end <= now else (),
        )


class _Chance:
    """Numbers that look random and are the same for the same seed on every machine."""

    def __init__(self, seed: int) -> None:
        self._octets = iter(sha256(str(seed).encode()).digest())

    def share(self) -> float:
        """From 0 up to 1."""
        return (next(self._octets) * 256 + next(self._octets)) / 65_536

    def one(self, of: tuple[T, ...]) -> T:
        """One of some things."""
        return of[int(self.share() * len(of))]

    def spread(self, minutes: float) -> timedelta:
        """A length of time, in half of all cases below `minutes`; now and then sixteen times as long."""
        return minutes * 2 ** (8 * self.share() - 4) * _MINUTE
