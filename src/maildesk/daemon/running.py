"""The daemon's main thread: start, signals, watchdog, reload, stop."""

import signal
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import structlog

from maildesk import clock, health, settings, smtp
from maildesk.daemon import changes, heap, loops, standing_by
from maildesk.daemon.loops import Running
from maildesk.daemon.showing import status
from maildesk.errors import ConfigError, TemporaryError
from maildesk.health import Pulse
from maildesk.runners import alarms, intake, outbox, signing
from maildesk.runners.desk import Desk, open_desk, read_templates
from maildesk.runners.knowledge import read_shelves
from maildesk.store import database, leading

log = structlog.get_logger("daemon")
STOP_WITHIN = 9.0


def run(file: Path) -> None:
    """The daemon: until SIGTERM or SIGINT. Raises ConfigError and TemporaryError when it cannot start."""
    heap.share()
    heap.collect_less()
    stop, reload = threading.Event(), threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    signal.signal(signal.SIGHUP, lambda *_: reload.set())
    serve(file, stop, reload)


def serve(file: Path, stop: threading.Event, reload: threading.Event) -> None:
    """The daemon without its signals."""
    config = settings.load(file)
    config.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    with database.lock_state(config.state):
        desk = open_desk(config, create=True)
        desk = replace(desk, engine=leading.fenced(desk.engine))
        running = Running(desk=desk, pulse=Pulse(), stop=stop)
        try:
            with closing(_window(running)):
                if standing_by.elected(running):
                    signing.begin(desk, desk.key, clock.now())
                    outbox.recover(desk, clock.now())
                    intake.suspects(desk, clock.now)
                    _serve(running, reload, file)
        finally:
            standing_by.resign(running)
            desk.engine.dispose()
    if running.deposed:
        raise TemporaryError("another instance leads now: this one ends and stands by at its next start")


def _window(running: Running) -> health.Served:
    config = running.desk.settings
    return health.serve(config.state, running.pulse, lambda: status(running.desk, running.pulse), config.health_port)


def _serve(running: Running, reload: threading.Event, file: Path) -> None:
    config = running.desk.settings
    with smtp.courier(config.relay) as courier:
        threads = _start(running, courier)
        log.info("running", mailboxes=[m.name for m in config.mailboxes], config=str(file))
        health.sd_notify("READY=1")
        _watch(running, reload, file)
        health.sd_notify("STOPPING=1")
        courier.stop()
        _join(threads)
    log.info("stopped")


def _start(running: Running, courier: smtp.Courier) -> list[threading.Thread]:
    jobs: dict[str, Callable[[], None]] = {
        "intake": lambda: loops.intake_loop(running),
        "outbox": lambda: loops.outbox_loop(running, courier),
        "sla": lambda: loops.sla_loop(running),
        "reports": lambda: loops.report_loop(running),
    }
    if leading.term_of(running.desk.engine):
        jobs["lead"] = lambda: standing_by.lead_loop(running)
    for box in running.desk.settings.mailboxes:
        jobs[f"mailbox:{box.name}"] = lambda box=box: loops.mailbox_loop(running, box)  # type: ignore[misc]
    threads = [threading.Thread(target=job, name=name, daemon=True) for name, job in jobs.items()]
    for thread in threads:
        running.pulse.starting(thread.name)
        thread.start()
    return threads


def _watch(running: Running, reload: threading.Event, file: Path) -> None:
    """The main thread: feeds the watchdog while every loop beats, reloads on SIGHUP and when files changed."""
    every = min(health.watchdog_interval() or 10.0, 10.0) / 2
    last_fed = clock.monotonic()
    files = changes.Files(file, running.desk.settings.state / "key")
    while not running.stop.wait(0.25):
        if reload.is_set() or files.changed():
            reload.clear()
            files.read()
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
        failed = settings.tried(config, clock.now())
        if failed:
            raise ConfigError(failed)
        keys = settings.key(old.settings.state)
        if keys != old.key:
            signing.begin(old, keys, clock.now())
        running.desk = Desk(
            settings=config, engine=old.engine, templates=read_templates(config), shelves=read_shelves(config), key=keys
        )
        running.policy_changed.set()
        fixed = ("mailboxes", "relay", "store_url", "store_secret", "state", "health_port")
        later = [name for name in fixed if getattr(config, name) != getattr(old.settings, name)]
        log.info("reloaded", restart_needed_for=later)
        alarms.cleared(running.desk, "configuration", clock.now(), part="configuration", what=str(file.parent))
    except ConfigError as error:
        for problem in error.problems:
            log.error("reload refused", problem=str(problem))
        _tell_refused(old, file, list(map(str, error.problems)))
    except Exception as error:
        log.exception("reload refused", problem=str(error))
    finally:
        heap.give_back()
        health.sd_notify("READY=1")


def _tell_refused(desk: Desk, file: Path, problems: list[str]) -> None:
    """The owner hears once that what he wrote is not in force, until it is mended."""
    more = f" ({len(problems) - 3} more)" if len(problems) > 3 else ""
    alarms.raised(
        desk,
        "configuration",
        clock.now(),
        part="configuration",
        what=str(file.parent),
        reason="; ".join(problems[:3]) + more,
        advice="maildesk check",
    )


def _join(threads: list[threading.Thread]) -> None:
    deadline = clock.monotonic() + STOP_WITHIN
    for thread in threads:
        thread.join(max(0.0, deadline - clock.monotonic()))
    late = [thread.name for thread in threads if thread.is_alive()]
    if late:
        log.warning("left behind; nothing is lost, it is taken up again at the next start", loops=late)
