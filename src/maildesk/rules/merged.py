"""All rule files as one: sections, their entries by name, and what is wrong with either."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from maildesk.errors import Located, Problem
from maildesk.rules.written import Entries, closest, nearest, problem, read

T = TypeVar("T")
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
    "worklist": 'a mapping such as {at: "08:30"}',
    "ladders": "a mapping of names to lists of rungs",
    "services": "a mapping of names to services",
    "requesters": "a mapping of addresses and domains to people",
    "directory": "a mapping such as {file: people.csv}",
    "priority": "a mapping such as {vip: high}",
    "duplicates": "a mapping such as {same_requester: join}",
    "solutions": "a mapping such as {offer: 3}",
    "surge": "a mapping such as {mails: 5, people: 3, within: 15m}",
    "alerts": "a mapping such as {senders: [zabbix@corp.example]}",
    "reports": "a mapping such as {weekly: {at: mon 08:00, to: [owner]}}",
    "ask": "a mapping such as {needed: {incident: [since, scope, contact]}}",
}
_NAME = re.compile(r"[^\W_][\w.-]{0,39}")
_RESERVED = frozenset({"desk", "cli"})  # actors in the journal that are no people


@dataclass(frozen=True, slots=True)
class Reader:
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

    def whole(self, section: str, shape: Callable[..., T], otherwise: T) -> T:
        """A section that is one mapping, and not a mapping of names."""
        entries = self.written[section]
        if not entries:
            return otherwise
        first = next(iter(entries.values()))
        return self.value(Located(value=dict(entries), file=first.file, line=first.line), shape, section) or otherwise


def _wrong_name(section: str, name: str, names: Sequence[str]) -> str:
    """What is wrong with the name of an entry, "" when nothing."""
    if names:
        return "" if name in names else f"must be one of {', '.join(names)}" + closest(name, names)
    if not _NAME.fullmatch(name):
        return "a name is 1 to 40 letters, digits, dots, dashes and underscores, and begins with a letter or a digit"
    if section in ("people", "groups") and name in _RESERVED:
        return f'"{name}" is taken: the journal uses it for maildesk itself'
    return ""


def merged(documents: Iterable[Located]) -> tuple[dict[str, dict[str, Located]], list[Problem]]:
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
