"""Several desks on one PostgreSQL, and a PostgreSQL that dies: one leads, nothing is lost, nothing comes twice."""

import json
import re
import shutil
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

import psycopg
import pytest

from crash import desks
from crash.desks import Home
from crash.harness import World, at_rest, until, world
from crash.mails import mails, verdict, wanted
from fixtures.dovecot import Dovecot
from fixtures.postgres import Server, needed, server
from maildesk import health
from maildesk.errors import TemporaryError

TAKE_OVER = 30.0  # seconds
PORTION = 8  # mails that come between two faults
LADDER = """
sla: {P4: {calendar: always, response: 1m, resolution: 90d, ladder: {response: quick}}}
ladders: {quick: [{at: 50%, tell: [lead]}, {at: 100%, tell: [lead]}]}
"""


@dataclass(slots=True)
class Crew:
    """Some instances on one database. The place of each says whether it runs."""

    where: World
    homes: list[Home]
    url: str
    running: dict[int, subprocess.Popen[bytes]] = field(default_factory=dict)

    def start(self) -> None:
        """All that do not run."""
        for number, home in enumerate(self.homes):
            if number not in self.running or self.running[number].poll() is not None:
                self.running[number] = desks.maildesk(home).start()

    def leaders(self) -> list[int]:
        """Who says that he leads, of those that answer."""
        found = []
        for number, home in enumerate(self.homes):
            with suppress(TemporaryError):
                answer = health.ask(home.folder / "state") if self.running[number].poll() is None else None
                found += [number] if answer and answer["leader"] else []
        return found

    def leader(self) -> int:
        """The one that leads, as soon as there is one."""
        until(lambda: self.leaders() != [], TAKE_OVER, "an instance leads")
        (one,) = self.leaders()
        return one

    def sql(self, statement: bytes) -> None:
        """Something from outside happens to the database."""
        with psycopg.connect(self.url, autocommit=True) as admin:
            admin.execute(statement)

    def killed(self) -> None:
        """The leader dies, and its lease runs out sooner than it would."""
        desks.kill(self.running[self.leader()])
        self.sql(b"UPDATE leader SET until = now() - interval '1 s'")

    def stopped(self) -> None:
        """The leader is stopped in order."""
        process = self.running[self.leader()]
        process.send_signal(signal.SIGTERM)
        assert process.wait(15) == 0

    def cut_off(self) -> None:
        """Every connection to the database ends, in whatever it was doing."""
        self.sql(
            b"SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            b" WHERE application_name = 'maildesk' AND pid <> pg_backend_pid()"
        )

    def end(self) -> None:
        for process in self.running.values():
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in self.running.values():
            process.wait(20)

    def end_by_force(self) -> None:
        for process in self.running.values():
            desks.kill(process)

    def assert_clean(self, fed: list[bytes]) -> None:
        desk = desks.maildesk(self.homes[0])
        desk.finish()
        outcome = verdict(fed, desk.subjects(), self.where.sink.mails)
        assert outcome.clean, outcome


@contextmanager
def crew(folder: Path, dovecot: Dovecot, database: Server, count: int, rules: str = desks.RULES) -> Iterator[Crew]:
    """Instances that are ready to start; dead at the end."""
    more = f'\n[store]\nurl = "{database.url}"\n'
    with world(folder / "0", dovecot, poll="1s", more=more, rules=rules) as where, ExitStack() as end:
        homes = [where.home]
        for number in range(1, count):
            home = desks.home(folder / str(number), dovecot, where.home.imap, where.home.smtp, "1s", more, rules)
            shutil.copy(where.home.folder / "state" / "key", home.folder / "state" / "key")
            homes.append(home)
        made = Crew(where, homes, database.url)
        end.callback(made.end_by_force)
        yield made


@pytest.fixture
def database() -> Iterator[Server]:
    """A server that keeps what it has committed when it is killed."""
    with server(needed(), synchronous_commit="on", full_page_writes="on") as made:
        yield made


