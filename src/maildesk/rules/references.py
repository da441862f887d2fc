"""What holds between the sections: names that must exist, chains that must end, people who must be reachable."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import pairwise

from maildesk.desk import hours
from maildesk.desk.directory import ROLES
from maildesk.desk.hours import Calendar, Duration
from maildesk.desk.policy import Policy, Rung
from maildesk.desk.sla import NOTHING
from maildesk.errors import Located, Problem
from maildesk.mail.ids import fold_address
from maildesk.rules.written import nearest, problem, warning

Written = Mapping[str, Mapping[str, Located]]  # section -> name -> entry, as written
EVERY = "*"
_SOME_DAY = datetime(2026, 1, 5, tzinfo=UTC)  # to lay a length of time into a calendar; any day would do


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


def unknown_in_conditions(policy: Policy, written: Written) -> Iterator[Problem]:
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


def holdable(policy: Policy, written: Written) -> Iterator[Problem]:
    """Targets and agreements that their calendar cannot hold: too little working time in ten years."""
    asked = [
        ("sla", name, key, target.calendar, length)
        for name, target in policy.named_targets.items()
        for key, length in (
            ("response", target.response),
            ("resolution", target.resolution),
            ("update", target.update or NOTHING),
        )
    ]
    for name, ola in policy.olas.items():
        asked += [("ola", name, "time", ola.calendar, ola.time)]
        asked += [("ola", name, f"priority.{priority}", ola.calendar, length) for priority, length in ola.times.items()]
    for section, name, key, calendar, length in asked:
        if calendar in policy.calendars and not _holds(policy.calendars[calendar], length):
            entry = written[section][name]
            place = entry.value.get(key, entry) if isinstance(entry.value, dict) else entry
            message = f'the calendar "{calendar}" has not that much working time in ten years'
            yield problem(place, f"{section}.{name}.{key}", message)


def _holds(calendar: Calendar, length: Duration) -> bool:
    try:
        hours.add(calendar, _SOME_DAY, length)
    except OverflowError:
        return False
    return True


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


def cycles(policy: Policy, written: Written) -> Iterator[Problem]:
    """Managers above themselves and groups that hand over in a circle."""
    people, groups = policy.people, policy.groups
    yield from _circles("people", {key: p.manager for key, p in people.items()}, "manager", written)
    yield from _circles("groups", {key: g.escalates_to for key, g in groups.items()}, "escalates_to", written)


def _circles(section: str, above: Mapping[str, str], key: str, written: Written) -> Iterator[Problem]:
    done: set[str] = set()
    for start in above:
        chain: list[str] = []
        name = start
        while name and name not in done and name not in chain:
            chain.append(name)
            name = above.get(name, "")
        if name in chain:
            circle = [*chain[chain.index(name) :], name]
            yield problem(written[section][name], f"{section}.{name}.{key}", f"a circle: {' -> '.join(circle)}")
        done.update(chain)


def people_apart(policy: Policy, written: Written) -> Iterator[Problem]:
    """People who could be taken for each other, for the desk, for a group or for a role."""
    seen: dict[str, str] = {}
    own = policy.own_addresses()
    for key, person in policy.people.items():
        place, name = written["people"][key], f"people.{key}"
        for address in map(fold_address, person.addresses):
            if address in own:
                yield problem(place, f"{name}.addresses", f"{address} is the desk's own address")
            if seen.setdefault(address, key) != key:
                yield problem(place, f"{name}.addresses", f"{address} belongs to {seen[address]} already")
        if key in policy.groups:
            yield problem(place, name, f'"{key}" is the name of a group too: commands could not tell them apart')
        if key in ROLES:
            yield problem(place, name, f'"{key}" is a role that ladders tell: give the person another name')


def rungs_rise(policy: Policy, written: Written) -> Iterator[Problem]:
    """A ladder goes up: each rung later than the one before."""
    for key, ladder in policy.ladders.items():
        for below, above in pairwise(ladder):
            if not _later(below, above):
                message = f"the rung {above.at} must come later than {below.at} before it"
                yield problem(written["ladders"][key], f"ladders.{key}", message)


def _later(below: Rung, above: Rung) -> bool:
    if below.before != NOTHING or above.before != NOTHING:
        return _early(below, above)
    if below.share != above.share:
        return below.share < above.share
    one, other = below.after, above.after
    if bool(one.days) != bool(other.days):
        return bool(other.days)
    return (one.days, one.seconds) < (other.days, other.seconds)


def _early(below: Rung, above: Rung) -> bool:
    """Of two warnings before the target the shorter comes later; both come before a share of 100 % and more.

    How one compares with a share below that depends on the target.
    """
    if above.before == NOTHING:
        return above.share >= 1
    if below.before == NOTHING:
        return below.share < 1
    one, other = below.before, above.before
    return bool(one.days) != bool(other.days) or (other.days, other.seconds) < (one.days, one.seconds)


def advice(policy: Policy, written: Written) -> Iterator[Problem]:
    """What is allowed and yet most likely not meant."""
    targets = policy.named_targets
    used = {ladder for target in targets.values() for ladder in (target.ladder, *target.ladders.values())}
    used |= {ola.ladder for ola in policy.olas.values()}
    for key, group in policy.groups.items():
        place, name = written["groups"][key], f"groups.{key}"
        if not group.members and not group.address:
            yield warning(place, name, "nobody reads it: it has no members and no address")
        elif group.members and not group.lead and _tells(policy, "lead"):
            yield warning(place, f"{name}.lead", "has no lead: the manager hears what ladders tell the lead")
    for key in policy.ladders:
        if key not in used:
            yield warning(written["ladders"][key], f"ladders.{key}", "no SLA target uses it")
    for priority, target in targets.items():
        place, name = written["sla"][priority], f"sla.{priority}"
        if not (target.ladder or target.ladders):
            yield warning(place, f"{name}.ladder", "is missing: nobody hears of it when time runs out")
        if not target.resolution.days and target.response.seconds > target.resolution.seconds:
            yield warning(place, name, "the response target is later than the resolution target")


def _tells(policy: Policy, role: str) -> bool:
    return any(role in rung.tell for ladder in policy.ladders.values() for rung in ladder)


CHECKS: Iterable[Callable[[Policy, Written], Iterator[Problem]]] = (
    cycles,
    people_apart,
    rungs_rise,
    holdable,
    unknown_in_conditions,
    advice,
)
