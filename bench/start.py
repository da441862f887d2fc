"""How long the command line and the daemon take to be there."""

import argparse
import statistics
import subprocess
import sys
import time

import ground
from show import figures

_TIMES = 5


def measure(_chosen: argparse.Namespace) -> None:
    """Print the medians."""
    with ground.ground() as g:
        ready = []
        for _ in range(_TIMES + 1):
            with ground.daemon(g) as daemon:
                ready.append(daemon.ready_after)
        config = ("--config", str(g.config))
        shown = {"maildesk --version": _timed("--version"), "maildesk ticket list": _timed(*config, "ticket", "list")}
    figures(
        "Start",
        shown
        | {
            "run, on a new database, to READY=1": f"{ready[0]:.2f} s",
            "run, again, to READY=1": f"{statistics.median(ready[1:]):.2f} s",
        },
    )


def _timed(*words: str) -> str:
    taken = []
    for _ in range(_TIMES):
        begun = time.monotonic()
        subprocess.run([sys.executable, "-m", "maildesk", *words], check=True, stdout=subprocess.DEVNULL)
        taken.append(time.monotonic() - begun)
    return f"{statistics.median(taken):.2f} s"
