"""A clock's statement in words, for `ticket show` and `sla explain`."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from maildesk.cli.common import local
from maildesk.desk.clocks import hours, sla, statement
from maildesk.desk.clocks.hours import Duration
from maildesk.desk.clocks.sla import Clock
from maildesk.desk.model import Event, Ticket
from maildesk.desk.policy import Policy


def target_name(one: Clock, ticket: Ticket, policy: Policy) -> str:
    """Which entry of the policy gave the clock its target."""
    if one.kind == "ola":
        own = f".priority.{ticket.priority}" if ticket.priority in policy.olas[ticket.group].times else ""
        return f"ola.{ticket.group}{own}"
    target = sla.target_of(ticket, policy)
    special = next((s.name for s in policy.specials if s.target is target), ticket.priority)
    return f"sla.{ticket.sla if ticket.sla in policy.named_targets else special}"


def _length(seconds: int) -> str:
    """Working time in its short form."""
    return hours.format_duration(Duration(seconds=seconds))


def held_for(verdict: Mapping[str, Any]) -> str:
    """How long a group had a ticket that it gave away, as its `handed-over` event says."""
    return f"{verdict['state']}, it had it for {_length(verdict['seconds'])} of {verdict['target']}"


def handed_over_lines(events: Iterable[Event], policy: Policy) -> Iterator[str]:
    """The verdicts on the groups that had the ticket before."""
    for event in events:
        if event.kind == "handed-over":
            since = local(datetime.fromisoformat(event.data["since"]), policy.timezone)
            until = local(event.at, policy.timezone)
            yield f"  ola of {event.data['group']}: {held_for(event.data)}, {since} to {until}"


def clock_lines(one: Clock, ticket: Ticket, policy: Policy, now: datetime) -> Iterator[str]:
    """A clock's statement: what is asked, and the parts that add up to the figure shown."""
    zone = policy.timezone
    more = f" + {_length(int(one.extended.total_seconds()))} extended" if one.extended else ""
    yield (
        f"  {one.kind}: {one.state}, {_length(one.elapsed_seconds)} of {hours.format_duration(one.target)}{more}, "
        f"due {local(one.due_at, zone)} ({target_name(one, ticket, policy)}, calendar {one.calendar})"
    )
    for line in statement.lines(one, ticket, policy, now):
        what = f"ran   {_length(line.seconds)}" if line.ran else f"stood ({_length(line.seconds)} not counted)"
        why = f", waits for {line.why}" if line.why and line.why != "resolved" else ", resolved" if line.why else ""
        yield f"    {local(line.start, zone)} to {local(line.end, zone) or 'now':16}  {what}{why}"
