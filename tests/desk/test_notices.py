"""Whom a notice goes to, and what goes along."""

from dataclasses import replace

from fixtures.desk_samples import NOW, POLICY, TICKET, changed, mail
from maildesk.desk import notices
from maildesk.desk.model import Recipient
from maildesk.mail.model import Attachment


def file(name: str, size: int) -> Attachment:
    return Attachment(filename=name, content_type="text/plain", size=size, sha256="x", inline=False)


def test_attachments_fit_in_order_and_the_rest_is_named_with_its_size() -> None:
    policy = replace(POLICY, attach_mb=10)
    small, large, last = file("a", 3_000_000), file("b", 5_500_000), file("c", 4_200_000)
    assert notices.fitting((small, large, last), policy) == ((small, last), ("b (5.5 MB)",))
    assert notices.fitting((), policy) == ((), ())


def test_each_address_hears_once_and_not_of_his_own_act() -> None:
    one, same, other = (Recipient(address=a) for a in ("a@x.example", "A@X.example", "b@x.example"))
    assert notices.once_each([one, same, other]) == (one, other)
    assert notices.once_each([one, other], but="A@x.example") == (other,)


def test_a_dispatch_is_for_the_assignee_else_for_each_of_the_group() -> None:
    group = notices.dispatched(TICKET, POLICY, NOW, text="It jams.", history=2)
    assert [(n.audience, n.to.person, n.values["history"]) for n in group] == [("group", "li", 2), ("group", "han", 2)]
    (one,) = notices.dispatched(changed(assignee="li"), POLICY, NOW, text="It jams.")
    assert (one.audience, one.to.person) == ("assignee", "li")
    assert one.values["response_due"] is not None


def test_a_mail_to_the_requester_hangs_on_his_latest() -> None:
    (notice,) = notices.to_requester("answered", changed(last_id="second@c"), POLICY, values={})
    assert notice.in_reply_to == "second@c"


def test_who_cannot_be_reached_is_told_of_to_somebody_else() -> None:
    def readers(ticket: object, recipient: str) -> list[tuple[str, str]]:
        found = notices.undelivered(ticket, recipient, "550", POLICY)  # type: ignore[arg-type]
        return [(n.audience, n.to.address) for n in found]

    assert readers(TICKET, "sarah@corp.example") == [("group", "li@corp.example"), ("group", "han@corp.example")]
    assert readers(TICKET, "li@corp.example") == [("group", "han@corp.example")]
    assert readers(changed(assignee="li"), "li@corp.example") == [("owner", "han@corp.example")]
    assert readers(changed(assignee="han"), "han@corp.example") == [("owner", "ops@corp.example")]


def test_the_neutral_receipt_names_nobody() -> None:
    notice = notices.acknowledged_stranger(TICKET, mail(), POLICY)
    assert (notice.to.name, notice.text, dict(notice.values)) == ("", "", {})
