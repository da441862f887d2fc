"""The page of a report in a reader's language: plain values for its template."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from maildesk.desk.knowledge.known import Article
from maildesk.desk.policy import Policy
from maildesk.desk.reporting import Name
from maildesk.reports import backlog, words
from maildesk.reports.figures import Figures
from maildesk.reports.remarks import remarks

Row = dict[str, Any]
_MOST = 10  # rows of a section
_TITLE = 60  # characters of a known solution's title


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """One table of a report: the figures below a name, or for each key what share was met."""

    title: str
    of: str
    kind: str
    rates: bool = False
    most: int = _MOST
    least: int = 1  # rows with less are left out
    order: tuple[str, ...] = ()


_CHANNEL = Section(title="By channel", of="opened.channel", kind="channel")
_PRIORITY = Section(title="By priority", of="opened.priority", kind="priority", order=("P1", "P2", "P3", "P4"))
_AGE = Section(title="Open tickets by age", of="backlog.age", kind="age", order=tuple(name for name, _ in backlog.AGES))
_GROUP = Section(title="Open tickets by group", of="backlog.group", kind="group")
_BREACH = Section(title="Why targets were missed", of="breach", kind="reason")
_FULL = (
    _CHANNEL,
    Section(title="By mailbox", of="opened.mailbox", kind="mailbox"),
    Section(title="By type", of="opened.type", kind="type"),
    _PRIORITY,
    Section(title="By category", of="opened.category", kind="category"),
    Section(title="By service", of="opened.service", kind="service"),
    _AGE,
    _GROUP,
    *(
        Section(title=f"{title} on target, by {kind}", of=clock, kind=kind, rates=True)
        for title, clock, kinds in (
            ("First response", "response", ("priority", "group")),
            ("Resolution", "resolution", ("priority", "group", "engineer")),
        )
        for kind in kinds
    ),
    _BREACH,
    Section(title="Who asked most", of="opened.requester", kind="requester", most=5, least=2),
    Section(title="What repeats", of="opened.fault", kind="fault", most=5, least=3),
)
SECTIONS: Mapping[Name, tuple[Section, ...]] = {
    "daily": (_PRIORITY, _CHANNEL, _AGE, _GROUP, _BREACH),
    "weekly": _FULL,
    "monthly": _FULL,
}
_QUALITY = (
    ("first contact", "good"),
    ("reopened", "bad"),
    ("escalated.functional", ""),
    ("escalated.hierarchic", "bad"),
    ("duplicates", ""),
    ("knowledge.offered", ""),
    ("knowledge.solved", "good"),
    ("alerts.flapping", ""),
    ("rated.low", "bad"),
)


def values(
    name: Name, now: Figures, before: Figures, policy: Policy, language: str, stale: tuple[Article, ...] = ()
) -> dict[str, Any]:
    """Everything that the report's template shows; `stale` are the known solutions that are valid no longer."""
    say = words.chooser(language)
    opened, resolved, still = now.count("opened"), now.count("resolved"), now.count("backlog")
    return {
        "name": name,
        "period": words.days(now.period, language),
        "subject_line": say(
            f"{opened} opened, {resolved} resolved, {still} open", f"新增 {opened}，解决 {resolved}，未结 {still}"
        ),
        "tiles": list(_tiles(now, before, language)),
        "remarks": remarks(now, before, policy, language),
        "sections": [
            *_sections(name, now, before, policy, language),
            *_quality(now, before, language),
            *(() if name == "daily" else _articles(now, before, stale, language)),
        ],
    }


def _tone(moved: float, good: str) -> str:
    """good: growth is good; bad: growth is bad."""
    if not good or not round(moved):
        return ""
    return "good" if (moved > 0) == (good == "good") else "bad"


def _tiles(now: Figures, before: Figures, language: str) -> Iterator[Row]:
    for key, good in (("opened", ""), ("resolved", "good"), ("backlog", "bad")):
        count, earlier = now.count(key), before.count(key)
        yield {
            "label": words.say(key, language),
            "value": str(count),
            "change": words.change(count, earlier),
            "tone": _tone(count - earlier, good),
        }
    yield {"label": words.say("on target", language), **_rate(now, before, "resolution", "")}


