"""Prometheus metrics, made at each scrape from the pulse and the status: no second book of numbers to keep."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, SummaryMetricFamily
from prometheus_client.registry import Collector

from maildesk.health.pulse import Pulse

Status = Callable[[], dict[str, Any]]

_TOTALS = (  # thread, its number, metric, what it says
    ("intake", "opened", "maildesk_tickets_opened", "Tickets opened"),
    ("outbox", "sent", "maildesk_mails_sent", "Mails the relay took"),
    ("outbox", "deferred", "maildesk_mails_deferred", "Attempts put off"),
    ("outbox", "dead", "maildesk_mails_dead", "Mails given up"),
)
_WAITING = ("ready", "deferred", "held", "dead")
_MAILBOX = "mailbox:"


class _Desk(Collector):
    def __init__(self, pulse: Pulse, status: Status) -> None:
        self._pulse = pulse
        self._status = status

    def collect(self) -> Iterator[Metric]:
        beats = self._pulse.snapshot()
        for thread, number, name, documentation in _TOTALS:
            yield CounterMetricFamily(name, documentation, value=_total(beats, thread, number))
        yield from _mailboxes(beats)
        yield SummaryMetricFamily(
            "maildesk_sla_tick_seconds",
            "Duration of the SLA ticks",
            count_value=beats.get("sla", {}).get("beats", 0),
            sum_value=_total(beats, "sla", "seconds"),
        )
        running = GaugeMetricFamily("maildesk_thread_ok", "1 while the thread does its work", labels=["thread"])
        for thread, beat in beats.items():
            running.add_metric([thread], float(beat["state"] == "ok"))
        yield running
        yield from _store(self._status())


def _total(beats: Mapping[str, Mapping[str, Any]], thread: str, number: str) -> float:
    totals: Mapping[str, float] = beats.get(thread, {}).get("totals", {})
    return totals.get(number, 0)


def _mailboxes(beats: Mapping[str, Mapping[str, Any]]) -> Iterator[Metric]:
    taken = CounterMetricFamily("maildesk_mails_taken", "Mails taken in", labels=["mailbox"])
    poll = GaugeMetricFamily("maildesk_mailbox_silent_seconds", "Seconds since the last poll", labels=["mailbox"])
    for thread, beat in beats.items():
        if thread.startswith(_MAILBOX):
            name = thread.removeprefix(_MAILBOX)
            taken.add_metric([name], beat["totals"].get("taken", 0))
            poll.add_metric([name], beat["silent_seconds"])
    yield taken
    yield poll


def _store(status: Mapping[str, Any]) -> Iterator[Metric]:
    """What the database says: the shapes of `maildesk status --json`. What is absent is left out."""
    outbox = GaugeMetricFamily("maildesk_outbox_waiting", "Mails in the outbox", labels=["state"])
    waiting = status.get("outbox", {})
    for state in _WAITING:
        if state in waiting:
            outbox.add_metric([state], waiting[state])
    tickets = GaugeMetricFamily("maildesk_tickets", "Tickets", labels=["state"])
    for state, count in status.get("tickets", {}).items():
        tickets.add_metric([state], count)
    standing = GaugeMetricFamily("maildesk_mails", "Mails ever taken in and sent, and where they are", labels=["what"])
    for what, count in status.get("standing", {}).items():
        standing.add_metric([what], count)
    compared = GaugeMetricFamily(
        "maildesk_mailbox_mails", "The last nightly count of a mailbox", labels=["mailbox", "by"]
    )
    for mailbox in status.get("mailboxes", ()):
        for by in ("server", "ledger"):
            if mailbox.get(by) is not None:
                compared.add_metric([mailbox["name"], by], mailbox[by])
    yield outbox
    yield tickets
    yield standing
    yield compared
    if "parked_since" in waiting:
        parked = int(waiting["parked_since"] is not None)
        yield GaugeMetricFamily(
            "maildesk_outbox_parked", "1: too many mails in an hour, the outbox rests", value=parked
        )
    if "muted" in waiting:
        muted = waiting["muted"]
        yield GaugeMetricFamily("maildesk_addresses_muted", "Addresses that get no mail for a while", value=muted)
    if "quarantine" in status:
        yield GaugeMetricFamily("maildesk_quarantine", "Mails in quarantine", value=status["quarantine"])


def exposition(pulse: Pulse, status: Status) -> bytes:
    """The metrics in the text format of Prometheus."""
    registry = CollectorRegistry()
    registry.register(_Desk(pulse, status))
    return generate_latest(registry)
