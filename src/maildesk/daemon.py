"""The running desk: threads, signals, back-off. The only module that decides when to wait."""

import signal
import threading
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import structlog

from maildesk import clock, health, notify, settings, smtp
from maildesk.errors import ConfigError, TemporaryError
from maildesk.health import Pulse
from maildesk.runners import alarms, intake, mailbox, outbox, sla
from maildesk.runners.desk import Desk
from maildesk.settings import Settings
from maildesk.sources.base import Source
from maildesk.store import database, figures

log = structlog.get_logger("daemon")
LONGEST_BACK_OFF = 45.0  # seconds; with jitter below a minute, so that a cure shows within one
FAILURES_BEFORE_ALARM = 3
STOP_WITHIN = 9.0
STEPS = ("mails fetched", "mails decided", "tickets checked", "mails sent")  # of `once`


@dataclass(slots=True)
class Running:
    """What the threads share. `desk` is swapped whole by a reload."""

    desk: Desk
    pulse: Pulse
    stop: threading.Event = field(default_factory=threading.Event)
    mail_came: threading.Event = field(default_factory=threading.Event)
    decided: threading.Event = field(default_factory=threading.Event)
    mail_waits: threading.Event = field(default_factory=threading.Event)


def open_desk(config: Settings, *, create: bool = False) -> Desk:
    """A desk on its store. A new, empty database is made; an old one must have been upgraded.

    Raises ConfigError and TemporaryError.
    """
    config.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = database.connect(config.store_url)
    if create and database.is_empty(engine):
        database.upgrade(config.store_url)
    database.check_schema(engine)
    templates = notify.load(settings.starter() / "templates", config.templates)
    return Desk(settings=config, engine=engine, templates=templates, key=settings.key(config.state))


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
        except TemporaryError as error:
            unreachable.append(f"mailbox {box.name}: {error}")
    while tried := intake.run_once(desk, now()).tried:
        did("mails decided", tried)
    while ticked := sla.run_once(desk, now()):
        did("tickets checked", ticked)
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
        _settle(desk, source)
        source.close()
    return unreachable


def _settle(desk: Desk, source: Source) -> None:
    """Cosmetic: a server that refuses a mark is no reason to stop reading it."""
    try:
        mailbox.settle(desk, source)
    except TemporaryError as error:
        log.warning("not settled", mailbox=source.account, reason=str(error))


def run(file: Path) -> None:
    """The daemon: until SIGTERM or SIGINT. Raises ConfigError and TemporaryError when it cannot start."""
    config = settings.load(file)
    config.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    with database.lock_state(config.state):
        desk = open_desk(config, create=True)
        outbox.recover(desk, clock.now())
        intake.suspects(desk, clock.now)
        running = Running(desk=desk, pulse=Pulse())
        reload = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: running.stop.set())
        signal.signal(signal.SIGINT, lambda *_: running.stop.set())
        signal.signal(signal.SIGHUP, lambda *_: reload.set())
        with (
            smtp.courier(config.relay) as courier,
            closing(
                health.serve(
                    config.state, running.pulse, lambda: status(running.desk, running.pulse), config.health_port
                )
            ),
        ):
            threads = _start(running, courier)
            log.info("running", mailboxes=[m.name for m in config.mailboxes], config=str(file))
            health.sd_notify("READY=1")
            _watch(running, reload, file)
            health.sd_notify("STOPPING=1")
            courier.stop()
            _join(threads)
        log.info("stopped")


def _start(running: Running, courier: smtp.Courier) -> list[threading.Thread]:
    loops: dict[str, Callable[[], None]] = {
        "intake": lambda: _intake_loop(running),
        "outbox": lambda: _outbox_loop(running, courier),
        "sla": lambda: _sla_loop(running),
    }
    for box in running.desk.settings.mailboxes:
        loops[f"mailbox:{box.name}"] = lambda box=box: _mailbox_loop(running, box)  # type: ignore[misc]
    threads = [threading.Thread(target=loop, name=name, daemon=True) for name, loop in loops.items()]
    for thread in threads:
        running.pulse.starting(thread.name)
        thread.start()
    return threads


def _watch(running: Running, reload: threading.Event, file: Path) -> None:
    """The main thread: feeds the watchdog while every loop beats, reloads on SIGHUP."""
    every = min(health.watchdog_interval() or 10.0, 10.0) / 2
    last_fed = clock.monotonic()
    while not running.stop.wait(0.25):
        if reload.is_set():
            reload.clear()
            _reload(running, file)
        if clock.monotonic() - last_fed >= every:
            last_fed = clock.monotonic()
            stuck = running.pulse.stuck()
            if stuck:
                log.error("stuck", loops=stuck)
            else:
                health.sd_notify("WATCHDOG=1")


def _reload(running: Running, file: Path) -> None:
    """New rules, templates and policy, whole or not at all; mailboxes, relay and store wait for a restart."""
    health.sd_notify(f"RELOADING=1\nMONOTONIC_USEC={clock.monotonic() * 1e6:.0f}")
    old = running.desk
    try:
        config = settings.load(file)
        templates = notify.load(settings.starter() / "templates", config.templates)
        running.desk = Desk(settings=config, engine=old.engine, templates=templates, key=old.key)
        fixed = ("mailboxes", "relay", "store_url", "state", "health_port")
        later = [name for name in fixed if getattr(config, name) != getattr(old.settings, name)]
        log.info("reloaded", restart_needed_for=later)
    except ConfigError as error:
        for problem in error.problems:
            log.error("reload refused", problem=str(problem))
    except Exception as error:
        log.exception("reload refused", problem=str(error))
    finally:
        health.sd_notify("READY=1")


def _join(threads: list[threading.Thread]) -> None:
    deadline = clock.monotonic() + STOP_WITHIN
    for thread in threads:
        thread.join(max(0.0, deadline - clock.monotonic()))
    late = [thread.name for thread in threads if thread.is_alive()]
    if late:
        log.warning("left behind; nothing is lost, it is taken up again at the next start", loops=late)


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


def _mailbox_loop(running: Running, box: mailbox.Settings) -> None:
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
        _settle(running.desk, source)
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


def _intake_loop(running: Running) -> None:
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


def _outbox_loop(running: Running, courier: smtp.Courier) -> None:
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


def _sla_loop(running: Running) -> None:
    def step() -> None:
        began = clock.monotonic()
        while not running.stop.is_set() and sla.run_once(running.desk, clock.now()):
            running.mail_waits.set()
        running.pulse.ok("sla", seconds=clock.monotonic() - began)
        running.stop.wait(2.0)

    _guarded(running, "sla", step, lambda reason, failures: None)


def status(desk: Desk, pulse: Pulse | None) -> dict[str, Any]:
    """What `maildesk status --json` shows (FORMATS, JSON). Without a pulse no daemon is running."""
    beats = pulse.snapshot() if pulse else {}
    with database.reading(desk.engine) as connection:
        return {
            "running": pulse is not None,
            "leader": pulse is not None,
            "mailboxes": [_mailbox_status(box.name, beats, connection) for box in desk.settings.mailboxes],
            **figures.desk(connection, clock.now()),
            "threads": beats,
        }


def _mailbox_status(name: str, beats: Mapping[str, Any], connection: database.Connection) -> dict[str, Any]:
    beat = beats.get(f"mailbox:{name}", {})
    return {
        "name": name,
        "state": beat.get("state", "stopped"),
        "reason": beat.get("reason", ""),
        "last_poll": beat.get("last_ok"),
        "waiting": figures.waiting(connection, name),
    }