@pytest.mark.parametrize(
    ("count", "rounds"), [(2, 3), pytest.param(3, 20, marks=[pytest.mark.long, pytest.mark.timeout(1800)])]
)
def test_instances_that_die_stop_or_are_cut_off_lose_nothing_and_double_nothing(
    tmp_path: Path, dovecot: Dovecot, database: Server, count: int, rounds: int
) -> None:
    fed = mails(PORTION * rounds)
    with crew(tmp_path, dovecot, database, count) as made:
        made.start()
        other = (made.leader() + 1) % count
        said = desks.command(made.homes[other], "status").stdout
        assert re.match(r"Standing by; \S+ leads\.\n", said), said
        for number in range(rounds):
            behind = len(made.where.sink.mails)
            dovecot.deliver(*fed[PORTION * number : PORTION * (number + 1)])
            made.where.sink.wait_for(behind + 4, 30)
            (made.killed, made.stopped, made.cut_off)[number % 3]()
            made.start()
        made.leader()
        made.end()
        made.assert_clean(fed)


@contextmanager
def load(dovecot: Dovecot, fed: list[bytes], every: float) -> Iterator[Thread]:
    """The mails come one after the other in the background, for the time of the block at most."""
    stop = Event()

    def deliver() -> None:
        for raw in fed:
            dovecot.deliver(raw)
            if stop.wait(every):
                return

    thread = Thread(target=deliver, daemon=True)
    thread.start()
    try:
        yield thread
    finally:
        stop.set()
        thread.join(10)


def rungs(url: str) -> Counter[tuple[int, str]]:
    """How often each ticket's clock passed each rung of its ladder."""
    with psycopg.connect(url) as connection:
        rows = connection.execute(b"SELECT ticket, data FROM event WHERE kind IN ('escalated', 'rung-skipped')")
        return Counter((number, json.loads(data)["at"]) for number, data in rows)


@pytest.mark.long
@pytest.mark.timeout(1800)
def test_three_instances_under_load_escalate_once_and_follow_a_dead_leader_within_thirty_seconds(
    tmp_path: Path, dovecot: Dovecot, database: Server
) -> None:
    fed = mails(400)
    with crew(tmp_path, dovecot, database, 3, desks.RULES + LADDER) as made:
        made.start()
        made.leader()
        with load(dovecot, fed, 0.4) as feeding:
            for number in range(8):
                feeding.join(4)
                if number % 2:
                    made.cut_off()
                else:
                    desks.kill(made.running[made.leader()])
                    made.leader()  # within 30 s, by itself
                    made.start()
            feeding.join(300)
        until(lambda: at_rest(made.where, len(fed), made.homes[made.leader()]), 60, "all is done")
        time.sleep(70)  # the youngest ticket passes its last rung
        made.end()
        found = rungs(made.url)
        made.assert_clean(fed)
    tickets = sum(wanted(fed).values())
    assert set(found.values()) == {1}, found
    assert Counter(at for _, at in found) == {"50%": tickets, "100%": tickets}


@pytest.mark.long
@pytest.mark.timeout(300)
def test_a_dead_leader_is_followed_within_thirty_seconds(tmp_path: Path, dovecot: Dovecot, database: Server) -> None:
    with crew(tmp_path, dovecot, database, 2) as made:
        made.start()
        dead = made.leader()
        desks.kill(made.running[dead])
        assert made.leader() == 1 - dead


@pytest.mark.parametrize("kills", [1, pytest.param(20, marks=[pytest.mark.long, pytest.mark.timeout(1800)])])
def test_a_database_that_is_killed_again_and_again_loses_nothing_and_doubles_nothing(
    tmp_path: Path, dovecot: Dovecot, database: Server, kills: int
) -> None:
    fed = mails(PORTION * kills)
    with crew(tmp_path, dovecot, database, 1) as made:
        made.start()
        for number in range(kills):
            behind = len(made.where.sink.mails)
            dovecot.deliver(*fed[PORTION * number : PORTION * (number + 1)])
            made.where.sink.wait_for(behind + 4, 60)
            database.kill()
            database.start()
            assert made.running[0].poll() is None, "the desk lives on"
        made.end()
        made.assert_clean(fed)
