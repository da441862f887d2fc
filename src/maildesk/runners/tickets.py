"""Changes that somebody at the command line orders: the same decisions as by mail, in one transaction."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from maildesk.desk.draft import Draft
from maildesk.desk.model import Decision, Ticket, Work
from maildesk.desk.people import assignment
from maildesk.desk.staff import acting, judging
from maildesk.desk.staff.acting import Act
from maildesk.errors import PermanentError
from maildesk.runners.desk import Desk, apply
from maildesk.store import facts, leaves, messages, tickets
from maildesk.store.database import Connection, transaction


def change(
    desk: Desk, number: int, decide: Callable[[Ticket, Connection], Decision], now: datetime
) -> tuple[Ticket, Ticket]:
    """The ticket before and after a decision about it. Raises PermanentError when there is no such ticket."""
    with transaction(desk.engine) as connection:
        before = tickets.get(connection, number)
        if before is None:
            raise PermanentError(f"there is no ticket {desk.policy.reference}-{number}")
        decision = decide(before, connection)
        apply(connection, decision, desk, now)
        return before, decision.ticket or before


def act(desk: Desk, number: int, what: Act, now: datetime) -> tuple[Ticket, Ticket]:
    """Carry out an act of the staff. Raises PermanentError with what is wrong; then nothing changed."""

    def decide(before: Ticket, connection: Connection) -> Decision:
        found = facts.beside(connection, number, what.orders)
        beside = replace(found, work=_work(connection, desk))
        known = replace(what, request=beside.requests.get(number), beside=beside)
        result = acting.carry_out(before, known, leaves.added(connection, desk.policy), now)
        if isinstance(result, tuple):
            raise PermanentError("; ".join(result))
        return result

    return change(desk, number, decide, now)


def release(desk: Desk, number: int, actor: str, now: datetime) -> tuple[Ticket, Ticket]:
    """Let a held ticket go the usual way. Raises PermanentError when it is not held."""

    def decide(before: Ticket, connection: Connection) -> Decision:
        if not before.held:
            raise PermanentError(f"{desk.policy.reference}-{number} is not held")
        draft = Draft(before, at=now, actor=actor, cause="cli")
        draft.add("released")
        request = messages.requests(connection, [number]).get(number)
        judging.go(draft, desk.policy, now, _work(connection, desk), request)
        return draft.decision("released by hand")

    return change(desk, number, decide, now)


def _work(connection: Connection, desk: Desk) -> Work:
    """What the staff have on their hands, where it matters."""
    return facts.work(connection) if assignment.counts(desk.policy) else Work()