def _rate(now: Figures, before: Figures, clock: str, scope: str) -> Row:
    share = now.share(f"{clock}.met{scope}", f"{clock}.missed{scope}")
    earlier = before.share(f"{clock}.met{scope}", f"{clock}.missed{scope}")
    moved = 100 * ((share or 0) - (earlier or 0)) if share is not None and earlier is not None else 0
    return {
        "value": words.percent(share),
        "change": words.change(moved, 0, " pt" if not scope else ""),
        "tone": _tone(moved, "good"),
    }


def _sections(name: Name, now: Figures, before: Figures, policy: Policy, language: str) -> Iterator[Row]:
    for section in SECTIONS[name]:
        rows = list(
            _rates(section, now, before, policy, language)
            if section.rates
            else _counts(section, now, before, policy, language)
        )
        if rows and not (section.kind == "mailbox" and len(rows) < 2):
            yield {"title": words.say(section.title, language), "rows": rows, "note": ""}


def _counts(section: Section, now: Figures, before: Figures, policy: Policy, language: str) -> Iterator[Row]:
    found, earlier = now.below(section.of), before.below(section.of)
    largest = max(found.values(), default=0)
    keys = [key for key in section.order if key in found] or list(found)
    for key in keys[: section.most]:
        if found[key] < section.least:
            continue
        yield {
            "label": words.label(section.kind, key, policy, language),
            "value": str(found[key]),
            "share": found[key] / largest,
            "bar": "bad" if section.kind == "reason" or key == "over 30 days" else "",
            "change": words.change(found[key], earlier.get(key, 0)),
        }


def _rates(section: Section, now: Figures, before: Figures, policy: Policy, language: str) -> Iterator[Row]:
    names = {*now.below(f"{section.of}.met.{section.kind}"), *now.below(f"{section.of}.missed.{section.kind}")}
    for key in sorted(names)[: 2 * _MOST]:
        scope = f".{section.kind}.{key}"
        met, missed = now.count(f"{section.of}.met{scope}"), now.count(f"{section.of}.missed{scope}")
        share = met / (met + missed)
        rate = _rate(now, before, section.of, scope)
        yield {
            **rate,
            "label": words.label(section.kind, key, policy, language),
            "value": f"{rate['value']} ({met}/{met + missed})",
            "share": share,
            "bar": "good" if share >= 0.9 else "bad" if share < 0.75 else "",
        }


def _quality(now: Figures, before: Figures, language: str) -> Iterator[Row]:
    rows: list[Row] = []
    for key, good in _QUALITY:
        count, earlier = now.count(key), before.count(key)
        if count or earlier:
            moved = words.change(count, earlier)
            tone = _tone(count - earlier, good)
            rows.append({"label": words.say(key, language), "value": str(count), "change": moved, "tone": tone})
    mean = now.mean("rated")
    if mean is not None:
        rows.append({"label": words.say("rated", language), "value": f"{mean:.1f} / 5 ({now.count('rated')})"})
    if rows:
        yield {"title": words.say("Quality", language), "rows": rows, "note": ""}


def _articles(now: Figures, before: Figures, stale: tuple[Article, ...], language: str) -> Iterator[Row]:
    """The known solutions that somebody should look at: valid no longer, or offered in two periods and of no help."""
    if stale:
        rows = [{"label": f"{one.key}: {one.title[:_TITLE]}", "value": str(one.valid_until)} for one in stale[:_MOST]]
        yield {"title": words.say("Known solutions valid no longer", language), "rows": rows, "note": ""}
    helped = {key for one in (now, before) for key in one.below("knowledge.solved.article")}
    counts = now.below("knowledge.offered.article")
    useless = [{"label": key, "value": str(count)} for key, count in counts.items() if key not in helped]
    if useless:
        yield {"title": words.say("Offered, but helped nobody", language), "rows": useless[:_MOST], "note": ""}
