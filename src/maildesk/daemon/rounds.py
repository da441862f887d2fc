"""Everything there is to do, once, without threads."""

from collections.abc import Callable

from maildesk import clock, smtp
from maildesk.errors import TemporaryError
from maildesk.runners import intake, mailbox, outbox, reconcile, reports, sla
from maildesk.runners.desk import Desk
from maildesk.sources.base import Source

STEPS = ("mails fetched", "mails decided", "tickets checked", "mails sent")


def once(desk: Desk, now: clock.Clock, did: Callable[[str, int], None] = lambda step, count: None) -> list[str]:
    """Every runner until nothing is left to do. What could not be reached, in plain words; the rest was done.

    `did` hears how much of each of STEPS was just done.
    """
    unreachable: list[str] = []
    sources: list[Source] = []
    for box in desk.settings.mailboxes:
        source = mailbox.source(box, desk.engine, now)
        sources.append(source)
        try:
            did("mails fetched", mailbox.run_once(desk, source, now()))
            reconcile.nightly(desk, source, now())
        except TemporaryError as error:
            unreachable.append(f"mailbox {box.name}: {error}")
    while tried := intake.run_once(desk, now()).tried:
        did("mails decided", tried)
    sla.catch_up(desk, now())
    while ticked := sla.run_once(desk, now()):
        did("tickets checked", ticked)
    reports.run_once(desk, now())
    with smtp.courier(desk.settings.relay) as courier:
        limit = outbox.FEWEST
        while True:
            done = outbox.run_once(desk, courier, now(), limit=limit)
            limit = outbox.larger(limit, done)
            did("mails sent", done.sent)
            if done.relay:
                unreachable.append(f"relay {desk.settings.relay.host}: {done.relay}")
            if done.relay or not done.tried:
                break
    for source in sources:
        mailbox.settle_calmly(desk, source)
        source.close()
    return unreachable
