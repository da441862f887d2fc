"""Delivery reports, standard and not; and mails of people, which are none."""

import email
from email.message import Message

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maildesk.mail import dsn
from maildesk.mail.model import Address, Bounce, BouncedRecipient

DAEMON = Address(address="MAILER-DAEMON@mx.example")
REPORT = """\
Return-Path: <>
From: MAILER-DAEMON@mx.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b

I'm sorry to have to inform you that your message could not be delivered.
--b
Content-Type: message/delivery-status
{encoding}
Reporting-MTA: dns; mx.example
Arrival-Date: Mon, 6 May 2024 10:00:00 +0800

{groups}
--b
Content-Type: {kind}

From: it@corp.example
To: wei@customer.example
Message-ID: <1042.abc@CORP.example>
Subject: [MD-1042]

x
--b--
"""
FAILED = """\
Original-Recipient: rfc822;wei@customer.example
Final-Recipient: rfc822; wei.zhang@mail.customer.example
Action: failed
Status: 5.1.1 (bad mailbox)
Diagnostic-Code: smtp; 550 5.1.1 <wei@customer.example>:
    User unknown
"""
DELAYED = "Final-Recipient: rfc822; li@customer.example\nAction: delayed\nStatus: 4.4.1\n"


def report(*groups: str, kind: str = "message/rfc822", encoding: str = "") -> Message:
    return email.message_from_string(REPORT.format(groups="\n".join(groups), kind=kind, encoding=encoding))


def prose(text: str, subject: str = "failure notice", sender: Address | None = DAEMON, **headers: str) -> Bounce | None:
    message = Message()
    for name, value in headers.items():
        message[name.replace("_", "-")] = value
    return dsn.read(message, subject, sender, text)


def addresses(bounce: Bounce | None) -> list[str]:
    assert bounce is not None
    return [recipient.address for recipient in bounce.recipients]


def test_a_standard_report_names_its_recipients_and_the_mail_it_is_about() -> None:
    bounce = dsn.read(report(FAILED, DELAYED), "Undelivered Mail", DAEMON, "")
    assert bounce == Bounce(
        recipients=(
            BouncedRecipient(
                address="wei@customer.example",
                status="5.1.1",
                action="failed",
                diagnostic="smtp; 550 5.1.1 <wei@customer.example>: User unknown",
            ),
            BouncedRecipient(address="li@customer.example", status="4.4.1", action="delayed"),
        ),
        original_message_id="1042.abc@corp.example",
    )


@pytest.mark.parametrize("kind", ["text/rfc822-headers", "message/rfc822", "message/global-headers"])
def test_the_original_mail_is_found_in_any_form_of_its_copy(kind: str) -> None:
    bounce = dsn.read(report(FAILED, kind=kind), "Undelivered", DAEMON, "")
    assert bounce is not None
    assert bounce.original_message_id == "1042.abc@corp.example"


def test_an_encoded_report_is_read_too() -> None:
    bounce = dsn.read(report(FAILED, encoding="Content-Transfer-Encoding: 7bit\n"), "x", DAEMON, "")
    assert addresses(bounce) == ["wei@customer.example"]
    message = Message()
    message["Content-Type"] = "message/delivery-status"
    message["Content-Transfer-Encoding"] = "base64"
    message.set_payload("RmluYWwtUmVjaXBpZW50OiByZmM4MjI7IGFAYi5leGFtcGxlCkFjdGlvbjogZmFpbHVyZQo=")
    bounce = dsn.read(message, "x", None, "")
    assert bounce == Bounce(recipients=(BouncedRecipient(address="a@b.example", action="failed"),))


def test_a_success_report_is_a_report() -> None:
    bounce = dsn.read(report("Final-Recipient: rfc822; a@b.example\nAction: relayed\nStatus: 2.0.0\n"), "x", None, "")
    assert bounce is not None
    assert bounce.recipients[0].action == "relayed"
    assert bounce.recipients[0].status == "2.0.0"


def test_a_report_that_names_nobody_in_its_fields_may_name_somebody_in_its_prose() -> None:
    text = "The following recipients did not receive your message:\n\n  <wei@customer.example>\n"
    assert addresses(dsn.read(report("Action: failed\n"), "x", DAEMON, text)) == ["wei@customer.example"]
    assert addresses(dsn.read(report("Final-Recipient: \n"), "x", None, "")) == []


