"""maildesk beside other desks: the same mails in the same kind of mailbox, one after the other in one run."""

import argparse
import os
import sqlite3
import subprocess
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import corpus
import ground
import rivals
from show import figures

_PATIENCE = 900.0
_RULE = """\
  - name: bench-{n}
    when: {{any: [{{words: [设备{n}故障, device {n} broken]}}, {{subject_matches: 'asset[ -]?{n}X'}}]}}
    then: {{tags: [bench]}}
"""


@dataclass(frozen=True, slots=True)
class Run:
    """What one desk did with the mails."""

    name: str
    tickets: int
    sent: int
    seconds: float
    cpu: float  # seconds of its own processes
    peak: float  # MB

    def rate(self, mails: int) -> float:
        return mails / self.seconds


def measure(chosen: argparse.Namespace) -> None:
    """Print the table; `--write` also puts it, with a picture, into docs/."""
    raws = list(corpus.mixed(chosen.mails, datetime.now(UTC)))
    runs = [_maildesk(raws, chosen)] + [_rival(raws, make) for make in rivals.RIVALS]
    ours = runs[0]
    count = len(raws)
    figures(
        f"{count:,} mails ({sum(map(len, raws)) / count / 1000:.1f} KB on average), one desk after the other",
        {
            run.name: f"{run.rate(count):6.1f} mails/s  {1000 * run.cpu / count:5.1f} ms CPU a mail  {run.peak:4.0f} MB"
            f"  {run.tickets} tickets, {run.sent} mails sent"
            + ("" if run is ours else f"  maildesk: {run.seconds / ours.seconds:.1f} times as fast")
            for run in runs
        },
    )
    if chosen.write:
        _write(runs, count)


def _maildesk(raws: list[bytes], chosen: argparse.Namespace) -> Run:
    """The starter policy and 500 rules more, until everything is sent."""
    with ground.ground(chosen.members) as g:
        rules = "".join(_RULE.format(n=n) for n in range(500))
        (g.home / "rules" / "90-bench.yaml").write_text(f"rules:\n{rules}")
        g.mailbox.deliver(*raws)
        with ground.daemon(g) as daemon:
            tickets = _settled(g, len(raws))
            spent = daemon.spent()
            taken = g.sink.taken()
        seconds = taken[-1][0] - daemon.ready_at + daemon.ready_after
        return Run("maildesk", tickets, len(taken), seconds, spent.cpu, spent.peak)


def _settled(where: ground.Ground, mails: int) -> int:
    """Wait until every mail is decided and nothing is left to send; how many tickets there are then."""
    deadline = time.monotonic() + _PATIENCE
    with closing(sqlite3.connect(where.home / "state" / "maildesk.db")) as database:
        while time.monotonic() < deadline:
            time.sleep(0.5)
            decided = database.execute("SELECT count(*) FROM inbound WHERE state = 'done'").fetchone()[0]
            waiting = database.execute("SELECT count(*) FROM outbox WHERE state <> 'sent'").fetchone()[0]
            if (decided, waiting) == (mails, 0):
                return int(database.execute("SELECT count(*) FROM ticket").fetchone()[0])
    raise SystemExit(f"after {_PATIENCE:.0f} s {decided} of {mails} mails are decided, {waiting} are not sent")


def _rival(raws: list[bytes], make: Callable[[ground.Ground], rivals.Rival]) -> Run:
    with ground.ground() as g:
        rival = make(g)
        g.mailbox.deliver(*raws)
        with (g.home / "rival.log").open("wb") as log:
            began = time.monotonic()
            process = subprocess.Popen(rival.command, env=rival.environment, stdout=log, stderr=log)
            _, status, usage = os.wait4(process.pid, 0)
            seconds = time.monotonic() - began
            process.returncode = os.waitstatus_to_exitcode(status)
        tickets, sent = rival.tickets(), len(g.sink.taken())
        if tickets < len(raws) // 2:
            said = (g.home / "rival.log").read_text()[-3000:]
            raise SystemExit(f"{rival.name} made {tickets} tickets of {len(raws)} mails:\n{said}")
        return Run(rival.name, tickets, sent, seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1000)


def _write(runs: list[Run], mails: int) -> None:
    """docs/comparison.md and its picture."""
    docs = Path(__file__).resolve().parents[1] / "docs"
    rows = "\n".join(
        f"| {run.name} | {run.rate(mails):.0f} | {1000 * run.cpu / mails:.1f} | {run.peak:.0f} "
        f"| {run.tickets:,} | {run.sent:,} |"
        for run in runs
    )
    (docs / "comparison.md").write_text(_PAGE.format(mails=mails, rows=rows))
    (docs / "comparison.svg").write_text(_picture(runs, mails))


_PAGE = """\
<!-- Made by `make bench BENCH="compare --write"`. -->

# maildesk beside other desks

{mails:,} mails of a week wait in a Dovecot mailbox on the same two cores: Chinese and English, 15 % with files of 50 to
300 KB, replies, delivery reports and out-of-office answers among them. Each desk as its manual sets it up, on SQLite,
the same relay, one after the other in one run. maildesk has the starter's policy and 500 rules more; its time ends when
all mail has left, the time of the others when their command ends, which sends as it goes.

![mails per second](comparison.svg)

| desk | mails/s | CPU ms a mail | peak MB | tickets | mails sent |
|---|---|---|---|---|---|
{rows}

maildesk sends more, since it tells the engineers too. A reply that it can place joins its ticket; an automatic mail
that belongs to none becomes a ticket that is held: nobody is told of it, nobody is answered. The others have marked
mail as deleted on the server before or while they work on it.
"""


def _picture(runs: list[Run], mails: int) -> str:
    """Bars of mails per second."""
    longest = max(run.rate(mails) for run in runs)
    bars = "".join(
        f'<text x="0" y="{40 * n + 25}">{run.name}</text>'
        f'<rect x="130" y="{40 * n + 8}" width="{400 * run.rate(mails) / longest:.0f}" height="24" fill="#2f6f9f"/>'
        f'<text x="{140 + 400 * run.rate(mails) / longest:.0f}" y="{40 * n + 25}">{run.rate(mails):.0f}</text>'
        for n, run in enumerate(runs)
    )
    size = f'width="600" height="{40 * len(runs) + 10}"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="14">{bars}</svg>\n'
