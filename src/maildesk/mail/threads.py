"""Which of many mails belong together, and which comes before which: RFC 5256, REFERENCES."""

from collections.abc import Sequence
from itertools import pairwise

from maildesk.mail.model import Mail
from maildesk.mail.subject import thread_base

_DEEPEST = 1_000  # answers upon answers that are followed; what lies deeper begins a thread of its own


def threads(mails: Sequence[Mail]) -> tuple[tuple[int, ...], ...]:
    """The places of the mails of each thread, every mail before those that answer it.

    Mails belong together by the Message-IDs they name, else by their base subject. The first mail with a
    Message-ID has it.
    """
    ids = _ids(mails)
    parents = _parents(mails, ids)
    ways = [(len(way), way[-1]) for way in (_way(parents, own) for own in ids)]  # how deep, below which root
    by_root: dict[str, list[int]] = {}
    for place in sorted(range(len(mails)), key=ways.__getitem__):
        by_root.setdefault(ways[place][1], []).append(place)
    by_subject: dict[str, list[int]] = {}
    for root, places in by_root.items():
        base = thread_base(mails[places[0]].subject).casefold()
        by_subject.setdefault(f"subject {base}" if base else f"root {root}", []).extend(places)
    together = (sorted(places, key=lambda place: (ways[place][0], place)) for places in by_subject.values())
    return tuple(sorted((tuple(places) for places in together), key=min))


def _ids(mails: Sequence[Mail]) -> list[str]:
    """A name of its own for each mail: its Message-ID, where it has one that no mail before it has."""
    taken: set[str] = set()
    ids = []
    for place, mail in enumerate(mails):
        own = mail.message_id if mail.message_id and mail.message_id not in taken else f" {place}"
        taken.add(own)
        ids.append(own)
    return ids


def _parents(mails: Sequence[Mail], ids: Sequence[str]) -> dict[str, str]:
    """Which id answers which. A mail's own word on what it answers wins over what others say of it."""
    parents: dict[str, str] = {}
    for mail, own in zip(mails, ids, strict=True):
        named = mail.references or mail.in_reply_to[:1]
        for above, below in pairwise(named):
            if below not in parents and below not in _way(parents, above):
                parents[below] = above
        parents.pop(own, None)
        if named and own not in _way(parents, named[-1]):
            parents[own] = named[-1]
    return parents


def _way(parents: dict[str, str], own: str) -> list[str]:
    """The id and what it answers, up to the root."""
    way = [own]
    while way[-1] in parents and len(way) < _DEEPEST:
        way.append(parents[way[-1]])
    return way
