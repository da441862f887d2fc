"""Business time: calendars and exact arithmetic on them, in UTC."""

from dataclasses import dataclass
from datetime import date

Span = tuple[int, int]  # minutes after local midnight; an end over 1440 runs past midnight


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """A length of business time: seconds, or whole business days (`2d`), never both."""

    seconds: int = 0
    days: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Calendar:
    """When a team works. `always` is 24x7 and ignores the rest."""

    timezone: str = "UTC"
    week: tuple[tuple[Span, ...], ...] = ((),) * 7  # Monday first
    always: bool = False
    country: str = ""  # ISO 3166 code whose public holidays (and make-up workdays) count
    subdivision: str = ""
    holidays: frozenset[date] = frozenset()
    workdays: frozenset[date] = frozenset()  # work although the week or the country says holiday


ALWAYS = Calendar(always=True)
