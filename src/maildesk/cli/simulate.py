"""`simulate`: other rules over the tickets that there are, beside the ones that hold."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from maildesk import clock
from maildesk.cli.common import Json, config, config_file, emit, local, records, say, table
from maildesk.desk.clocks import simulation
from maildesk.desk.clocks.simulation import Verdict
from maildesk.desk.model import Ticket
from maildesk.desk.policy import Policy
from maildesk.settings import proposed
from maildesk.store import tickets
from maildesk.store.database import reading


def simulate(
    rules: Annotated[
        Path, typer.Argument(help="A YAML file or a folder of them; what it does not name stays as it is.")
    ],
    generated: Annotated[int, typer.Option(min=0, help="So many made-up tickets in place of the stored ones.")] = 0,
    limit: Annotated[int, typer.Option(min=1, help="At most so many stored tickets, the newest.")] = 100_000,
    as_json: Json = False,
) -> None:
    """Say which targets would have been missed under other rules. It changes nothing and mails nobody."""
    old, new = config().policy, proposed(config_file(), rules)
    found = list(simulation.verdicts(_tickets(generated, limit, old), old, new, clock.now()))
    if as_json:
        emit(asdict(one) for one in found)
        return
    table(("clock", "priority", "tickets", "missed now", "missed then"), _sums(found), empty="There are no tickets.")
    changed = [one for one in found if one.old != one.new]
    if changed and not generated:
        say("")
        zone, prefix = old.timezone, old.reference
        table(
            ("ticket", "clock", "now", "then", "due now", "due then"),
            [
                (
                    f"{prefix}-{v.ticket}",
                    v.kind,
                    _word(v.old),
                    _word(v.new),
                    local(v.old_due, zone),
                    local(v.new_due, zone),
                )
                for v in changed
            ],
            empty="",
        )


def _tickets(generated: int, limit: int, policy: Policy) -> Iterable[Ticket]:
    if generated:
        return simulation.generated(generated, policy, clock.now())
    with records() as opened, reading(opened.engine) as connection:
        return tickets.listing(connection, limit=limit)[::-1]


def _sums(found: list[Verdict]) -> list[tuple[object, ...]]:
    """One row a clock and priority, the priority being the one that holds now."""
    keys = sorted({(v.kind, v.old_priority) for v in found})
    rows: list[tuple[object, ...]] = []
    for kind, priority in keys:
        these = [v for v in found if (v.kind, v.old_priority) == (kind, priority)]
        old, new = sum(v.old is True for v in these), sum(v.new is True for v in these)
        rows.append((kind, priority, len(these), old, f"{new} ({new - old:+})" if new != old else new))
    return rows


def _word(breached: bool | None) -> str:
    return "no clock" if breached is None else "missed" if breached else "in time"


def register(app: typer.Typer) -> None:
    """Add this command."""
    app.command()(simulate)
