"""What must agree between entries that are right by themselves: chains end, ladders rise, people are told apart."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import pairwise

from maildesk.desk.clocks import hours
from maildesk.desk.clocks.hours import Calendar, Duration
from maildesk.desk.clocks.sla import NOTHING
from maildesk.desk.people.directory import ROLES
from maildesk.desk.policy import Policy, Rung
from maildesk.errors import Problem
from maildesk.mail.ids import fold_address
from maildesk.rules.written import Written, problem, warning

_SOME_DAY = datetime(2026, 1, 5, tzinfo=UTC)  # to lay a length of time into a calendar; any day would do


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


def deputies(policy: Policy, written: Written) -> Iterator[Problem]:
    """People who stand in for themselves."""
    for key, person in policy.people.items():
        named = {"deputy": person.deputy, "leave": key if any(one.deputy == key for one in person.leave) else ""}
        for where, deputy in named.items():
            if deputy == key:
                place = written["people"][key]
                found = place.value.get(where, place) if isinstance(place.value, dict) else place
                yield problem(found, f"people.{key}.{where}", f'"{key}" cannot stand in for himself')


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
    deputies,
    rungs_rise,
    holdable,
    advice,
)
