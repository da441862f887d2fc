"""Rule files as read -> the policy and the compiled rules, with everything that is wrong, all at once."""

import hashlib
import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from maildesk.desk.classification import Classification
from maildesk.desk.hours import ALWAYS
from maildesk.desk.model import Degree, Impact, Priority
from maildesk.desk.policy import DEFAULT_MATRIX, Policy
from maildesk.desk.policy import Rung as PolicyRung
from maildesk.desk.policy import Special as PolicySpecial
from maildesk.desk.policy import Target as PolicyTarget
from maildesk.desk.requesters import Requester
from maildesk.errors import Located, Problem
from maildesk.rules import alerts, judging, knowing, reading, references, sections, timing, typed
from maildesk.rules import people as directory
from maildesk.rules.engine import Rule, Rules
from maildesk.rules.written import closest, nearest, problem, read

T = TypeVar("T")
Entries = Mapping[str, Located]
SECTIONS: Mapping[str, str] = {
    "defaults": "a mapping such as {group: l1}",
    "rules": "a list of rules",
    "fields": "a mapping of fields to types",
    "matrix": "a mapping of impacts to priorities by urgency",
    "people": "a mapping of names to people",
    "groups": "a mapping of names to groups",
    "calendars": "a mapping of names to calendars",
    "sla": "a mapping of priorities to targets",
    "ola": "a mapping of groups to agreements",
    "pending": "a mapping such as {longest: 10d}",
    "closing": "a mapping such as {remind: [1d, 3d]}",
    "progress": "a mapping such as {tell: assignee}",
    "forecast": 'a mapping such as {at: ["09:00"]}',
    "ladders": "a mapping of names to lists of rungs",
    "services": "a mapping of names to services",
    "requesters": "a mapping of addresses and domains to people",
    "directory": "a mapping such as {file: people.csv}",
    "priority": "a mapping such as {vip: high}",
    "duplicates": "a mapping such as {same_requester: join}",
    "solutions": "a mapping such as {offer: 3}",
    "surge": "a mapping such as {mails: 5, people: 3, within: 15m}",
    "alerts": "a mapping such as {senders: [zabbix@corp.example]}",
    "ask": "a mapping such as {needed: {incident: [since, scope, contact]}}",
}
_NAME = re.compile(r"[^\W_][\w.-]{0,39}")
_RESERVED = frozenset({"desk", "cli"})  # actors in the journal that are no people
_IMPACTS: tuple[Impact, ...] = ("high", "medium", "low")
_PRIORITIES: tuple[Priority, ...] = ("P1", "P2", "P3", "P4")


def load(
    documents: Sequence[Located], base: Policy, mailboxes: Collection[str] | None = None
) -> tuple[Policy, Rules, tuple[Problem, ...]]:
    """`base` (what maildesk.toml says) with all that the rule files add, and the rules compiled.

    `mailboxes` are the names that rules may use, None when they are not known. Entries with an error are left out;
    whoever gets an error among the problems must not use the result.
    """
    reader = _Reader(*_merged(documents))
    entries = reader.entries
    targets, specials = _targets(reader), _specials(reader)
    people = entries("people", sections.Person)
    fields: Callable[..., typed.FieldType] = typed.Typed
    _whole(reader, "directory", directory.Directory, None)
    policy = replace(
        base,
        defaults=_defaults(reader, base.defaults),
        field_types={key: entry.build() for key, entry in entries("fields", fields).items()},
        matrix=_matrix(reader),
        people={key: entry.build(key) for key, entry in people.items()},
        groups={key: entry.build(key) for key, entry in entries("groups", sections.Group).items()},
        calendars={
            "always": ALWAYS,
            **{key: entry.build() for key, entry in entries("calendars", timing.Calendar).items()},
            **sections.shifts(people, base.timezone),
        },
        sla={priority: targets[priority] for priority in _PRIORITIES if priority in targets},
        specials=specials,
        named_targets={**targets, **{special.name: special.target for special in specials}},
        olas={key: entry.build() for key, entry in entries("ola", timing.Ola).items()},
        pending=_whole(reader, "pending", timing.Pending, timing.Pending()).build(),
        closing=_whole(reader, "closing", timing.Closing, timing.Closing()).build(),
        forecast=_whole(reader, "forecast", timing.Forecast, timing.Forecast()).build(),
        progress=_whole(reader, "progress", timing.Progress, timing.Progress()).tell,
        ladders=_ladders(reader),
        services={key: entry.build(key) for key, entry in entries("services", sections.Service).items()},
        requesters=_requesters(reader, base.requesters),
        precedence=_whole(reader, "priority", judging.Precedence, judging.Precedence()).build(),
        duplicates=_whole(reader, "duplicates", knowing.Duplicates, knowing.Duplicates()).build(),
        offering=_whole(reader, "solutions", knowing.Solutions, knowing.Solutions()).build(),
        surging=_whole(reader, "surge", knowing.Surge, knowing.Surge()).build(),
        alerting=_whole(reader, "alerts", alerts.Alerts, alerts.Alerts()).build(base.timezone),
        asking=_whole(reader, "ask", judging.Ask, judging.Ask()).build(),
    )
    rules = Rules(_rules(reader), tuple(policy.services.values()), _version(reader.written))
    problems = [*reader.problems, *references.unknown_names(reader.written)]
    if mailboxes is not None:
        problems += references.unknown_mailboxes(reader.written, mailboxes)
    problems += references.unknown_scopes(policy, reader.written, mailboxes)
    problems += typed.misfits(policy.field_types, reader.written["rules"])
    for check in references.CHECKS:
        problems += check(policy, reader.written)
    return policy, rules, tuple(sorted(problems, key=lambda found: (found.file, found.line)))


