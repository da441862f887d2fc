"""Several instances on one PostgreSQL: one leads, the others stand by, and take over when it is gone."""

from contextlib import suppress

import structlog

from maildesk import health
from maildesk.daemon.loops import Running
from maildesk.errors import TemporaryError
from maildesk.store import leading
from maildesk.store.database import reading

log = structlog.get_logger("daemon")


def elected(running: Running) -> bool:
    """Wait until this instance leads; False when the stop comes first."""
    engine = running.desk.engine
    before = ""
    while not running.stop.is_set():
        try:
            if leading.take(engine):
                running.pulse.forget("standby")
                return True
            with reading(engine) as connection:
                leader = leading.look(connection)
            running.pulse.ok("standby")
            if leader and leader.who != before:
                before = leader.who
                log.info("standing by", leader=before)
        except TemporaryError as error:
            running.pulse.failing("standby", str(error))
            log.warning("failing", loop="standby", reason=str(error))
        health.sd_notify("READY=1\nWATCHDOG=1")
        running.stop.wait(leading.EVERY)
    return False


def lead_loop(running: Running) -> None:
    """Stay the leader; who is none any more ends, so that nothing of what it thought it knew is left."""
    while not running.stop.is_set():
        try:
            if not leading.take(running.desk.engine):
                log.error("deposed")
                running.deposed = True
                running.stop.set()
                return
            running.pulse.ok("lead")
        except TemporaryError as error:
            running.pulse.failing("lead", str(error))
            log.warning("failing", loop="lead", reason=str(error))
        running.stop.wait(leading.EVERY)


def resign(running: Running) -> None:
    """Whoever stands by need not wait."""
    with suppress(TemporaryError):  # then the lease ends by itself
        leading.release(running.desk.engine)
