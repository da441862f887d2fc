"""Several clocks of one ticket that run out in the same moment are one mail to each person, with the others named."""

from collections.abc import Iterable
from dataclasses import replace

from maildesk.desk.model import Notice
from maildesk.mail.ids import fold_address

_LADDER = ("sla-breached", "sla-warned")  # the graver one first


def joined(notices: Iterable[Notice]) -> tuple[Notice, ...]:
    """The notices of one decision on a ticket: of a person's escalations the gravest, of calls for help the first."""
    kept: dict[tuple[str, str], Notice] = {}
    others: dict[tuple[str, str], list[Notice]] = {}
    for number, notice in enumerate(notices):
        kind = "ladder" if notice.event in _LADDER else notice.event if notice.event == "asked-in" else str(number)
        key = kind, fold_address(notice.to.address)
        known = kept.get(key)
        graver = known is None or (kind == "ladder" and _graver(notice, known))
        if known is not None:
            others.setdefault(key, []).append(known if graver else notice)
        if graver:
            kept[key] = notice
    return tuple(_naming(notice, others.get(key, ())) for key, notice in kept.items())


def _graver(one: Notice, other: Notice) -> bool:
    """Whether one escalation is of a breach and the other a warning; else the one that is due first is graver."""
    if one.event != other.event:
        return _LADDER.index(one.event) < _LADDER.index(other.event)
    return bool(one.values["due_at"] < other.values["due_at"])


def _naming(notice: Notice, others: Iterable[Notice]) -> Notice:
    if notice.event not in _LADDER:
        return notice
    also = [{"clock": other.values["clock"], "due_at": other.values["due_at"]} for other in others]
    return replace(notice, values={**notice.values, "also": also}) if also else notice
