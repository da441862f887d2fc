"""`sla explain`: where each figure of a ticket's clocks comes from."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import typer

from maildesk import clock
from maildesk.cli.common import Json, emit, local, say
from maildesk.cli.numbers import Number
from maildesk.cli.stating import clock_lines, handed_over_lines, target_name
from maildesk.cli.tickets import looking
from maildesk.desk.clocks import hours, sla, statement
from maildesk.desk.clocks.sla import Clock
from maildesk.desk.model import Event, Ticket
from maildesk.desk.policy import Policy
from maildesk.mail.subject import reference
from maildesk.store import journal


def explain(ticket: Number, as_json: Json = False) -> None:
    """Say how long each clock of a ticket ran and stood still, what it is due by, and whom its ladder tells when."""
    now = clock.now()
    with looking(ticket) as (opened, connection, found):
        policy = opened.policy
        clocks = sla.clocks(found, policy, now)
        past = journal.events(connection, found.number)
        if as_json:
            emit([*(_shape(one, found, policy, now) for one in clocks), *_handed_over(found, past)])
            return
        say(f"{reference(found.number, policy.reference)} {found.subject}")
        if not clocks:
            why = f"it is held ({found.held})" if found.held else f"there is no target for {found.priority}"
            say(f"It has no clocks: {why}.")
        for one in clocks:
            for line in (*clock_lines(one, found, policy, now), *_ladder(one, found, policy)):
                say(line)
        for line in handed_over_lines(past, policy):
            say(line)


def _handed_over(ticket: Ticket, past: Iterable[Event]) -> Iterator[dict[str, Any]]:
    for event in past:
        if event.kind == "handed-over":
            yield {
                "ticket": ticket.number,
                "kind": "ola",
                "group": event.data["group"],
                "target": event.data["target"],
                "from": f"ola.{event.data['group']}",
                "calendar": "",
                "extended_seconds": 0,
                "state": event.data["state"],
                "started_at": datetime.fromisoformat(event.data["since"]),
                "due_at": None,
                "stopped_at": event.at,
                "elapsed_seconds": event.data["seconds"],
                "intervals": [],
                "rungs": [],
            }


def _ladder(one: Clock, ticket: Ticket, policy: Policy) -> Iterator[str]:
    for step in statement.steps(one, ticket, policy):
        when = local(step.moment, policy.timezone) or "while it runs"
        silent = f", stopped by {ticket.ladder_stopped}" if ticket.ladder_stopped and not step.passed else ""
        asked = f", asks in {step.rung.ask_in}" if step.rung.ask_in else ""
        tells = f"tells {', '.join(step.rung.tell)}{asked}{silent}"
        yield f"    {step.rung.at}: {'passed' if step.passed else when}, {tells}"
    for name in ticket.seen:
        person, kind, stage = name.rsplit(" ", 2)
        if kind == one.kind:
            yield f"    acknowledged by {person}: told no more of {'it' if stage == 'breached' else 'its warnings'}"


def _shape(one: Clock, ticket: Ticket, policy: Policy, now: datetime) -> dict[str, Any]:
    return {
        "ticket": ticket.number,
        "kind": one.kind,
        "group": ticket.group if one.kind == "ola" else "",
        "target": hours.format_duration(one.target),
        "from": target_name(one, ticket, policy),
        "calendar": one.calendar,
        "extended_seconds": int(one.extended.total_seconds()),
        "state": one.state,
        "started_at": one.started_at,
        "due_at": one.due_at,
        "stopped_at": one.stopped_at,
        "elapsed_seconds": one.elapsed_seconds,
        "intervals": [
            {
                "from": line.start,
                "to": line.end,
                "state": "ran" if line.ran else "stood",
                "seconds": line.seconds,
                "why": line.why,
            }
            for line in statement.lines(one, ticket, policy, now)
        ],
        "rungs": [
            {
                "at": step.rung.at,
                "tell": list(step.rung.tell),
                "ask_in": step.rung.ask_in,
                "moment": step.moment,
                "passed": step.passed,
            }
            for step in statement.steps(one, ticket, policy)
        ],
    }


def register(app: typer.Typer) -> None:
    """Add these commands."""
    group = typer.Typer(help="Service levels.", no_args_is_help=True)
    group.command()(explain)
    app.add_typer(group, name="sla")
