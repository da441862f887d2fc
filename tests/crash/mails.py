"""The mails that a crash run is fed with, and what must come of them."""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from email.parser import BytesHeaderParser

from fixtures.relay import Received

_MARK = re.compile(r"case-\d{5}")
_TEXTS = (
    "The printer on floor 3 says paper jam, but there is no paper in it.",
    "您好，\r\n\r\n我的电脑连不上公司网络，请帮忙看一下。谢谢！",
    "Please give Ann access to the project folder.\r\n\r\n-- \r\nThe sales team\r\n",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What differs from the uncrashed run. Marks name the mails."""

    lost: tuple[str, ...]  # fewer tickets than mails
    doubled: tuple[str, ...]  # more
    unacknowledged: tuple[str, ...]
    most_copies: int  # of one outgoing mail
    differing: int  # outgoing mails whose copies are not identical

    @property
    def clean(self) -> bool:
        """Whether a crash left no trace that anybody could see."""
        return not (self.lost or self.doubled or self.unacknowledged or self.differing) and self.most_copies <= 3


def mails(count: int) -> list[bytes]:
    """`count` mails of as many senders: a tenth without Message-ID, one in fifty followed by a byte-identical one."""
    made: list[bytes] = []
    for number in range(count):
        twin = number % 50 == 27
        made.append(made[number - 7] if twin else _mail(number))
    return made


def _mail(number: int) -> bytes:
    named = number % 10 != 0  # 20, 70, ... have a twin: of every pair one in two has no Message-ID
    if number % 100 == 70:
        named = True
    message_id = f"Message-ID: <{number}.crash@client.example>\r\n" if named else ""
    text = _TEXTS[number % len(_TEXTS)]
    return (
        f"Return-Path: <person{number}@corp.example>\r\n"
        f"From: Person {number} <person{number}@corp.example>\r\n"
        "To: it@corp.example\r\n"
        f"Subject: {mark(number)} something does not work\r\n"
        f"{message_id}"
        "Date: Mon, 02 Mar 2026 09:00:00 +0800\r\n"
        "MIME-Version: 1.0\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        "Content-Transfer-Encoding: 8bit\r\n"
        "\r\n"
        f"{text}\r\n"
    ).encode()


def mark(number: int) -> str:
    """What names a mail, all the way to its ticket."""
    return f"case-{number:05}"


def marks(text: str) -> str:
    """The mark in a subject, "" when there is none."""
    found = _MARK.search(text)
    return found[0] if found else ""


def wanted(fed: Sequence[bytes]) -> Counter[str]:
    """Tickets by mark. Mails with one Message-ID and one content are one mail; without an id each is its own."""
    tickets: Counter[str] = Counter()
    for raw in fed:
        name = marks(raw.decode())
        if b"\r\nMessage-ID: " in raw:
            tickets[name] = 1
        else:
            tickets[name] += 1
    return tickets


def verdict(fed: Sequence[bytes], subjects: Iterable[str], sent: Iterable[Received]) -> Verdict:
    """Compare the tickets and what the relay took with the mails that were fed."""
    want = wanted(fed)
    have = Counter(marks(subject) for subject in subjects)
    bodies: dict[str, list[bytes]] = {}
    acknowledged: dict[str, set[str]] = {}
    for mail in sent:
        header = BytesHeaderParser().parsebytes(mail.data)
        bodies.setdefault(header["Message-ID"], []).append(mail.data)
        acknowledged.setdefault(mail.recipients[0], set()).add(header["Message-ID"])
    return Verdict(
        lost=tuple(name for name in want if have[name] < want[name]),
        doubled=tuple(name for name in have if have[name] > want[name]),
        unacknowledged=tuple(name for name in want if len(acknowledged.get(_sender(name), ())) < want[name]),
        most_copies=max(map(len, bodies.values()), default=0),
        differing=sum(len(set(copies)) > 1 for copies in bodies.values()),
    )


def _sender(name: str) -> str:
    return f"person{int(name.removeprefix('case-'))}@corp.example"
