"""All figures of a period: each the tickets behind it, so that it can be added up again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from maildesk.desk.model import Event
from maildesk.desk.policy import Policy
from maildesk.desk.reporting import Period
from maildesk.reports import backlog, intake, levels, quality
from maildesk.reports.story import Entry, Story, tell

_PARTS = (intake.entries, backlog.entries, levels.entries, quality.entries)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """The tickets behind every figure of a period, by the figure's name."""

    period: Period
    entries: Mapping[str, tuple[Entry, ...]]

    def count(self, name: str) -> int:
        """How many."""
        return len(self.entries.get(name, ()))

    def mean(self, name: str) -> float | None:
        """The mean of what the tickets count for; None without any."""
        found = self.entries.get(name, ())
        return sum(entry.value for entry in found) / len(found) if found else None

    def median(self, name: str) -> float | None:
        """The middle of what the tickets count for; None without any."""
        found = self.entries.get(name, ())
        return median(entry.value for entry in found) if found else None

    def share(self, part: str, *rest: str) -> float | None:
        """How much a figure is of itself and others, from 0 to 1; None when all are nothing."""
        whole = self.count(part) + sum(map(self.count, rest))
        return self.count(part) / whole if whole else None

    def below(self, name: str) -> dict[str, int]:
        """The figures of one kind by the last part of their names, the largest first."""
        prefix = f"{name}."
        found = {key.removeprefix(prefix): len(rows) for key, rows in self.entries.items() if key.startswith(prefix)}
        return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))


def figures(
    journals: Iterable[tuple[int, tuple[Event, ...]]], periods: Sequence[Period], policy: Policy
) -> tuple[Figures, ...]:
    """Every figure of some periods, the earliest first, from the journals of all tickets that had not ended before."""
    told: list[list[Story]] = [[] for _ in periods]
    for stories in tell(journals, periods, policy):
        for place, story in enumerate(stories):
            if story is not None:
                told[place].append(story)
    return tuple(_of(stories, period, policy) for stories, period in zip(told, periods, strict=True))


def _of(stories: Sequence[Story], period: Period, policy: Policy) -> Figures:
    found: dict[str, list[Entry]] = {}
    for part in _PARTS:
        for name, entry in part(stories, period, policy):
            found.setdefault(name, []).append(entry)
    return Figures(period=period, entries={name: tuple(rows) for name, rows in found.items()})
