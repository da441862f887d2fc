"""What every runner works with, and the one way a decision becomes true."""

from dataclasses import dataclass
from datetime import datetime

from maildesk import notify
from maildesk.desk import escalation, sla
from maildesk.desk.model import Decision, Notice
from maildesk.desk.policy import Policy
from maildesk.notify import Templates
from maildesk.settings import Settings
from maildesk.store import outbox, tickets
from maildesk.store.database import Connection, Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """A configured desk with its store. A reload makes a new one and swaps it in whole."""

    settings: Settings
    engine: Engine
    templates: Templates
    key: bytes

    @property
    def policy(self) -> Policy:
        """What the operator decided."""
        return self.settings.policy


def apply(connection: Connection, decision: Decision, desk: Desk, now: datetime) -> None:
    """Write a decision: ticket, journal, conversation and outgoing mails, all in the caller's transaction."""
    if decision.ticket is not None and (decision.events or decision.messages):
        ticket, policy = decision.ticket, desk.policy
        running = (clock.due_at for clock in sla.clocks(ticket, policy, now) if sla.ticks(clock))
        tickets.save(
            connection,
            decision,
            next_check=escalation.next_check(ticket, policy, now),
            due_at=min(running, default=None),
        )
    tell(connection, decision.notices, desk, now)


def tell(connection: Connection, notices: tuple[Notice, ...], desk: Desk, now: datetime) -> None:
    """Put the mails of some notices into the outbox; those whose template is switched off are none."""
    mails = [notify.mail(notice, desk.templates, desk.policy, desk.key, now) for notice in notices]
    wanted = [mail for mail in mails if mail is not None]
    if wanted:
        outbox.put(connection, wanted, now)
