"""Forty-five kinds of sender, each with a new mail, a valid reference and a command: what comes out of each."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import pytest

from fixtures.office import SARAH as HER
from fixtures.office import ask, playing, whole, without_likeness
from fixtures.stage import Out, Stage, to
from maildesk.desk.model import Ticket
from maildesk.mail.ids import ours

RELAY = "mx.corp.example"
PASS = f"Authentication-Results: {RELAY}; dmarc=pass header.from=corp.example"
LI, HAN, SARAH = "From: li@corp.example", "From: han@corp.example", "From: sarah@corp.example"
BOB, EVE = "From: bob@partner.example", "From: eve@evil.example"
BOB_PASS = f"Authentication-Results: {RELAY}; dkim=pass header.d=partner.example"
EVE_PASS = f"Authentication-Results: {RELAY}; dmarc=pass header.from=evil.example"
# What may come out of the reply and of the command; a new mail is a new ticket in every case but one.
STRANGER = ("new", "new")  # a ticket of its own that knows nothing of ours
DOUBTED = ("note", "note")  # an unverified note, nothing else
REQUESTER = ("reply", "reply")  # he takes part: he writes, he does not command
STAFF = ("answer", "command")
OWN = ("nothing", "nothing")


@dataclass(frozen=True, slots=True)
class Kind:
    """Header lines of a sender, the mail of ours that he got hold of, and what must come out."""

    lines: tuple[str, ...]
    outcome: tuple[str, str]
    token: str = "li"  # whose: li, han, sarah, other (li's of another ticket), none, and odd ones


KINDS: dict[str, Kind] = {
    "li, proven": Kind((PASS, LI), STAFF),
    "li by his alias": Kind((PASS, "From: lilei@corp.example"), STAFF),
    "li in capitals": Kind((PASS, "From: LI@Corp.Example"), STAFF),
    "li, token with its domain in capitals": Kind((PASS, LI), STAFF, token="domain"),
    "li, token in the other header": Kind((PASS, LI), STAFF, token="references"),
    "li with a name in Chinese": Kind((PASS, "From: =?utf-8?b?5p2O6Zu3?= <li@corp.example>"), STAFF),
    "li, no verdict": Kind((LI,), DOUBTED),
    "li, DMARC fails": Kind((f"Authentication-Results: {RELAY}; dmarc=fail header.from=corp.example", LI), DOUBTED),
    "li, DKIM of another domain": Kind(
        (f"Authentication-Results: {RELAY}; dkim=pass header.d=evil.example", LI), DOUBTED
    ),
    "li, SPF of another domain": Kind(
        (f"Authentication-Results: {RELAY}; spf=pass smtp.mailfrom=x@evil.example", LI), DOUBTED
    ),
    "li, the forger's verdict": Kind(
        ("Authentication-Results: mx.evil.example; dmarc=pass header.from=corp.example", LI), DOUBTED
    ),
    "li, our id below a failing one": Kind(
        (f"Authentication-Results: {RELAY}; dmarc=fail header.from=corp.example", PASS, LI), DOUBTED
    ),
    "li, our id in a comment": Kind((f"Authentication-Results: evil.example ({RELAY}); dmarc=pass", LI), DOUBTED),
    "li, our id as a prefix": Kind((f"Authentication-Results: {RELAY}.evil.example; dmarc=pass", LI), DOUBTED),
    "li, the pass in a comment": Kind((f"Authentication-Results: {RELAY}; none (; dmarc=pass)", LI), DOUBTED),
    "li, a folded pass": Kind(
        (f"Authentication-Results: {RELAY};\r\n\tdmarc=pass\r\n\theader.from=corp.example", LI), STAFF
    ),
    "li, ARC alone": Kind((f"ARC-Authentication-Results: i=1; {RELAY}; dmarc=pass", LI), DOUBTED),
    "li, Received-SPF alone": Kind(("Received-SPF: pass", LI), DOUBTED),
    "li without a token": Kind((PASS, LI), DOUBTED, token="none"),
    "li, token of han": Kind((PASS, LI), DOUBTED, token="han"),
    "li, token of the requester": Kind((PASS, LI), DOUBTED, token="sarah"),
    "li, token of another ticket": Kind((PASS, LI), ("elsewhere", "elsewhere"), token="other"),
    "li, token in the subject": Kind((PASS, LI), DOUBTED, token="subject"),
    "li, token in the body": Kind((PASS, LI), DOUBTED, token="body"),
    "li, token of an unknown key": Kind((PASS, LI), DOUBTED, token="forged"),
    "li, token with its halves swapped": Kind((PASS, LI), DOUBTED, token="swapped"),
    "li in a plus address": Kind((PASS, "From: li+x@corp.example"), STRANGER),
    "li of a look-alike domain": Kind((EVE_PASS, "From: li@c0rp.example"), STRANGER),
    "li in Cyrillic": Kind((PASS, "From: lі@corp.example"), STRANGER),
    "li behind a full-width at": Kind((PASS, "From: li＠corp.example"), STRANGER),
    "two From": Kind((PASS, LI, EVE), STRANGER),
    "a group": Kind((PASS, "From: staff: li@corp.example;"), STRANGER),
    "an obsolete route": Kind((PASS, "From: <@evil.example:li@corp.example>"), STRANGER),
    "an encoded word inside": Kind((PASS, "From: =?utf-8?q?li?=@corp.example"), STRANGER),
    "a NUL": Kind((PASS, "From: li@corp.example\0"), STRANGER),
    "li as a display name": Kind((EVE_PASS, 'From: "li@corp.example" <eve@evil.example>'), STRANGER),
    "li as Reply-To": Kind((EVE_PASS, EVE, "Reply-To: li@corp.example"), STRANGER),
    "li as Sender": Kind((EVE_PASS, EVE, "Sender: li@corp.example"), STRANGER),
    "our own headers": Kind((EVE_PASS, EVE, "X-Maildesk-Person: li", "X-Maildesk-Ticket: MD-1001"), STRANGER),
    "sarah, proven": Kind((PASS, SARAH), REQUESTER, token="sarah"),
    "sarah with li's token": Kind((PASS, SARAH), REQUESTER),
    "sarah, DMARC fails": Kind(
        (f"Authentication-Results: {RELAY}; dmarc=fail header.from=corp.example", SARAH), DOUBTED, token="sarah"
    ),
    "sarah, only the number, no verdict": Kind((SARAH,), DOUBTED, token="none"),
    "bob in copy, proven": Kind((BOB_PASS, BOB), REQUESTER, token="origin"),
    "the desk itself": Kind((PASS, "From: it@corp.example"), OWN),
}
DEEDS = ("new", "reply", "command")
WORDS = "words-of-a-letter"


@dataclass(slots=True)
class Scene:
    """A desk that trusts its relay."""

    stage: Stage
    other: str  # of the first ticket, to li
    names: Iterator[int] = field(default_factory=count)

    def opened(self) -> tuple[Ticket, dict[str, str]]:
        """A fresh ticket of sarah's with bob in copy, and the ids that somebody may have read over a shoulder."""
        origin = self.stage.write(
            HER,
            "confidential-matter",
            "confidential-words",
            Cc="bob@partner.example",
            Authentication_Results=PASS.partition(": ")[2],
        )
        outs = self.stage.step()
        number = self.stage.tickets()[-1].number
        tokens = {name: to(outs, f"{name}@corp.example").mail.message_id for name in ("li", "han", "sarah")}
        li = tokens["li"]
        made = {
            "origin": origin,
            "other": self.other,
            "domain": li.replace("corp.example", "CORP.Example"),
            "references": li,
            "forged": ours(b"x" * 32, f"dispatched:{number}:2:li@corp.example", number, "corp.example"),
            "swapped": f"{number}.{li.split('.')[2].partition('@')[0]}.{li.split('.')[1]}@corp.example",
        }
        return self.stage.ticket(number), tokens | made

    def write(self, kind: Kind, deed: str, number: int, tokens: dict[str, str]) -> list[Out]:
        """The mail of one row."""
        new = deed == "new"
        carried = "" if new else tokens["li"]
        reference = "" if new else tokens.get(kind.token, "")
        body = f"#close\n\n{WORDS}" if deed == "command" else WORDS
        lines = [
            *kind.lines,
            "To: it@corp.example",
            f"Subject: {WORDS}" if new else f"Subject: Re: [MD-{number}] it",
            f"Message-ID: <{next(self.names)}@table.example>",
            *([f"{'References' if kind.token == 'references' else 'In-Reply-To'}: <{reference}>"] if reference else []),
            "Content-Type: text/plain; charset=utf-8",
            "",
            f"{body}\n\n<{carried}>" if kind.token == "body" else body,
        ]
        if kind.token == "subject":
            lines[len(kind.lines) + 1] += f" <{carried}>"
        self.stage.post("\r\n".join(lines).encode())
        return self.stage.step()


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    rules = {
        name: text.replace("[li@corp.example]", "[li@corp.example, lilei@corp.example]")
        for name, text in without_likeness().items()
    }
    plenty = "unverified_hour = 1000\nper_address_hour = 1000\nper_address_day = 1000"
    more = f'[trust]\nauthserv_id = "{RELAY}"\n[budget]\n{plenty}'
    with playing(tmp_path_factory.mktemp("table"), more=more, rules=rules) as stage:
        other = to(ask(stage), "li@corp.example").mail.message_id
        yield Scene(stage, other)


