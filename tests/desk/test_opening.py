"""A mail that becomes a ticket."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fixtures.desk_samples import NOW, POLICY, facts, mail
from maildesk.desk import opening
from maildesk.desk.classification import Classification, Hit
from maildesk.desk.model import Decision, Facts, Known, Ticket
from maildesk.desk.thread import New
from maildesk.mail.model import Address, Attachment, Authentication, Mail, Origin

L1 = Classification(group="l1")
FILE = Attachment(filename="photo.jpg", content_type="image/jpeg", size=1, sha256="x", inline=False)


def opened(found: Facts, classification: Classification = L1, new: New | None = None, **policy: Any) -> Decision:
    return opening.opened(found, classification, replace(POLICY, **policy), NOW, new or New(reason="it is new"))


def ticket(decision: Decision) -> Ticket:
    assert decision.ticket is not None
    return decision.ticket


def told(decision: Decision) -> list[tuple[str, str]]:
    return [(notice.event, notice.to.address.partition("@")[0]) for notice in decision.notices]


def test_a_ticket_is_opened_classified_prioritised_acknowledged_and_dispatched() -> None:
    decision = opened(facts(arrived=NOW - timedelta(minutes=5)))
    assert [event.kind for event in decision.events] == ["opened", "classified", "prioritised", "dispatched"]
    assert told(decision) == [("acknowledged", "sarah"), ("dispatched", "li"), ("dispatched", "han")]
    assert ticket(decision).opened_at == NOW - timedelta(minutes=5)
    assert {event.at for event in decision.events} == {NOW}


@pytest.mark.parametrize(
    ("written", "title"),
    [
        (mail(subject="Re: [MD-1001] Fwd: Printer"), "Printer"),
        (mail(subject="Re:", text="\n  First line  \nsecond"), "First line"),
        (mail(subject="", text=" ", attachments=(FILE,)), "photo.jpg"),
        (mail(subject="", text=""), "(no subject)"),
        (mail(subject="x" * 400), "x" * 250),
        (mail(subject="", text="y" * 400), "y" * 80),
    ],
)
def test_a_ticket_has_a_title_whatever_the_subject(written: Mail, title: str) -> None:
    assert opening.title(written, "MD") == title


def test_the_desks_own_prefix_is_no_part_of_a_title() -> None:
    assert ticket(opened(facts(mail(subject="[IT-7] Printer")), reference="IT")).subject == "Printer"


def test_who_else_got_the_mail_takes_part_once_and_the_desk_does_not() -> None:
    def many(*names: str) -> tuple[Address, ...]:
        return tuple(Address(address=name) for name in names)

    written = mail(to=many("it@corp.example", "bob@x.example"), cc=many("sarah@corp.example", "bob@x.example", "c@x"))
    assert [a.address for a in ticket(opened(facts(written))).participants] == ["bob@x.example", "c@x"]
    crowd = mail(to=many(*(f"u{n}@x.example" for n in range(90))))
    assert len(ticket(opened(facts(crowd))).participants) == 50


@pytest.mark.parametrize(
    ("written", "classification", "held"),
    [
        (mail(), L1, ""),
        (mail(), replace(L1, hold="somebody looks first"), "somebody looks first"),
        (mail(spam="X-Spam-Flag: YES"), L1, "spam: X-Spam-Flag: YES"),
        (mail(origin=Origin(kind="bounce")), L1, "a delivery report about no mail of ours"),
        (mail(origin=Origin(kind="automatic", reasons=("Auto-Submitted: auto-generated",))), L1, ""),
        (mail(origin=Origin(kind="automatic", reasons=("Auto-Submitted: auto-replied",))), L1, "an automatic reply"),
        (mail(origin=Origin(kind="bulk", reasons=("List-Id: x",))), L1, "bulk mail that no rule speaks of"),
        (mail(origin=Origin(kind="bulk")), replace(L1, hits=(Hit(rule="r", condition="words", text="x"),)), ""),
    ],
)
def test_what_is_held_is_neither_acknowledged_nor_dispatched(
    written: Mail, classification: Classification, held: str
) -> None:
    decision = opened(facts(written), classification)
    assert ticket(decision).held.startswith(held)
    assert bool(ticket(decision).held) == bool(held)
    if held:
        assert told(decision) == []
        assert decision.events[-1].kind == "suppressed"


def test_a_mail_that_cannot_be_believed_is_a_ticket_all_the_same() -> None:
    decision = opened(facts(Mail(authentication=Authentication(reasons=("2 From headers",)))))
    assert ticket(decision).requester.address == "unknown@invalid"
    assert told(decision) == [("dispatched", "li"), ("dispatched", "han")]


def test_what_was_missed_until_the_mailbox_was_renewed_is_work_but_never_acknowledged() -> None:
    decision = opened(facts(historic=True))
    assert told(decision) == [("dispatched", "li"), ("dispatched", "han")]
    assert [e.data["event"] for e in decision.events if e.kind == "suppressed"] == ["acknowledged"]


def test_claims_and_the_ticket_it_follows_are_links() -> None:
    decision = opened(facts(), new=New(reason="x", claims=(5, 6), follows=7))
    assert [(link.kind, link.number) for link in ticket(decision).links] == [
        ("claims", 5),
        ("claims", 6),
        ("follows", 7),
    ]


def test_a_message_id_used_before_is_flagged() -> None:
    assert ticket(opened(facts(known=Known(inbound=1, ticket=1, identical=False)))).tags == ("reused-message-id",)


def test_an_unknown_group_or_person_of_a_rule_leaves_it_to_the_owner() -> None:
    decision = opened(facts(), Classification(group="gone", assignee="gone"))
    assert (ticket(decision).group, ticket(decision).status) == ("", "new")
    assert told(decision) == [("acknowledged", "sarah"), ("dispatched", "ops")]
    assert told(opened(facts(), replace(L1, assignee="zhao")))[1:] == [("dispatched", "zhao")]


def test_a_mail_too_large_to_read_is_answered_so_and_a_strangers_neutrally() -> None:
    assert told(opened(facts(oversize=True)))[0] == ("oversize", "sarah")
    assert told(opened(facts(mail("eve@far.example"), oversize=True)))[0] == ("acknowledged-stranger", "eve")
