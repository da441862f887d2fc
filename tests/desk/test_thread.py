"""To which ticket a mail belongs: the table of references and senders."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fixtures.desk_samples import NOW, POLICY, SARAH, TICKET, changed, facts, mail, token
from maildesk.desk import thread
from maildesk.desk.model import Facts, Known
from maildesk.desk.thread import Belongs, Ignore, New
from maildesk.mail.model import Address, Authentication, Bounce, Origin

BOB = Address(name="Bob", address="bob@partner.example")
MINE = token("sarah@corp.example", person="")


def role(found: Facts) -> str:
    result = thread.match(found, POLICY, NOW)
    return result.role if isinstance(result, Belongs) else type(result).__name__


@pytest.mark.parametrize(
    ("sender", "expected"),
    [
        ("sarah@corp.example", "requester"),
        ("SARAH@CORP.example", "requester"),
        ("bob@partner.example", "participant"),
        ("li@corp.example", "staff"),
        ("zhao@corp.example", "staff"),
        ("noc@vendor.example", "New"),
        ("eve@evil.example", "New"),
        ("", "New"),
    ],
)
def test_the_number_lets_in_who_takes_part(sender: str, expected: str) -> None:
    written = mail(sender or "sarah@corp.example", authentication=Authentication(address=sender))
    assert role(facts(written, ticket=changed(participants=(BOB,)))) == expected


def test_a_stranger_claims_the_tickets_he_names() -> None:
    other = changed(number=1002)
    found = facts(mail("eve@evil.example"), tickets={1001: TICKET, 1002: other}, referenced=(1001, 1002))
    result = thread.match(found, POLICY, NOW)
    assert result == New(reason="its sender takes no part in MD-1002, MD-1001", claims=(1002, 1001))


def test_a_staff_requester_is_the_requester_until_he_shows_a_work_order() -> None:
    mine = changed(requester=Address(address="li@corp.example"))
    assert role(facts(mail("li@corp.example"), ticket=mine)) == "requester"
    result = thread.match(facts(mail("li@corp.example"), ticket=mine, tokens=(token(),)), POLICY, NOW)
    assert isinstance(result, Belongs)
    assert (result.role, result.token) == ("staff", token())


@pytest.mark.parametrize(
    ("shown", "own"),
    [
        (token(), True),
        (token("LI.LEI@corp.example"), True),
        (token("han@corp.example", person="han"), False),
        (token("han@corp.example", person="li"), False),
        (token("li@corp.example", person="han"), False),
        (token(ticket=1002), False),
        (MINE, False),
    ],
)
def test_a_token_counts_for_its_person_its_address_and_its_ticket(shown: Any, own: bool) -> None:
    result = thread.match(facts(mail("li@corp.example"), ticket=TICKET, tokens=(shown,)), POLICY, NOW)
    assert isinstance(result, Belongs)
    assert (result.token is not None) == own


def test_a_vendor_is_known_by_his_group_or_by_the_order_he_got() -> None:
    noc = mail("noc@vendor.example")
    assert role(facts(noc, ticket=changed(group="carrier"))) == "vendor"
    order = token("noc@vendor.example", person="")
    assert role(facts(noc, ticket=TICKET, tokens=(order,))) == "vendor"
    assert role(facts(noc, ticket=TICKET, tokens=(token(),))) == "New"
    assert role(facts(noc, ticket=TICKET, tokens=(replace(order, ticket=1002),))) == "New"


@pytest.mark.parametrize(
    ("kind", "tokens", "expected"),
    [
        ("automatic", (MINE,), "automatic"),
        ("bounce", (MINE,), "automatic"),
        ("bulk", (MINE,), "New"),
        ("human", (MINE,), "New"),
        ("automatic", (), "New"),
        ("automatic", (replace(MINE, ticket=1002),), "New"),
    ],
)
def test_a_machine_joins_by_a_token_only(kind: Any, tokens: Any, expected: str) -> None:
    written = mail("robot@far.example", origin=Origin(kind=kind))
    assert role(facts(written, ticket=TICKET, tokens=tokens)) == expected


def test_a_bounce_belongs_to_the_ticket_of_the_mail_it_is_about() -> None:
    written = mail("mailer-daemon@relay.example", origin=Origin(kind="bounce"), bounce=Bounce())
    assert role(facts(written, tickets={1001: TICKET}, bounced=MINE)) == "bounce"
    assert role(facts(written, tickets={}, bounced=MINE)) == "New"


@pytest.mark.parametrize(
    "found",
    [
        facts(mail(origin=Origin(kind="own", reasons=("X-Maildesk-Loop",))), ticket=TICKET),
        facts(mail("it@corp.example")),
        facts(mail("HelpDesk@corp.example")),
        facts(mail(authentication=Authentication()), known=Known(inbound=3, ticket=1001, identical=True)),
    ],
)
def test_own_mail_and_second_deliveries_are_ignored(found: Facts) -> None:
    assert isinstance(thread.match(found, POLICY, NOW), Ignore)


def test_a_second_delivery_names_the_first_and_its_ticket() -> None:
    found = facts(known=Known(inbound=3, ticket=1001, identical=True))
    assert thread.match(found, POLICY, NOW) == Ignore(reason="a second delivery of mail 3", ticket=1001)
    assert isinstance(thread.match(facts(known=Known(inbound=3, ticket=1, identical=False)), POLICY, NOW), New)


def test_the_strongest_reference_wins_and_of_equals_the_newest_ticket() -> None:
    tickets = {n: changed(number=n) for n in (1001, 1002, 1003)}
    by_token = facts(tickets=tickets, tokens=(MINE,), referenced=(1003,))
    by_reply = facts(mail(in_reply_to=("a@c",)), tickets=tickets, stored={"a@c": 1001, "b@c": 1002})
    equals = facts(tickets=tickets, referenced=(1001, 1002))
    for found, number in ((by_token, 1001), (by_reply, 1001), (equals, 1002)):
        result = thread.match(found, POLICY, NOW)
        assert isinstance(result, Belongs)
        assert result.ticket.number == number


def test_a_reference_to_a_ticket_that_is_not_there_is_none() -> None:
    assert thread.match(facts(referenced=(9,), stored={"a@c": 8}), POLICY, NOW) == New(reason="it refers to no ticket")


@pytest.mark.parametrize(
    ("subject", "expected"),
    [
        ("Re: Printer jams", "requester"),
        ("回复: [MD-1001] PRINTER JAMS", "requester"),
        ("Fwd: Printer jams", "New"),
        ("Another matter", "New"),
    ],
)
def test_references_alone_need_the_same_subject_and_no_forward(subject: str, expected: str) -> None:
    written = mail(subject=subject, references=("a@c",))
    assert role(facts(written, tickets={1001: TICKET}, stored={"a@c": 1001})) == expected


def test_a_reference_prefix_of_our_own_is_no_part_of_the_subject() -> None:
    policy = replace(POLICY, reference="IT")
    found = facts(mail(subject="Re: [IT-1001] Printer jams"), tickets={1001: TICKET}, stored={"a@c": 1001})
    assert isinstance(thread.match(found, policy, NOW), Belongs)


@pytest.mark.parametrize(
    ("days", "text", "sender", "expected"),
    [
        (14, "It jams again.", "sarah@corp.example", "requester"),
        (15, "It jams again.", "sarah@corp.example", "New"),
        (15, "Thank you!", "sarah@corp.example", "requester"),
        (15, "已解决", "sarah@corp.example", "requester"),
        (15, "It jams again.", "bob@partner.example", "New"),
        (15, "One more note.", "li@corp.example", "staff"),
    ],
)
def test_long_after_its_end_only_thanks_and_staff_reach_a_ticket(
    days: int, text: str, sender: str, expected: str
) -> None:
    ticket = changed(status="closed", closed_at=NOW - timedelta(days=days), participants=(BOB,), requester=SARAH)
    found = facts(mail(sender, new_text=text), ticket=ticket)
    assert role(found) == expected
    if expected == "New":
        result = thread.match(found, POLICY, NOW)
        assert isinstance(result, New)
        assert result.follows == 1001
