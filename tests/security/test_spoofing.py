"""Odd senders: none of them gets authority, a way into a ticket, or the desk to send words of theirs to others.

Each writes a new mail, a reply with stolen references, and a command with a stolen token of the staff.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import pytest

from fixtures.office import ask, playing, whole
from fixtures.stage import Out, Stage, to

# Header lines, as octets. Each tries to pass for li@corp.example of the staff or sarah@corp.example, the requester.
SENDERS: dict[str, bytes] = {
    "two From headers, staff first": b"From: li@corp.example\r\nFrom: eve@evil.example",
    "two From headers, staff last": b"From: eve@evil.example\r\nFrom: sarah@corp.example",
    "two From headers alike": b"From: li@corp.example\r\nFrom: li@corp.example",
    "From in another letter case as well": b"From: eve@evil.example\r\nFROM: li@corp.example",
    "two mailboxes": b"From: li@corp.example, eve@evil.example",
    "two mailboxes, the same": b"From: li@corp.example, li@corp.example",
    "two mailboxes and a Sender": b"From: eve@evil.example, li@corp.example\r\nSender: li@corp.example",
    "a group": b"From: staff: li@corp.example;",
    "an empty group": b"From: undisclosed: ;",
    "a group in a group": b"From: a: b: li@corp.example;;",
    "a source route": b"From: <@evil.example:li@corp.example>",
    "a long source route": b"From: Li <@a.example,@b.example:sarah@corp.example>",
    "a percent hack": b"From: li%corp.example@evil.example",
    "a bang path": b"From: evil!li@evil.example",
    "an encoded word for the address": b"From: =?utf-8?q?li=40corp=2Eexample?=",
    "an encoded word in the local part": b"From: =?utf-8?q?li?=@corp.example",
    "an encoded word that closes early": b"From: =?utf-8?q?li=40corp=2Eexample=3E=00?=eve@evil.example",
    "an encoded display name with brackets": b"From: =?utf-8?q?=3Cli=40corp=2Eexample=3E?= <eve@evil.example>",
    "an encoded comma": b"From: =?utf-8?q?li=40corp=2Eexample=2C?= <eve@evil.example>",
    "a NUL behind the address": b"From: li@corp.example\x00@evil.example",
    "a NUL in the address": b"From: l\x00i@corp.example",
    "a NUL in front": b"From: \x00li@corp.example",
    "a control character": b"From: li@corp.example\x0b",
    "a lone carriage return": b"From: eve@evil.example\rFrom: li@corp.example",
    "a full-width at sign": "From: li＠corp.example".encode(),
    "full-width letters": "From: ｌｉ@corp.example".encode(),
    "a Cyrillic letter": "From: lі@corp.example".encode(),
    "a Kelvin sign": "From: li@\u212aorp.example".encode(),
    "a zero-width space": "From: li\u200b@corp.example".encode(),
    "a right-to-left mark": "From: \u202eli@corp.example".encode(),
    "a no-break space": b"From: li\xa0@corp.example",
    "a blank in the address": b"From: li @ corp.example",
    "a trailing dot": b"From: li@corp.example.",
    "a comment inside": b"From: li(x)@corp.example",
    "a quoted local part": b'From: "li"@corp.example',
    "a quoted local part with an at": b'From: "li@corp.example"@evil.example',
    "two at signs": b"From: li@corp.example@evil.example",
    "two addresses in brackets": b"From: <li@corp.example> <eve@evil.example>",
    "an address as a bare display name": b"From: li@corp.example <eve@evil.example>",
    "an address as a quoted display name": b'From: "li@corp.example" <eve@evil.example>',
    "a quote that is escaped": b'From: "Li \\" <li@corp.example>" <eve@evil.example>',
    "an open bracket": b"From: <li@corp.example",
    "brackets in brackets": b"From: <<li@corp.example>>",
    "an address literal": b"From: li@[127.0.0.1]",
    "a longer domain": b"From: li@corp.example.evil.example",
    "a look-alike domain": b"From: li@corp-example.example",
    "a Reply-To": b"From: eve@evil.example\r\nReply-To: li@corp.example",
    "a Sender": b"From: eve@evil.example\r\nSender: sarah@corp.example",
    "a Resent-From": b"From: eve@evil.example\r\nResent-From: li@corp.example\r\nX-Original-From: li@corp.example",
    "a Return-Path": b"Return-Path: <li@corp.example>\r\nFrom: eve@evil.example",
    "our own header": b"From: eve@evil.example\r\nX-Maildesk-Person: li\r\nX-Maildesk-Ticket: MD-1001",
    "no From at all": b"X-From: li@corp.example",
    "an empty From": b"From:",
}


@dataclass(slots=True)
class Scene:
    """A ticket that li has to do, and the mails an attacker got hold of."""

    stage: Stage
    order: Out
    acknowledged: Out
    names: Iterator[int]

    def write(self, sender: bytes, subject: str, body: str, reference: str = "") -> list[Out]:
        lines = [
            sender,
            b"To: it@corp.example",
            f"Subject: {subject}".encode(),
            f"Message-ID: <{next(self.names)}@evil.example>".encode(),
            *([f"In-Reply-To: <{reference}>\r\nReferences: <{reference}>".encode()] if reference else []),
            b"Content-Type: text/plain; charset=utf-8",
            b"",
            body.encode(),
        ]
        self.stage.post(b"\r\n".join(lines))
        return self.stage.step()


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """One desk for the whole table: an attacker has no more than one either."""
    home = tmp_path_factory.mktemp("spoofed")
    with playing(
        home, more="[budget]\nunverified_hour = 1000\nper_address_hour = 1000\nper_address_day = 1000"
    ) as stage:
        outs = ask(stage, subject="confidential-matter", body="confidential-words")
        yield Scene(stage, to(outs, "li@corp.example"), to(outs, "sarah@corp.example"), count())


def _is_untouched(scene: Scene, outs: list[Out]) -> None:
    """The ticket is as it was; only work orders hold the attacker's words, and no mail holds the ticket's."""
    journal = scene.stage.events(1001)
    assert {event.cause for event in journal} == {"inbound:1"}
    assert scene.stage.ticket().status == "assigned"
    others = [out for out in outs if out.event != "dispatched"]
    assert not {out.to for out in others} & {"li@corp.example", "sarah@corp.example", "han@corp.example"}
    assert "attackers-words" not in whole(others)
    assert "confidential" not in whole(outs)


@pytest.mark.parametrize("sender", SENDERS.values(), ids=SENDERS.keys())
def test_an_odd_sender_is_nobody(scene: Scene, sender: bytes) -> None:
    known = len(scene.stage.tickets())
    _is_untouched(scene, scene.write(sender, "attackers-words", "attackers-words"))
    for reference in (scene.acknowledged.mail.message_id, scene.order.mail.message_id):
        _is_untouched(scene, scene.write(sender, "Re: [MD-1001] attackers-words", "attackers-words", reference))
        _is_untouched(
            scene, scene.write(sender, "Re: [MD-1001] attackers-words", "#close\n\nattackers-words", reference)
        )
    fresh = scene.stage.tickets()[known:]
    assert len(fresh) == 5
    assert all(ticket.status == "assigned" and not ticket.assignee for ticket in fresh)
    assert all(event.actor != "li" for ticket in fresh for event in scene.stage.events(ticket.number))


def test_the_table_can_fail(scene: Scene, tmp_path: Path) -> None:
    with playing(tmp_path) as stage:
        order = to(ask(stage), "li@corp.example")
        honest = Scene(stage, order, order, count())
        honest.write(b"From: li@corp.example", "Re: it", "#close", order.mail.message_id)
        assert stage.ticket().status == "closed"
        with pytest.raises(AssertionError):
            _is_untouched(honest, [])
