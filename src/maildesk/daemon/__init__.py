"""The running desk: threads, signals, back-off. The only package that decides when to wait.

`running.py` starts, watches, reloads and stops it; `loops.py` is what its threads do, and how they bear failures;
`rounds.py` does all of it once, without threads; `showing.py` says how the desk is.
"""

from maildesk.daemon.rounds import STEPS, once
from maildesk.daemon.running import run
from maildesk.daemon.showing import status
from maildesk.runners.desk import open_desk

__all__ = ["STEPS", "once", "open_desk", "run", "status"]
