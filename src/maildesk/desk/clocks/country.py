"""Public holidays and make-up workdays of countries, a year at a time, from the `holidays` library."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import holidays

# Where the government announces the days off and the make-up workdays anew each year: beyond the last announcement
# the library can only guess.
_ANNOUNCED_YEARLY = frozenset({"AZ", "BY", "CN", "HU", "KZ", "LV", "RU", "UZ", "VN"})


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicDays:
    """One year of a country."""

    holidays: frozenset[date]
    workdays: frozenset[date]  # days of a weekend that are worked (调休)
    announced: bool


@lru_cache(maxsize=1024)
def public_days(country: str, subdivision: str, year: int) -> PublicDays:
    """The public holidays of an ISO 3166-1 country and, unless "", its ISO 3166-2 subdivision.

    Raises ValueError for a country or subdivision that the library does not know.
    """
    try:
        table = holidays.country_holidays(country, subdiv=subdivision or None, years=year)
    except NotImplementedError as unknown:
        where = f"{country}, subdivision {subdivision}" if subdivision else country
        raise ValueError(f"no public holidays are known for {where}: give an ISO 3166 code such as CN") from unknown
    announcements: dict[int, object] = getattr(table, "special_public_holidays", {})
    yearly = table.country in _ANNOUNCED_YEARLY
    return PublicDays(
        holidays=frozenset(day for day in table if day.year == year),
        workdays=frozenset(day for day in table.weekend_workdays if day.year == year),
        announced=table.start_year <= year <= (max(announcements) if yearly else table.end_year),
    )
