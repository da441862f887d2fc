"""What holds between the sections: names that must exist, chains that must end, people who must be reachable."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from maildesk.desk.directory import ROLES
from maildesk.desk.policy import Policy, Rung
from maildesk.errors import Located, Problem
from maildesk.mail.ids import fold_address
from maildesk.rules.written import nearest, problem, warning

Written = Mapping[str, Mapping[str, Located]]  # section -> name -> entry, as written
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
    Reference("groups", ("members", EVERY), "people", "person"),
    Reference("groups", ("lead",), "people", "person"),
    Reference("groups", ("escalates_to",), "groups", "group"),
    Reference("sla", ("calendar",), "calendars", "calendar", frozenset({"always"})),
    Reference("sla", ("ladder",), "ladders", "ladder"),
    Reference("ladders", (EVERY, "tell", EVERY), "people", "role or person", frozenset(ROLES)),
    Reference("services", ("group",), "groups", "group"),
    Reference("rules", ("then", "group"), "groups", "group"),
    Reference("rules", ("then", "assignee"), "people", "person"),
    Reference("rules", ("then", "service"), "services", "service"),
)


def unknown_names(written: Written) -> Iterator[Problem]:
    """Every name that stands nowhere, with the nearest that does."""
    for reference in REFERENCES:
        known = (*reference.besides, *written.get(reference.target, {}))
        entries = written.get(reference.section, {})
        for name, entry in entries.items():
            if reference.section == "defaults" and name != "group":
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
        entries = located.value if isinstance(located.value, list) else [located]
        for entry in entries:
            yield from _walk(entry, path[1:])
    elif isinstance(located.value, dict) and path[0] in located.value:
        yield from _walk(located.value[path[0]], path[1:])


def unknown_mailboxes(written: Written, mailboxes: Collection[str]) -> Iterator[Problem]:
    """Mailboxes that a rule asks for and maildesk.toml does not have."""
    for name, rule in written.get("rules", {}).items():
        for asked in _walk(rule, ("when",)):
            for found in _arguments(asked, "mailbox"):
                if isinstance(found.value, str) and found.value.strip() not in mailboxes:
                    message = f'there is no mailbox "{found.value}"' + nearest(found.value, sorted(mailboxes))
                    yield problem(found, f"rules.{name}.when.mailbox", message)


def _arguments(located: Located, condition: str) -> Iterator[Located]:
    """The arguments of a condition, each element of a list, wherever it stands in a `when`."""
    if isinstance(located.value, dict):
        for name, inner in located.value.items():
            yield from _walk(inner, (EVERY,)) if name == condition else _arguments(inner, condition)
    elif isinstance(located.value, list):
        for inner in located.value:
            yield from _arguments(inner, condition)


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
    if below.share != above.share:
        return below.share < above.share
    one, other = below.after, above.after
    if bool(one.days) != bool(other.days):
        return bool(other.days)
    return (one.days, one.seconds) < (other.days, other.seconds)


def advice(policy: Policy, written: Written) -> Iterator[Problem]:
    """What is allowed and yet most likely not meant."""
    used = {target.ladder for target in policy.sla.values()}
    for key, group in policy.groups.items():
        place, name = written["groups"][key], f"groups.{key}"
        if not group.members and not group.address:
            yield warning(place, name, "nobody reads it: it has no members and no address")
        elif group.members and not group.lead and _tells(policy, "lead"):
            yield warning(place, f"{name}.lead", "has no lead: the manager hears what ladders tell the lead")
    for key in policy.ladders:
        if key not in used:
            yield warning(written["ladders"][key], f"ladders.{key}", "no SLA target uses it")
    for priority, target in policy.sla.items():
        place, name = written["sla"][priority], f"sla.{priority}"
        if not target.ladder:
            yield warning(place, f"{name}.ladder", "is missing: nobody hears of it when time runs out")
        if not target.resolution.days and target.response.seconds > target.resolution.seconds:
            yield warning(place, name, "the response target is later than the resolution target")


def _tells(policy: Policy, role: str) -> bool:
    return any(role in rung.tell for ladder in policy.ladders.values() for rung in ladder)


CHECKS: Iterable[Callable[[Policy, Written], Iterator[Problem]]] = (cycles, people_apart, rungs_rise, advice)
