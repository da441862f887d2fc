"""To whom of a group a ticket goes: those at work, with the skill, below their cap; then by turn or by load."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from maildesk.desk.draft import Draft
from maildesk.desk.model import Ticket, Work
from maildesk.desk.people import roster
from maildesk.desk.policy import Group, Person, Policy
from maildesk.mail.ids import fold_address


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """Who gets it and why; who was passed over, each with the reason. Nobody, and `person` is None."""

    person: Person | None = None
    why: str = ""
    passed: tuple[str, ...] = ()
    turn: float | None = None  # of a round robin


def counts(policy: Policy) -> bool:
    """Whether any group hands its tickets to single people, so that their loads matter."""
    return any(group.assign != "everyone" for group in policy.groups.values())


def place(draft: Draft, policy: Policy, now: datetime, work: Work) -> None:
    """Give the draft's ticket to one of its group, where the group works so; without anybody it waits with all."""
    ticket = draft.ticket
    group = policy.groups.get(ticket.group)
    if group is None or group.assign == "everyone" or ticket.assignee or not group.members:
        return
    chosen = choose(ticket, group, policy, now, work)
    if chosen.person is not None:
        give(draft, chosen.person, chosen, chosen.why)
    else:
        again = _again(group, policy, now)
        draft.add("unassigned", why=chosen.why, passed=list(chosen.passed), again=again.isoformat())


def give(draft: Draft, person: Person, chosen: Choice, why: str) -> None:
    """Assign the draft's ticket to whom was chosen."""
    draft.add("assigned", assignee=person.key, why=why, passed=list(chosen.passed), turn=chosen.turn)


def choose(ticket: Ticket, group: Group, policy: Policy, now: datetime, work: Work) -> Choice:
    """The one of a group who gets a ticket now; those who had it already do not get it again."""
    passed: list[str] = []
    there = _present(group, policy, now, passed)
    free = [one for one in there if not _refuses(one, ticket, work, passed)]
    if not free:
        return Choice(why=f"nobody of {group.key} can take it now", passed=tuple(passed))
    fit, unskilled = _skilled(free, ticket, policy, passed)
    fit = _speaking(fit, ticket, passed)
    ranked = sorted(fit, key=lambda person: (_rank(person, group, work), _recent(person, group, work)))
    best = ranked[0]
    why = "; ".join(filter(None, (_reason(best, group, work), _stands_in(best, group, policy, now), unskilled)))
    turn = _turn(best, group, work) if group.assign == "round robin" else None
    return Choice(person=best, why=why, passed=tuple(passed), turn=turn)


def _present(group: Group, policy: Policy, now: datetime, passed: list[str]) -> list[Person]:
    """The members at work, and the deputies of those on leave."""
    found: dict[str, Person] = {}
    for person in filter(None, map(policy.people.get, group.members)):
        reason = roster.absent(person, policy, now)
        stand_in = roster.deputy(person, policy, now) if reason and roster.on_leave(person, policy, now) else None
        if not reason:
            found.setdefault(person.key, person)
            continue
        passed.append(f"{person.key}: {reason}" + (f", {stand_in.key} stands in" if stand_in else ""))
        if stand_in is not None:
            found.setdefault(stand_in.key, stand_in)
    return list(found.values())


def _refuses(person: Person, ticket: Ticket, work: Work, passed: list[str]) -> bool:
    """Whether somebody cannot get this ticket at all, whatever else speaks for him."""
    if person.key in ticket.offered:
        reason = "did not accept it before"
    elif fold_address(ticket.requester.address) in map(fold_address, person.addresses):
        reason = "is the requester"
    elif person.cap and work.open.get(person.key, 0) >= person.cap:
        reason = f"has {work.open[person.key]} open tickets, his cap is {person.cap}"
    else:
        return False
    passed.append(f"{person.key}: {reason}")
    return True


def _skilled(people: list[Person], ticket: Ticket, policy: Policy, passed: list[str]) -> tuple[list[Person], str]:
    """Those with every skill that the service asks for; all of them, with a word about it, when nobody has."""
    service = policy.services.get(ticket.service)
    needed = set(service.skills) if service else set()
    able = [person for person in people if needed <= set(person.skills)]
    if not able:
        return people, f"nobody there has the skill {', '.join(sorted(needed))}"
    _leave_out(people, able, f"lacks the skill {', '.join(sorted(needed))}", passed)
    return able, ""


def _speaking(people: list[Person], ticket: Ticket, passed: list[str]) -> list[Person]:
    """Those who write the requester's language, where anybody does."""
    language = ticket.language[:2]
    able = [person for person in people if not person.languages or language in person.languages]
    if not able or not language:
        return people
    _leave_out(people, able, f"does not write {language}", passed)
    return able


def _leave_out(people: Iterable[Person], able: list[Person], why: str, passed: list[str]) -> None:
    passed.extend(f"{person.key}: {why}" for person in people if person not in able)


def _turn(person: Person, group: Group, work: Work) -> float:
    """When it is somebody's turn, in a time that only tickets move: a ticket takes up 1 / weight of it.

    Whoever was away begins where the group is now: he has nothing to make up for (start-time fair queueing).
    """
    turns = work.turns.get(group.key, {})
    present = max(turns.values(), default=1.0)
    return max(present, turns[person.key] + 1 / person.weight) if person.key in turns else present


def _rank(person: Person, group: Group, work: Work) -> tuple[float, float]:
    """The least gets it: by his turn, or by his open tickets against his weight.

    Half a ticket more, as Webster divides seats: with a whole one those of small weight would get too few.
    """
    if group.assign == "least load":
        return (work.open.get(person.key, 0) + 0.5) / person.weight, 0
    turn = _turn(person, group, work)
    return turn, turn + 1 / person.weight


def _recent(person: Person, group: Group, work: Work) -> int:
    """Of equals the one whose last ticket of the group is the longest ago."""
    latest = work.latest.get(group.key, ())
    return -latest.index(person.key) if person.key in latest else -len(latest)


def _reason(person: Person, group: Group, work: Work) -> str:
    share = f", weight {person.weight:g}" if person.weight != 1 else ""
    if group.assign == "least load":
        return f"least load: {work.open.get(person.key, 0)} open tickets{share}"
    latest = work.latest.get(group.key, ())
    since = f"{latest.index(person.key)} tickets ago" if person.key in latest else "not lately"
    return f"round robin: it is his turn, the last one of the group was {since}{share}"


def _stands_in(person: Person, group: Group, policy: Policy, now: datetime) -> str:
    if person.key in group.members:
        return ""
    absent = (policy.people[key] for key in group.members if key in policy.people)
    of = [
        one.key for one in absent if roster.on_leave(one, policy, now) and _is(roster.deputy(one, policy, now), person)
    ]
    return f"stands in for {', '.join(of)}"


def _is(one: Person | None, other: Person) -> bool:
    return one is not None and one.key == other.key


def _again(group: Group, policy: Policy, now: datetime) -> datetime:
    """When somebody of the group may be able to take a ticket that nobody can take now."""
    people = [policy.people[key] for key in group.members if key in policy.people]
    moments = [
        roster.returns(one, policy, now) if roster.absent(one, policy, now) else now + roster.SHORTLY for one in people
    ]
    return min(moments, default=now + roster.SHORTLY)
