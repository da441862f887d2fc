"""Each mail goes one way: ignored, part of a ticket, or a ticket of its own."""

from fixtures.desk_samples import NOW, POLICY, TICKET, facts
from maildesk.desk import triage
from maildesk.desk.classification import Classification
from maildesk.desk.model import Decision
from maildesk.desk.thread import Belongs, Ignore, New, Thread


def decide(where: Thread, classification: Classification | None = None) -> Decision:
    return triage.decide(facts(ticket=TICKET), where, classification or Classification(), POLICY, NOW)


def test_an_ignored_mail_changes_nothing_and_is_filed_beside_its_ticket() -> None:
    second = decide(Ignore(reason="second", ticket=1001))
    assert (second.ticket, second.events, second.notices, second.reason) == (TICKET, (), (), "second")
    assert decide(Ignore(reason="own")).ticket is None


def test_a_mail_of_a_ticket_is_a_reply_and_any_other_opens_one() -> None:
    reply = decide(Belongs(ticket=TICKET, role="requester", way="subject"))
    assert [event.kind for event in reply.events] == ["received"]
    assert decide(New(reason="x")).events[0].kind == "opened"


def test_a_rule_can_say_that_there_is_no_ticket() -> None:
    ignored = decide(New(reason="x"), Classification(ignore="noise"))
    assert (ignored.ticket, ignored.reason) == (None, "ignored: noise")
