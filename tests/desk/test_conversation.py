"""A mail within a ticket: what each role's words change, and who hears."""

from dataclasses import replace
from typing import Any

import pytest

from fixtures.desk_samples import NOW, POLICY, TICKET, changed, facts, mail, token
from maildesk.desk import conversation
from maildesk.desk.classification import Classification
from maildesk.desk.model import Decision, Facts, Ticket
from maildesk.desk.thread import Belongs
from maildesk.mail.model import Authentication, Bounce, BouncedRecipient, Mail, Origin


def replied(role: Any, found: Facts, ticket: Ticket = TICKET, **belongs: Any) -> Decision:
    where = Belongs(ticket=ticket, role=role, way="signed id", **belongs)
    return conversation.replied(found, where, Classification(), POLICY, NOW)


def told(decision: Decision) -> list[tuple[str, str]]:
    return [(notice.event, notice.to.address.partition("@")[0]) for notice in decision.notices]


def kinds(decision: Decision) -> list[str]:
    return [event.kind for event in decision.events]


def words(text: str, sender: str = "sarah@corp.example", **fields: Any) -> Facts:
    return facts(mail(sender, new_text=text, text=text), **fields)


PENDING = changed(status="pending", assignee="li")
RESOLVED = changed(status="resolved", resolved_at=NOW, assignee="li")


@pytest.mark.parametrize(
    ("ticket", "role", "text", "events", "notices"),
    [
        (TICKET, "requester", "More.", ["received"], [("requester-replied", "li"), ("requester-replied", "han")]),
        (changed(assignee="li"), "participant", "More.", ["received"], [("requester-replied", "li")]),
        (PENDING, "requester", "OK", ["received", "resumed"], [("requester-replied", "li")]),
        (RESOLVED, "requester", "Solved", ["received", "closed"], [("closed", "sarah")]),
        (RESOLVED, "participant", "Solved", ["received"], []),
        (RESOLVED, "requester", "Thanks!", ["received"], []),
        (RESOLVED, "requester", "Not solved", ["received", "reopened"], [("reopened", "li")]),
        (RESOLVED, "participant", "It jams again.", ["received", "reopened"], [("reopened", "li")]),
        (changed(held="spam"), "requester", "More.", ["received"], []),
    ],
)
def test_what_a_requester_writes(
    ticket: Ticket, role: str, text: str, events: list[str], notices: list[tuple[str, str]]
) -> None:
    decision = replied(role, words(text), ticket)
    assert kinds(decision) == events
    assert told(decision) == notices


def test_a_reply_that_was_missed_until_the_mailbox_was_renewed_still_reaches_the_team() -> None:
    decision = replied("requester", words("More.", historic=True))
    assert [event for event, _ in told(decision)] == ["requester-replied", "requester-replied"]


def test_a_rule_for_replies_adds_its_tags() -> None:
    where = Belongs(ticket=TICKET, role="requester", way="subject")
    tagged = Classification(tags=("vip",), category="network", set_by={"category": "rule x"})
    ticket = conversation.replied(words("More."), where, tagged, POLICY, NOW).ticket
    assert ticket is not None
    assert (ticket.tags, ticket.category) == (("vip",), "network")


def test_the_name_is_the_shown_one_and_the_address_the_one_that_is_believed() -> None:
    odd = mail("eve@far.example", authentication=Authentication(address="sarah@corp.example"))
    decision = replied("requester", facts(odd))
    assert decision.events[0].actor == "sarah@corp.example"
    assert decision.messages[0].sender.address == "sarah@corp.example"


@pytest.mark.parametrize(
    ("action", "status", "permanent"),
    [
        ("failed", "5.1.1", True),
        ("failed", "", True),
        ("", "5.0.0", True),
        ("failed", "4.4.7", False),
        ("delayed", "5.0.0", False),
        ("delivered", "2.0.0", False),
        ("expanded", "2.0.0", False),
    ],
)
def test_only_a_failure_for_good_is_told(action: str, status: str, permanent: bool) -> None:
    lost = BouncedRecipient(address="x@y.example", action=action, status=status)
    found = facts(mail("mailer-daemon@relay", origin=Origin(kind="bounce"), bounce=Bounce(recipients=(lost,))))
    decision = replied("bounce", found, changed(assignee="li"), token=token("sarah@corp.example", person=""))
    assert decision.events[0].data["permanent"] == permanent
    assert decision.events[0].data["recipient"] == "sarah@corp.example"
    assert told(decision) == ([("undelivered", "li")] if permanent else [])
    closed = changed(status="closed", closed_at=NOW)
    assert told(replied("bounce", found, closed)) == []


def staff(text: str, ticket: Ticket = TICKET, *, shown: bool = True, written: Mail | None = None) -> Decision:
    found = facts(written or mail("li@corp.example", new_text=text))
    return replied("staff", found, ticket, person=POLICY.people["li"], token=token() if shown else None)


def test_staff_with_a_token_act_and_get_a_receipt_for_commands_only() -> None:
    assert told(staff("Hello.")) == [("answered", "sarah"), ("taken", "han")]
    assert told(staff("#take")) == [("taken", "han"), ("receipt", "li")]


def test_staff_without_proof_leave_an_unverified_note() -> None:
    decision = staff("#close", shown=False)
    assert kinds(decision) == ["asked-back", "noted"]
    assert decision.events[1].data["unverified"]
    assert told(decision) == [("unverified-command", "li")]


def test_a_wrong_command_leaves_a_note_and_a_receipt_with_the_errors() -> None:
    decision = staff("#clse\n\nwords")
    assert kinds(decision) == ["noted"]
    (notice,) = decision.notices
    assert (notice.event, notice.values["ok"]) == ("receipt", False)
    assert "是不是 close？" in notice.values["errors"][0]
    assert decision.messages[0].internal


@pytest.mark.parametrize(("result", "allowed"), [("pass", True), ("fail", False), ("none", False)])
def test_where_the_relay_checks_its_pass_is_needed_too(result: Any, allowed: bool) -> None:
    policy = replace(POLICY, authserv_id="mx.corp.example")
    trust = Authentication(address="li@corp.example", result=result, reasons=("dmarc=x",))
    found = facts(mail("li@corp.example", authentication=trust))
    belongs = Belongs(ticket=TICKET, role="staff", way="signed id", person=POLICY.people["li"], token=token())
    assert (conversation.authority(found, belongs, policy) == "") == allowed
    assert (conversation.authority(found, belongs, policy, "zh") == "") == allowed


def test_a_vendors_words_are_a_note_for_the_assignee_else_the_lead() -> None:
    found = words("Booked.", "noc@vendor.example")
    for ticket, reader in ((changed(assignee="li"), "li"), (TICKET, "han"), (changed(group="carrier"), "ops")):
        decision = replied("vendor", found, ticket)
        assert kinds(decision) == ["noted"]
        assert told(decision) == [("vendor-replied", reader)]
        assert decision.messages[0].internal