def test_an_address_said_twice_counts_once() -> None:
    assert addresses(dsn.read(report(FAILED, FAILED), "x", DAEMON, "")) == ["wei@customer.example"]


def test_the_final_recipient_stands_in_where_the_original_is_empty() -> None:
    group = "Original-Recipient: rfc822;\nFinal-Recipient: rfc822; <a@b.example>\nAction: failed\n"
    assert addresses(dsn.read(report(group), "x", DAEMON, "")) == ["a@b.example"]
    group = "Final-Recipient: x400;\nX-Actual-Recipient: rfc822; a@b.example\n"
    assert addresses(dsn.read(report(group), "x", DAEMON, "")) == ["a@b.example"]


EXIM = """\
This message was created automatically by mail delivery software.

A message that you sent could not be delivered to one or more of its
recipients. This is a permanent error. The following address(es) failed:

  wei@customer.example
    SMTP error from remote mail server after RCPT TO:<wei@customer.example>:
    host mx.customer.example [192.0.2.1]: 550 5.1.1 no such user here

------ This is a copy of the message, including all the headers. ------

Message-ID: <1042.abc@corp.example>
From: it@corp.example
To: somebody.else@corp.example
"""
QMAIL = """\
Hi. This is the qmail-send program at mx.example.
I'm afraid I wasn't able to deliver your message to the following addresses.
This is a permanent error; I've given up. Sorry it didn't work out.

<wei@customer.example>:
Sorry, no mailbox here by that name. (#5.1.1)

--- Below this line is a copy of the message.

Return-Path: <it@corp.example>
"""
POSTFIX = """\
This is the mail system at host mx.example.

I'm sorry to have to inform you that your message could not
be delivered to one or more recipients. It's attached below.

<wei@customer.example>: host mx.customer.example said: 552 5.2.2 mailbox full
<li@customer.example>: unknown user: "li"
"""
EXCHANGE = """\
Your message

  To:      all@corp.example
  Subject: Printer
  Sent:    Mon, 6 May 2024 10:00:00 +0800

did not reach the following recipient(s):

wei@customer.example on Mon, 6 May 2024 10:00:10 +0800
    The recipient name is not recognized
"""
GMAIL = """\
** Address not found **

Your message wasn't delivered to wei@customer.example because the address couldn't be found.
"""
QQ = """\
抱歉，您的邮件被退回来了……

原邮件信息：
收件人: wei@customer.example
退信原因： 收件人邮件地址（wei@customer.example）不存在，邮件无法送达。
host mx.qq.example said: 550 Mailbox not found
"""
NETEASE = """\
您的邮件未能送达以下收件人：
wei@customer.example
退信代码：550 User not found
"""
DELAY = """\
This message was created automatically by mail delivery software.
A message that you sent has not yet been delivered to one or more of its
recipients after more than 24 hours on the queue on mx.example.

The address to which the message has not yet been delivered is:

  wei@customer.example

No action is required on your part. Delivery attempts will continue.
"""


@pytest.mark.parametrize("text", [EXIM, QMAIL, EXCHANGE, GMAIL, QQ, NETEASE])
def test_dialects_name_the_recipient_that_failed(text: str) -> None:
    bounce = prose(text)
    assert addresses(bounce) == ["wei@customer.example"]
    assert bounce is not None
    assert bounce.recipients[0].action == "failed"


def test_dialects_tell_status_diagnostic_and_original_mail() -> None:
    bounce = prose(EXIM)
    assert bounce is not None
    assert bounce.recipients[0].status == "5.1.1"
    assert "no such user here" in bounce.recipients[0].diagnostic
    assert bounce.original_message_id == "1042.abc@corp.example"


def test_dialects_may_name_several_recipients() -> None:
    bounce = prose(POSTFIX)
    assert addresses(bounce) == ["wei@customer.example", "li@customer.example"]
    assert bounce is not None
    assert bounce.recipients[0].status == "5.2.2"


def test_a_delay_is_no_failure() -> None:
    bounce = prose(DELAY, subject="Warning: message 1abc delayed 24 hours")
    assert addresses(bounce) == ["wei@customer.example"]
    assert bounce is not None
    assert bounce.recipients[0].action == "delayed"
    given_up = prose(DELAY + "\nGiving up: 550 5.1.1 no such user")
    assert given_up is not None
    assert given_up.recipients[0].action == "failed"


