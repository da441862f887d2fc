"""Threading at its hardest: who writes what under which subject with which references, and where it belongs."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count

import pytest

from fixtures.office import orders, playing
from fixtures.stage import Out, Stage, to
from maildesk import settings

LIKE = "duplicates: {same_requester: join, others: link, within: 3d}"  # likeness is another table's matter
SARAH, BOB, EVE, LI = "sarah@corp.example", "bob@partner.example", "eve@evil.example", "li@corp.example"
HER_OTHER = "s.miller@home.example"


@dataclass(frozen=True, slots=True)
class Row:
    """A mail and what becomes of it: "joins", "new", "claims", "follows", "other" (a second ticket), "staff"."""

    becomes: str
    sender: str = SARAH
    subject: str = "Re: {subject}"
    reply: str = ""  # In-Reply-To: ack (to sarah), order (to li), origin (her own mail), other, root, made-up
    references: str = ""  # names as above, in order
    state: str = "open"  # open, closed, old (closed long ago), merged
    to: str = "it@corp.example"
    body: str = ""


DRESSES = (
    "回复：[MD-{n}] x",
    "回复: [MD-{n}] x",
    "答复: [MD-{n}] x",
    "答覆：[MD-{n}] x",
    "回覆: [MD-{n}] x",
    "RE: [MD-{n}] x",
    "AW: [MD-{n}] x",
    "SV: [MD-{n}] x",
    "Antw: [MD-{n}] x",
    "TR: RE: [MD-{n}] x",
    "VS: [MD-{n}] x",
    "Re[2]: [MD-{n}] x",
    "RE^3: [MD-{n}] x",
    "Re: Re: Re: [MD-{n}] x",
    "Re: [MD-{n}] [MD-{n}] x",
    "[MD-{n}]",
    "re:[md-{n}]x",
    "【MD-{n}】x",
    "［ＭＤ－{n}］x",
    "[EXTERNAL] Re: [MD-{n}] x",
    "【外部】回复：[MD-{n}] x",
    "x (was: [MD-{n}])",
    "回复：答复：转发：[MD-{n}] x",
    "[MD - {n}] x",
    "[md–{n}] x",
    "Re：[MD-{n}] x",
    "R: [MD-{n}] x",
    "RES: [MD-{n}] x",
    "Odp: [MD-{n}] x",
    "回信: [MD-{n}] x",
)
FOREIGN = (
    "[JIRA-{n}] x",
    "Ticket#{n} x",
    "INC00{n} x",
    "[#{n}] x",
    "#{n}",
    "MD-{n} x",
    "(MD-{n}) x",
    "[MDX-{n}] x",
    "[XMD-{n}] x",
    "[MD#{n}] x",
    "[{n}] x",
    "Re: [Support #{n}] x",
    "[MD-{n}x] x",
    "[OTRS#20{n}] x",
    "SR {n} x",
    "[MD-0] x",
    "[MD-99999999999] x",
    "[ MD {n} ] x",
)

TABLE: dict[str, Row] = {
    **{f"dress {text}": Row("joins", subject=text) for text in DRESSES},
    **{f"foreign {text}": Row("new", subject=text) for text in FOREIGN},
    **{f"stranger, {text}": Row("claims", sender=EVE, subject=text) for text in DRESSES[:6]},
    "reply to the acknowledgement": Row("joins", reply="ack", subject="x"),
    "reply by References alone": Row("joins", references="ack", subject="x"),
    "reply to her own mail, same subject": Row("joins", reply="origin"),
    "reply to her own mail, another subject": Row("joins", reply="origin", subject="x"),
    "her own mail far up the References": Row("joins", references="made-up origin made-up"),
    "her own mail far up, another subject": Row("new", references="made-up origin made-up", subject="x"),
    "a forward of her own mail, meant as new": Row("new", references="origin", subject="Fw: {subject}"),
    "a forward in Chinese": Row("new", references="origin", subject="转发：{subject}"),
    "a forward as Thunderbird wraps it": Row("new", references="origin", subject="[Fwd: {subject}]"),
    "a forward of our mail, its number in it": Row("joins", references="ack", subject="Fw: [MD-{n}] {subject}"),
    "shared References of a mass mail": Row("new", references="made-up made-up", subject="Newsletter"),
    "a stranger with shared References": Row("claims", sender=EVE, references="origin made-up"),
    "a made-up id": Row("new", reply="made-up", subject="x"),
    "the root of our thread alone": Row("new", references="root", subject="x"),
    "stranger with the acknowledgement": Row("claims", sender=EVE, reply="ack"),
    "stranger with the order": Row("claims", sender=EVE, reply="order"),
    "in copy, by the number": Row("joins", sender=BOB, subject="[MD-{n}]"),
    "in copy, to her mail": Row("joins", sender=BOB, reply="origin"),
    "in copy, to our mail to her": Row("joins", sender=BOB, reply="ack", subject="x"),
    "in copy, without anything": Row("new", sender=BOB, subject="x"),
    "her other address, by the number": Row("joins", sender=HER_OTHER, subject="[MD-{n}]"),
    "her other address, to our mail": Row("joins", sender=HER_OTHER, reply="ack", subject="x"),
    "her other address in capitals": Row("joins", sender=HER_OTHER.upper(), reply="ack", subject="x"),
    "a plus address of hers": Row("claims", sender="sarah+x@corp.example", subject="[MD-{n}]"),
    "best reference wins over the subject": Row("other", reply="other", subject="[MD-{n}]"),
    "both in References, the direct one wins": Row("joins", reply="ack", references="other ack", subject="x"),
    "staff to the order": Row("staff", sender=LI, reply="order", subject="x"),
    "staff to an old mail of the requester": Row("note", sender=LI, reply="ack", subject="x"),
    "staff by the number alone": Row("note", sender=LI, subject="[MD-{n}]"),
    "closed lately": Row("joins", subject="[MD-{n}]", state="closed"),
    "closed lately, to our mail": Row("joins", reply="ack", state="closed"),
    "closed long ago": Row("follows", subject="[MD-{n}]", state="old"),
    "closed long ago, to our mail": Row("follows", reply="ack", subject="x", state="old"),
    "closed long ago, thanks": Row("joins", reply="ack", state="old", body="谢谢！"),
    "closed long ago, a stranger": Row("claims", sender=EVE, subject="[MD-{n}]", state="old"),
    "merged, by the number": Row("other", subject="[MD-{n}]", state="merged"),
    "merged, to our mail": Row("other", reply="ack", subject="x", state="merged"),
    "merged, in copy of the one that is gone": Row("other", sender=BOB, reply="origin", state="merged"),
    "merged, a stranger": Row("claims", sender=EVE, subject="[MD-{n}]", state="merged"),
    "plus address alone": Row("joins", to="plus", subject="x"),
    "plus address of somebody else's mail": Row("joins", sender=BOB, to="plus", subject="x"),
    "plus address, a stranger": Row("claims", sender=EVE, to="plus", subject="x"),
    "plus address with an invented token": Row(
        "new", to="it+1001.aaaaaaaaaaaaaaaa.bbbbbbbbbbbbbbbb@corp.example", subject="x"
    ),
}


@dataclass(slots=True)
class Scene:
    """A desk on which each row plays with two fresh tickets of sarah's."""

    stage: Stage
    names: Iterator[int] = field(default_factory=count)

    def opened(self) -> tuple[int, str, str, list[Out]]:
        """A fresh ticket: its number, its subject, the id of the mail that opened it, and what was sent."""
        subject = f"Matter {next(self.names)}"
        origin = self.stage.write(SARAH, subject, "It does not work.", Cc=BOB)
        outs = self.stage.step()
        return self.stage.tickets()[-1].number, subject, origin, outs

    def prepared(self, row: Row) -> "Known":
        """The tickets of a row, in the state it wants."""
        wanted = row.state == "merged" or "other" in f"{row.reply} {row.references}"
        other, _, _, others = self.opened() if wanted else (0, "", "", [])
        number, subject, origin, outs = self.opened()
        ack, order = to(outs, SARAH), to(outs, LI)
        if row.state in ("closed", "old"):
            orders(self.stage, order, "#close")
            self.stage.step(days=40 if row.state == "old" else 1)
        if row.state == "merged":
            orders(self.stage, order, f"#merge {other}")
        ids = {"ack": ack.mail.message_id, "order": order.mail.message_id, "origin": origin}
        ids |= {"root": ack.mail.references[0]}
        ids |= {"other": to(others, SARAH).mail.message_id} if others else {}
        plus = str(ack.received.parsed["Reply-To"]).rpartition("<")[2].strip(">")
        return Known(number=number, other=other, subject=subject, ids=ids, plus=plus)

    def write(self, row: Row, known: "Known") -> None:
        """The mail of a row."""

        def named(names: str) -> str:
            return " ".join(f"<{known.ids.get(name, f'{next(self.names)}@list.example')}>" for name in names.split())

        lines = [
            f"From: {row.sender}",
            f"To: {known.plus if row.to == 'plus' else row.to}",
            f"Subject: {row.subject.format(n=known.number, subject=known.subject)}",
            f"Message-ID: <{next(self.names)}@client.example>",
            *([f"In-Reply-To: {named(row.reply)}"] if row.reply else []),
            *([f"References: {named(row.references)}"] if row.references else []),
            "Content-Type: text/plain; charset=utf-8",
            "",
            row.body or "It still does not work.",
        ]
        self.stage.post("\r\n".join(lines).encode())
        self.stage.step(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """Two tickets of sarah's and what may be named of the first."""

    number: int
    other: int
    subject: str
    ids: dict[str, str]
    plus: str


def became(scene: Scene, known: Known, before: dict[int, int], tickets: int) -> str:
    """What a mail did, in a word of the table."""
    stage = scene.stage
    fresh = stage.tickets()[tickets:]
    grown = {n: [e.kind for e in stage.events(n)[version:]] for n, version in before.items()}
    if fresh:
        (ticket,) = fresh
        assert not any(grown.values())
        links = [(link.kind, link.number) for link in ticket.links if link.kind in ("claims", "follows")]
        assert links in ([], [("claims", known.number)], [("follows", known.number)])
        return links[0][0] if links else "new"
    if grown.get(known.other):
        assert not grown[known.number]
        return "other"
    events = grown[known.number]
    return {"received": "joins", "noted": "note"}.get(events[0], "staff")


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    found = {file.name: file.read_text() for file in (settings.starter() / "rules").glob("*.yaml")}
    rules = {name: text.replace(LIKE, "duplicates: {same_requester: off}") for name, text in found.items()}
    assert any(LIKE in text for text in found.values())
    rules["90-known.yaml"] = f"requesters:\n  {SARAH}:\n    name: Sarah\n    also: [{HER_OTHER}]\n"
    plenty = "[budget]\nunverified_hour = 1000\nper_address_hour = 1000\nper_address_day = 1000\nrule_hour = 0\n"
    with playing(tmp_path_factory.mktemp("threads"), desk="plus_address = true", more=plenty, rules=rules) as stage:
        yield Scene(stage)


@pytest.mark.parametrize("name", TABLE)
def test_each_mail_goes_where_it_belongs(scene: Scene, name: str) -> None:
    row = TABLE[name]
    known = scene.prepared(row)
    before = {n: scene.stage.ticket(n).version for n in filter(None, (known.number, known.other))}
    tickets = len(scene.stage.tickets())
    scene.write(row, known)
    assert became(scene, known, before, tickets) == row.becomes


def test_another_trackers_number_stays_in_the_thread_beside_ours(scene: Scene) -> None:
    scene.stage.write(SARAH, "[JIRA-12] Matter [INC0012345]", "It does not work.")
    outs = scene.stage.step()
    number = scene.stage.tickets()[-1].number
    assert to(outs, SARAH).mail.subject == f"Re: [MD-{number}] [JIRA-12] Matter [INC0012345]"
    order = next(out for out in outs if out.event == "dispatched")
    answer = to(orders(scene.stage, order, "Which one?", sender=order.to), SARAH)
    assert "[JIRA-12] Matter [INC0012345]" in answer.mail.subject


def test_the_staff_get_no_plus_address_where_no_relay_checks_senders(scene: Scene) -> None:
    _, _, _, outs = scene.opened()
    assert "Reply-To" not in to(outs, LI).received.parsed
    assert str(to(outs, SARAH).received.parsed["Reply-To"]).count("+") == 1
