"""Names in one section that must stand in another: each that does not, with the nearest that does."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace

from maildesk.desk.people.directory import ROLES
from maildesk.desk.policy import Policy
from maildesk.errors import Located, Problem
from maildesk.rules.written import Written, nearest, problem

EVERY = "*"


@dataclass(frozen=True, slots=True)
class Reference:
    """Where one section names an entry of another; `*` is each element of a list."""

    section: str
    path: tuple[str, ...]
    target: str
    noun: str
    besides: frozenset[str] = frozenset()


REFERENCES = (
    Reference("defaults", (), "groups", "group"),
    Reference("people", ("manager",), "people", "person"),
    Reference("people", ("deputy",), "people", "person"),
    Reference("people", ("leave", EVERY, "deputy"), "people", "person"),
    Reference("people", ("calendar",), "calendars", "calendar", frozenset({"always"})),
    Reference("groups", ("members", EVERY), "people", "person"),
    Reference("groups", ("lead",), "people", "person"),
    Reference("groups", ("escalates_to",), "groups", "group"),
    Reference("sla", ("calendar",), "calendars", "calendar", frozenset({"always"})),
    Reference("sla", ("ladder", EVERY), "ladders", "ladder"),
    Reference("ola", ("calendar",), "calendars", "calendar", frozenset({"always"})),
    Reference("ola", ("ladder",), "ladders", "ladder"),
    Reference("ladders", (EVERY, "tell", EVERY), "people", "role or person", frozenset(ROLES)),
    Reference("ladders", (EVERY, "ask_in"), "groups", "group", frozenset({"next"})),
    Reference("forecast", (EVERY,), "people", "role or person", frozenset(ROLES)),
    Reference("reports", ("to", EVERY), "people", "role or person", frozenset({"owner", "lead", "manager"})),
    Reference("services", ("group",), "groups", "group"),
    Reference("services", ("sla",), "sla", "target"),
    Reference("rules", ("then", "group"), "groups", "group"),
    Reference("rules", ("then", "assignee"), "people", "person"),
    Reference("rules", ("then", "service"), "services", "service"),
    Reference("rules", ("then", "sla"), "sla", "target"),
)


def unknown_names(written: Written) -> Iterator[Problem]:
    """Every name that stands nowhere, with the nearest that does."""
    for reference in REFERENCES:
        known = (*reference.besides, *written.get(reference.target, {}))
        entries = written.get(reference.section, {})
        for name, entry in entries.items():
            if name != {"defaults": "group", "forecast": "to"}.get(reference.section, name):
                continue
            for found in _walk(entry, reference.path):
                if isinstance(found.value, str) and found.value.strip() and found.value.strip() not in known:
                    key = ".".join((reference.section, name, *(step for step in reference.path if step != EVERY)))
                    message = f'there is no {reference.noun} "{found.value}"' + nearest(found.value, sorted(known))
                    yield problem(found, key, message)


def _walk(located: Located, path: tuple[str, ...]) -> Iterator[Located]:
    if not path:
        yield located
    elif path[0] == EVERY:
        value = located.value
        entries = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else [located]
        for entry in entries:
            yield from _walk(entry, path[1:])
    elif isinstance(located.value, dict) and path[0] in located.value:
        yield from _walk(located.value[path[0]], path[1:])


def targets_asked(written: Written) -> tuple[str, ...]:
    """The targets that rules and services name."""
    paths = (("rules", ("then", "sla")), ("services", ("sla",)))
    found = (one.value for section, path in paths for entry in written[section].values() for one in _walk(entry, path))
    return tuple(dict.fromkeys(name.strip() for name in found if isinstance(name, str) and name.strip()))


def unknown_mailboxes(written: Written, mailboxes: Collection[str]) -> Iterator[Problem]:
    """Mailboxes that a rule asks for and maildesk.toml does not have."""
    for name, rule in written.get("rules", {}).items():
        for asked in _walk(rule, ("when",)):
            for found in _arguments(asked, "mailbox"):
                if isinstance(found.value, str) and found.value.strip() not in mailboxes:
                    message = f'there is no mailbox "{found.value}"' + nearest(found.value, sorted(mailboxes))
                    yield problem(found, f"rules.{name}.when.mailbox", message)


_ASKED = {
    "calendar": ("calendars", "calendar"),
    "person": ("people", "person"),
    "ticket_assignee": ("people", "person"),
    "ticket_group": ("groups", "group"),
    "ticket_service": ("services", "service"),
}


def unknown_in_conditions(written: Written) -> Iterator[Problem]:
    """Calendars, people, groups and services that a rule asks for and nobody wrote."""
    for name, rule in written["rules"].items():
        for asked in _walk(rule, ("when",)):
            for condition, (section, noun) in _ASKED.items():
                known = {*written[section], *(("always",) if section == "calendars" else ())}
                for found in _names(asked, condition):
                    if found.value not in known:
                        message = f'there is no {noun} "{found.value}"' + nearest(str(found.value), sorted(known))
                        yield problem(found, f"rules.{name}.when.{condition}", message)


def _names(asked: Located, condition: str) -> Iterator[Located]:
    """The names in the arguments of a condition; those of a mapping are its keys."""
    for found in _arguments(asked, condition, whole=True):
        if isinstance(found.value, dict):
            yield from (replace(place, value=name) for name, place in found.value.items())
        else:
            yield from (one for one in _walk(found, (EVERY,)) if isinstance(one.value, str))


def unknown_scopes(policy: Policy, written: Written, mailboxes: Collection[str] | None) -> Iterator[Problem]:
    """Services, groups and mailboxes that a target or an agreement is for, and that nobody wrote."""
    known: dict[str, Collection[str] | None] = {
        "service": policy.services,
        "group": policy.groups,
        "mailbox": mailboxes,
    }
    asked = [("sla", special.name, scope, key) for special in policy.specials for scope, key in special.only.items()]
    asked += [("ola", key, "group", key) for key in policy.olas]
    for section, name, scope, key in asked:
        names = known[scope]
        if names is not None and key not in names:
            message = f'there is no {scope} "{key}"' + nearest(key, sorted(names))
            yield problem(written[section][name], f"{section}.{name}", message)


def _arguments(located: Located, condition: str, *, whole: bool = False) -> Iterator[Located]:
    """The arguments of a condition, each element of a list or `whole`, wherever it stands in a `when`."""
    if isinstance(located.value, dict):
        for name, inner in located.value.items():
            if name == condition:
                yield from (inner,) if whole else _walk(inner, (EVERY,))
            else:
                yield from _arguments(inner, condition, whole=whole)
    elif isinstance(located.value, list):
        for inner in located.value:
            yield from _arguments(inner, condition, whole=whole)