def test_failed_recipients_in_a_header_are_taken_at_their_word() -> None:
    bounce = prose("Nothing to see.", sender=None, X_Failed_Recipients="a@b.example, c@d.example")
    assert addresses(bounce) == ["a@b.example", "c@d.example"]


def test_a_mail_system_without_an_address_is_known_by_name_or_envelope() -> None:
    text = "There was an error delivering your mail to <wei@customer.example>."
    assert addresses(prose(text, sender=None, From="Mail Delivery System <>")) == ["wei@customer.example"]
    assert prose("?", subject="Mail delivery failed", sender=None, Return_Path="<>") == Bounce()


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("FW: Undeliverable: Printer", EXCHANGE),
        ("退信怎么办", "我发给客户的邮件被退信了，wei@customer.example 说没收到"),
        ("Mail problem", "My mail to wei@customer.example could not be delivered, please help"),
        ("回复: 系统退信", QQ),
        ("Printer", "Delivery of the new printer failed"),
    ],
)
def test_a_person_who_writes_about_a_bounce_sends_none(subject: str, text: str) -> None:
    sender = Address(address="li@corp.example")
    assert prose(text, subject=subject, sender=sender, Return_Path="<li@corp.example>") is None


def test_a_person_who_attaches_a_report_sends_none() -> None:
    outer = Message()
    outer["Content-Type"] = "multipart/mixed"
    inner = Message()
    inner["Content-Type"] = "message/rfc822"
    inner.attach(report(FAILED))
    outer.attach(inner)
    assert dsn.read(outer, "please look", Address(address="li@corp.example"), "please look") is None


def test_a_postmaster_who_reports_nothing_sends_no_report() -> None:
    assert prose("Welcome to your new mailbox.", subject="Welcome") is None


def test_the_reporters_own_address_is_no_recipient() -> None:
    text = "Delivery failed for <wei@customer.example>. Questions go to postmaster@mx.example."
    assert addresses(prose(text)) == ["wei@customer.example"]
    assert addresses(prose("Delivery failed. Ask postmaster@mx.example.")) == []


GATEWAY = """\
****** Message from the mail gateway ******
Unable to deliver message to the following recipients:
<wei@customer.example>

----- Original message -----
x
"""


def test_a_gateway_that_shows_what_was_sent_reports_under_any_name() -> None:
    sender = Address(address="filter@corp.example")
    assert addresses(prose(GATEWAY, subject="Mail could not be delivered", sender=sender)) == ["wei@customer.example"]
    assert prose(GATEWAY, subject="Mail could not be delivered", sender=sender, In_Reply_To="<1@x.example>") is None
    assert prose(GATEWAY, subject="Printer", sender=sender) is None
    uncopied = GATEWAY.partition("-----")[0]
    assert prose(uncopied, subject="Mail could not be delivered", sender=sender) is None


def test_a_robot_with_the_subject_of_a_report_reports() -> None:
    text = "Could not be delivered to: <wei@customer.example>\nThe mailbox is full."
    sender = Address(address="no-reply@mx.example")
    assert addresses(prose(text, subject="メールエラー通知", sender=sender)) == ["wei@customer.example"]


@given(st.text(max_size=300), st.text(max_size=60), st.binary(max_size=300))
def test_anything_may_come(text: str, subject: str, raw: bytes) -> None:
    dsn.read(email.message_from_bytes(raw), subject, Address(address=subject), text)
    dsn.read(report(text.replace("{", "")), subject, DAEMON, text)


def test_blocks_that_are_no_fields_and_copies_without_an_id_are_passed_over() -> None:
    message = Message()
    message["Content-Type"] = "multipart/report"
    status = Message()
    status["Content-Type"] = "message/delivery-status"
    block = Message()
    block["Final-Recipient"] = "rfc822; a@b.example"
    status.set_payload(["no block", block])
    copy = Message()
    copy["Content-Type"] = "message/rfc822"
    copy.attach(Message())
    message.attach(status)
    message.attach(copy)
    assert dsn.read(message, "x", None, "") == Bounce(recipients=(BouncedRecipient(address="a@b.example"),))


def test_many_parts_are_bounded() -> None:
    outer = Message()
    outer["Content-Type"] = "multipart/mixed"
    for _ in range(2_000):
        outer.attach(Message())
    assert dsn.read(outer, "x", None, "") is None