@dataclass(frozen=True, slots=True)
class _Reader:
    """All files as one, section -> name -> entry, and what was found wrong so far."""

    written: Mapping[str, Entries]
    problems: list[Problem]

    def entries(self, section: str, shape: Callable[..., T], names: Sequence[str] = ()) -> dict[str, T]:
        """The entries of a section that are right, by name."""
        found: dict[str, T] = {}
        for name, entry in self.written[section].items():
            wrong = _wrong_name(section, name, names)
            if wrong:
                self.problems.append(problem(entry, f"{section}.{name}", wrong))
                continue
            value = self.value(entry, shape, f"{section}.{name}")
            if value is not None:
                found[name] = value
        return found

    def value(self, located: Located, shape: Callable[..., T], key: str) -> T | None:
        """A value of a shape, or None."""
        result = read(located, shape, key)
        self.problems.extend(result.problems)
        return result.value


def _wrong_name(section: str, name: str, names: Sequence[str]) -> str:
    """What is wrong with the name of an entry, "" when nothing."""
    if names:
        return "" if name in names else f"must be one of {', '.join(names)}" + closest(name, names)
    if not _NAME.fullmatch(name):
        return "a name is 1 to 40 letters, digits, dots, dashes and underscores, and begins with a letter or a digit"
    if section in ("people", "groups") and name in _RESERVED:
        return f'"{name}" is taken: the journal uses it for maildesk itself'
    return ""


def _merged(documents: Iterable[Located]) -> tuple[dict[str, dict[str, Located]], list[Problem]]:
    written: dict[str, dict[str, Located]] = {section: {} for section in SECTIONS}
    problems: list[Problem] = []
    for document in documents:
        if not isinstance(document.value, dict | None):
            problems.append(problem(document, "", f"must be a mapping of sections: {', '.join(SECTIONS)}"))
            continue
        for section, content in (document.value or {}).items():
            if section in SECTIONS:
                problems += _merge(section, content, written[section])
            else:
                problems.append(problem(content, section, "unknown section" + nearest(section, SECTIONS)))
    return written, problems


def _merge(section: str, content: Located, into: dict[str, Located]) -> Iterable[Problem]:
    """Take the entries of one file in; a name that is there already is an error naming both places."""
    value = content.value
    if not isinstance(value, (list if section == "rules" else dict) | None):
        yield problem(content, section, f"must be {SECTIONS[section]}")
        return
    for name, entry in value.items() if isinstance(value, dict) else _rule_names(value or ()):
        first = into.setdefault(name, entry)
        if first is not entry:
            yield problem(entry, f"{section}.{name}", f"is defined twice: first at {first.file}:{first.line}")


