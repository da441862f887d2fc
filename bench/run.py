"""`make bench`: how fast the desk is. BENCH="mails --mails 500" measures one thing, with its options."""

import argparse
from collections.abc import Callable

import compare
import fairness
import idle
import mails
import rules
import similar
import stages
import start
import tick

_PARTS: dict[str, Callable[[argparse.Namespace], None]] = {
    "mails": mails.measure,
    "stages": stages.measure,
    "idle": idle.measure,
    "tick": tick.measure,
    "rules": rules.measure,
    "similar": similar.measure,
    "fairness": fairness.measure,
    "start": start.measure,
    "compare": compare.measure,
}


def main() -> None:
    """What is named, or everything."""
    parser = argparse.ArgumentParser(description="How fast the desk is, on this machine.")
    parser.add_argument("parts", nargs="*", choices=[*_PARTS, []], help="what to measure; everything without a name")
    parser.add_argument("--mails", type=int, default=2_000, help="mails that wait (mails, stages)")
    parser.add_argument("--members", type=int, default=0, help="1: one member a group; 0: the starter's one or two")
    parser.add_argument("--postgres", action="store_true", help="PostgreSQL in the place of SQLite (mails, stages)")
    parser.add_argument("--profile", action="store_true", help="the functions that cost most (stages)")
    parser.add_argument("--deliveries", type=int, default=40, help="mails delivered one by one (idle)")
    parser.add_argument("--write", action="store_true", help="the table and its picture into docs/ (compare)")
    parser.add_argument("--tickets", type=int, default=100_000, help="tickets (tick, similar)")
    chosen = parser.parse_args()
    for part in chosen.parts or list(_PARTS):
        _PARTS[part](chosen)


if __name__ == "__main__":
    main()
