"""A quiet desk: from the delivery of one mail to its accepted acknowledgement, woken by IDLE."""

import argparse
import statistics
import time
from datetime import UTC, datetime
from itertools import count

import corpus
import ground
from show import figures

_PATIENCE = 30.0


def measure(chosen: argparse.Namespace) -> None:
    """Print the middle and the worst."""
    waited = []
    with ground.ground() as g:
        g.mailbox.deliver()
        with ground.daemon(g):
            for number, raw in zip(count(1), corpus.mails(chosen.deliveries, datetime.now(UTC)), strict=False):
                time.sleep(0.6 + 0.037 * (number % 7))  # the desk is back in IDLE, and not always as long
                delivered = time.monotonic()
                g.mailbox.deliver(raw)
                if not g.sink.until(number, _PATIENCE):
                    raise SystemExit(f"mail {number} is not acknowledged after {_PATIENCE:.0f} s")
                waited.append(max(when for when, event in g.sink.taken() if event == "-") - delivered)
    figures(
        f"Delivery to accepted acknowledgement, {chosen.deliveries} mails one by one",
        {
            "half of them within": f"{1000 * statistics.median(waited):.0f} ms",
            "95 of 100 within": f"{1000 * statistics.quantiles(waited, n=20)[-1]:.0f} ms",
            "the slowest": f"{1000 * max(waited):.0f} ms",
        },
    )