def _rule_names(rules: Iterable[Located]) -> Iterable[tuple[str, Located]]:
    """Each rule with its name; one without (an error found later) gets its place as a name."""
    for entry in rules:
        name = entry.value.get("name") if isinstance(entry.value, dict) else None
        usable = name is not None and isinstance(name.value, str) and name.value.strip()
        yield (name.value.strip() if name and usable else f"({entry.file}:{entry.line}:{entry.column})"), entry


def _whole(reader: _Reader, section: str, shape: Callable[..., T], otherwise: T) -> T:
    """A section that is one mapping, and not a mapping of names."""
    entries = reader.written[section]
    if not entries:
        return otherwise
    first = next(iter(entries.values()))
    return reader.value(Located(value=dict(entries), file=first.file, line=first.line), shape, section) or otherwise


def _defaults(reader: _Reader, base: Classification) -> Classification:
    found = _whole(reader, "defaults", sections.Defaults, None)
    return found.build() if found else base


def _matrix(reader: _Reader) -> Mapping[Impact, Mapping[Degree, Priority]]:
    rows = {name: row.build() for name, row in reader.entries("matrix", sections.Row, ("major", *_IMPACTS)).items()}
    written = reader.written["matrix"]
    missing = [degree for degree in _IMPACTS if degree not in written]
    if written and missing:
        first = next(iter(written.values()))
        reader.problems.append(problem(first, "matrix", f"has no row for {' and '.join(missing)}"))
    return {impact: rows.get(impact, row) for impact, row in DEFAULT_MATRIX.items()}


def _version(written: Mapping[str, Entries]) -> str:
    """A short hash of what decides how a mail is judged: the same files give the same one on any machine."""
    judging = [
        [(name, entry.plain()) for name, entry in written[section].items()]
        for section in ("defaults", "fields", "rules", "services")
    ]
    return hashlib.sha256(repr(judging).encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _targets(reader: _Reader) -> dict[str, PolicyTarget]:
    """The targets of the priorities, and those that only rules name; a name that nobody asks for is a mistake."""
    plain = {name: entry for name, entry in reader.written["sla"].items() if not timing.special(name)}
    names = (*_PRIORITIES, *references.targets_asked(reader.written))
    found = replace(reader, written={**reader.written, "sla": plain}).entries("sla", timing.Target, names)
    return {name: target.build() for name, target in found.items()}


def _specials(reader: _Reader) -> tuple[PolicySpecial, ...]:
    """The targets of some tickets of a priority, each on top of the priority's own; those that name the most first."""
    written, found = reader.written["sla"], []
    for name, entry in written.items():
        read_name = timing.special(name)
        if read_name is None:
            continue
        priority, only = read_name
        below = written[priority].value if priority in written else {}
        if isinstance(below, dict) and isinstance(entry.value, dict):
            entry = replace(entry, value={**below, **entry.value})
        target = reader.value(entry, timing.Target, f"sla.{name}")
        if target is not None:
            found.append(PolicySpecial(name=name, priority=priority, only=only, target=target.build()))
    return tuple(sorted(found, key=lambda special: (-len(special.only), min(map(timing.SCOPES.index, special.only)))))


def _requesters(reader: _Reader, base: Mapping[str, Requester]) -> Mapping[str, Requester]:
    """Those of a directory file, and those that are written out on top."""
    found = dict(base)
    for name, entry in reader.written["requesters"].items():
        value = reader.value(entry, directory.Requester, f"requesters.{name}")
        try:
            key = directory.key_of(name)
        except ValueError as error:
            reader.problems.append(problem(entry, f"requesters.{name}", str(error)))
            continue
        if value is not None:
            found[key] = value.build()
    return found


def _ladders(reader: _Reader) -> dict[str, tuple[PolicyRung, ...]]:
    shape: Callable[..., tuple[timing.Rung, ...]] = timing.Ladder
    return {name: tuple(rung.build() for rung in rungs) for name, rungs in reader.entries("ladders", shape).items()}


def _rules(reader: _Reader) -> tuple[Rule, ...]:
    found: list[Rule] = []
    for name, entry in reader.written["rules"].items():
        rule, problems = reading.rule(entry, f"rules.{name}")
        reader.problems.extend(problems)
        found += [rule] if rule else []
    return tuple(found)
