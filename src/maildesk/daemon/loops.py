"""What the daemon's threads do, each in a loop that bears every failure."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from maildesk import clock, smtp
from maildesk.errors import TemporaryError
from maildesk.health import Pulse
from maildesk.runners import alarms, intake, mailbox, outbox, reconcile, reports, sla
from maildesk.runners.desk import Desk

log = structlog.get_logger("daemon")
LONGEST_BACK_OFF = 45.0  # seconds; with jitter below a minute, so that a cure shows within one
FAILURES_BEFORE_ALARM = 3
CLOCK_STEP = 120.0  # seconds by which the wall clock may run away from the monotonic one


@dataclass(slots=True)
class Running:
    """What the threads share. `desk` is swapped whole by a reload."""

    desk: Desk
    pulse: Pulse
    stop: threading.Event
    deposed: bool = False  # another instance leads now
    mail_came: threading.Event = field(default_factory=threading.Event)
    decided: threading.Event = field(default_factory=threading.Event)
    mail_waits: threading.Event = field(default_factory=threading.Event)
    policy_changed: threading.Event = field(default_factory=threading.Event)


def _guarded(running: Running, name: str, step: Callable[[], None], failed: Callable[[str, int], None]) -> None:
    """Run a loop's step until the stop; what fails is waited out, 1 s to 45 s, and tried again."""
    failures = 0
    while not running.stop.is_set():
        try:
            step()
            failures = 0
        except Exception as error:
            failures += 1
            known = isinstance(error, TemporaryError)
            reason = str(error) if known else f"{type(error).__name__}: {error}"
            running.pulse.failing(name, reason)
            log.warning("failing", loop=name, reason=reason, times=failures, exc_info=not known)
            try:
                failed(reason, failures)
            except Exception as second:
                log.warning("alarm not kept", loop=name, reason=str(second))
            delay = timedelta(seconds=min(2.0 ** (failures - 1), LONGEST_BACK_OFF))
            running.stop.wait(clock.jitter(delay).total_seconds())


def mailbox_loop(running: Running, box: mailbox.Settings) -> None:
    source = mailbox.source(box, running.desk.engine, clock.now)
    name = f"mailbox:{box.name}"

    def step() -> None:
        count = mailbox.run_once(running.desk, source, clock.now())
        running.pulse.ok(name, taken=count)
        alarms.cleared(running.desk, name, clock.now(), part="mailbox", what=box.name, waited=count)
        if count:
            running.decided.clear()
            running.mail_came.set()
            running.decided.wait(10)
        mailbox.settle_calmly(running.desk, source)
        reconcile.nightly(running.desk, source, clock.now())
        source.wait(running.stop, box.poll)

    def failed(reason: str, failures: int) -> None:
        source.close()
        if failures == FAILURES_BEFORE_ALARM:
            alarms.raised(
                running.desk,
                name,
                clock.now(),
                part="mailbox",
                what=box.name,
                reason=reason,
                advice="maildesk check --connect",
            )

    _guarded(running, name, step, failed)
    source.close()


def intake_loop(running: Running) -> None:
    owed = intake.Owed()

    def step() -> None:
        running.mail_came.clear()
        while not running.stop.is_set() and (batch := intake.run_once(running.desk, clock.now(), owed)).tried:
            running.pulse.ok("intake", decided=batch.tried, opened=batch.opened)
            running.mail_waits.set()
        running.pulse.ok("intake")
        running.decided.set()
        running.mail_came.wait(1.0)

    _guarded(running, "intake", step, lambda reason, failures: None)


def outbox_loop(running: Running, courier: smtp.Courier) -> None:
    host = running.desk.settings.relay.host
    owed = outbox.Owed()
    limit = outbox.FEWEST
    refusals, why = 0, ""  # in a row: between two the relay rests for a minute, and the loop has nothing to do

    def step() -> None:
        nonlocal limit, refusals, why
        running.mail_waits.clear()
        while not running.stop.is_set():
            done = outbox.run_once(running.desk, courier, clock.now(), owed=owed, limit=limit)
            limit = outbox.larger(limit, done)
            if done.relay:
                refusals, why = refusals + 1, f"relay {host}: {done.relay}"
                if refusals == FAILURES_BEFORE_ALARM:
                    _relay_alarm(running, host, done.relay)
                raise TemporaryError(why)
            if not done.tried:
                break
            refusals = 0
            running.pulse.ok("outbox", sent=done.sent, deferred=done.deferred, dead=done.dead)
            if done.sent:
                alarms.cleared(running.desk, "relay", clock.now(), part="relay", what=host)
        if refusals:
            running.pulse.failing("outbox", why)
        else:
            running.pulse.ok("outbox")
        running.mail_waits.wait(1.0)

    _guarded(running, "outbox", step, lambda reason, failures: None)


def _relay_alarm(running: Running, host: str, reason: str) -> None:
    advice = "maildesk check --connect"
    alarms.raised(running.desk, "relay", clock.now(), part="relay", what=host, reason=reason, advice=advice)


def sla_loop(running: Running) -> None:
    looked = (clock.now(), clock.monotonic())
    anew: int | None = 0  # the last ticket whose schedule was set anew: the policy may have changed since the last run
    moved = 0

    def step() -> None:
        nonlocal looked, anew, moved
        before, looked = looked, (clock.now(), clock.monotonic())
        stepped = (looked[0] - before[0]).total_seconds() - (looked[1] - before[1])
        if abs(stepped) > CLOCK_STEP:
            alarms.clock_stepped(running.desk, before[0], looked[0], stepped)
            running.stop.wait(2.0)
            return
        if running.policy_changed.is_set():
            running.policy_changed.clear()
            anew = moved = 0
        if anew is not None:
            last, fresh = sla.policy_changed(running.desk, clock.now(), anew)
            anew, moved = last or None, moved + fresh
            if anew is None:
                log.info("deadlines set anew", tickets=moved)
        began = clock.monotonic()
        while not running.stop.is_set() and sla.run_once(running.desk, clock.now()):
            running.mail_waits.set()
        running.pulse.ok("sla", seconds=clock.monotonic() - began)
        running.stop.wait(2.0 if anew is None else 0.1)  # the rest of the tickets soon, a tick between them and mail

    _guarded(running, "sla", step, lambda reason, failures: None)


def report_loop(running: Running) -> None:
    """Reports have a thread of their own: one over many tickets takes seconds, and no tick is to wait for it."""

    def step() -> None:
        if reports.run_once(running.desk, clock.now()):
            running.mail_waits.set()
        running.pulse.ok("reports")
        running.stop.wait(5.0)

    _guarded(running, "reports", step, lambda reason, failures: None)