def became(scene: Scene, kind: Kind, before: Ticket, known: int, outs: list[Out]) -> str:
    """What a mail did: one word of those in the table. Raises AssertionError for any mixture of them."""
    stage = scene.stage
    fresh = stage.tickets()[known:]
    after = stage.ticket(before.number)
    events = stage.events(before.number)[before.version :]
    if fresh:
        assert (len(fresh), events) == (1, ())
        assert "confidential" not in whole(outs)
        readers = {out.to for out in outs if WORDS in whole([out])} - {"li@corp.example", "han@corp.example"}
        assert readers <= ({fresh[0].requester.address} if "dmarc=fail" not in "".join(kind.lines) else set())
        assert (fresh[0].status, fresh[0].assignee) == ("assigned", "")
        return "new"
    kinds = [event.kind for event in events]
    if not kinds:
        return "elsewhere" if outs else "nothing"
    if kinds in (["noted"], ["asked-back", "noted"]):
        assert events[-1].data["unverified"]
        if kinds[0] == "asked-back":  # for a YES to a mail that only he can read
            assert {out.to for out in outs} == {"li@corp.example"}
        assert (after.status, after.assignee, after.priority) == (before.status, before.assignee, before.priority)
        assert after.participants == before.participants
        assert "sarah@corp.example" not in [out.to for out in outs]
        return "note"
    if kinds[0] == "received":
        assert after.status == before.status
        return "reply"
    return "command" if after.status == "closed" else "answer"


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("name", KINDS)
def test_each_kind_of_sender_gets_exactly_what_it_may(scene: Scene, name: str, deed: str) -> None:
    kind = KINDS[name]
    before, tokens = scene.opened()
    known = len(scene.stage.tickets())
    outs = scene.write(kind, deed, before.number, tokens)
    reply, command = kind.outcome
    wanted = {"new": "nothing" if kind.outcome == OWN else "new", "reply": reply, "command": command}
    assert became(scene, kind, before, known, outs) == wanted[deed]


def test_the_table_has_forty_five_kinds() -> None:
    assert len(KINDS) == 45
