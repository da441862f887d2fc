"""Delivery reports as servers and providers word them, whole mails; and mails of people about them, which are none."""

from typing import NamedTuple

import pytest

from maildesk.mail.parse import parse

WEI = "wei@customer.example"
COPY = "Message-ID: <1042.abc@corp.example>\nFrom: it@corp.example\nSubject: [MD-1042] printer\n\nx\n"


class Report(NamedTuple):
    """A report in prose; what it says of WEI."""

    sender: str
    subject: str
    text: str
    status: str = ""
    action: str = "failed"
    original: bool = True


REPORTS = {
    "postfix": Report(
        "MAILER-DAEMON@mx.example (Mail Delivery System)",
        "Undelivered Mail Returned to Sender",
        "This is the mail system at host mx.example.\n\nI'm sorry to have to inform you that your message could not\n"
        f"be delivered to one or more recipients. It's attached below.\n\n<{WEI}>: host mx.customer.example[192.0.2.1] "
        "said: 550 5.1.1\n    User unknown (in reply to RCPT TO command)\n\n" + COPY,
        "5.1.1",
    ),
    "postfix, delayed": Report(
        "MAILER-DAEMON@mx.example",
        "Delayed Mail (still being retried)",
        "####################################################################\n# THIS IS A WARNING ONLY.  YOU DO NOT "
        "NEED TO RESEND YOUR MESSAGE. #\n####\n\nYour message could not be delivered for more than 4 hour(s).\nIt will "
        f"be retried until it is 5 day(s) old.\n\n<{WEI}>: connect to mx.customer.example[192.0.2.1]:25: Connection "
        "timed out\n",
        action="delayed",
        original=False,
    ),
    "sendmail": Report(
        "Mail Delivery Subsystem <MAILER-DAEMON@mx.example>",
        "Returned mail: see transcript for details",
        "The original message was received at Mon, 6 May 2024 10:00:00 +0800\nfrom localhost [127.0.0.1]\n\n"
        f"   ----- The following addresses had permanent fatal errors -----\n<{WEI}>\n    (reason: 550 5.1.1 User "
        f"unknown)\n\n   ----- Transcript of session follows -----\n550 5.1.1 <{WEI}>... User unknown\n\n"
        "   ----- Original message follows -----\n" + COPY,
        "5.1.1",
    ),
    "sendmail, warning": Report(
        "Mail Delivery Subsystem <MAILER-DAEMON@mx.example>",
        "Warning: could not send message for past 4 hours",
        "    **********************************************\n    **      THIS IS A WARNING MESSAGE ONLY      **\n"
        "    **  YOU DO NOT NEED TO RESEND YOUR MESSAGE  **\n    **********************************************\n\n"
        f"   ----- Transcript of session follows -----\n<{WEI}>... Deferred: Connection timed out\n"
        "Warning: message still undelivered after 4 hours\nWill keep trying until message is 5 days old\n",
        action="delayed",
        original=False,
    ),
    "exim": Report(
        "Mail Delivery System <Mailer-Daemon@mx.example>",
        "Mail delivery failed: returning message to sender",
        "This message was created automatically by mail delivery software.\n\nA message that you sent could not be "
        "delivered to one or more of its\nrecipients. This is a permanent error. The following address(es) failed:\n\n"
        f"  {WEI}\n    host mx.customer.example [192.0.2.1]\n    SMTP error from remote mail server after RCPT "
        f"TO:<{WEI}>:\n    550 5.7.1 rejected by policy\n\n"
        "------ This is a copy of your message, including all the headers. ------\n\n" + COPY,
        "5.7.1",
    ),
    "exim, delayed": Report(
        "Mail Delivery System <Mailer-Daemon@mx.example>",
        "Warning: message 1abc delayed 24 hours",
        "This message was created automatically by mail delivery software.\nA message that you sent has not yet been "
        f"delivered to one or more of its\nrecipients after more than 24 hours on the queue on mx.example.\n\n  {WEI}\n"
        "    Delay reason: Connection timed out\n\nNo action is required on your part. Delivery attempts will continue "
        "for\nsome time, and this warning may be repeated at intervals\n",
        action="delayed",
        original=False,
    ),
    "qmail": Report(
        "MAILER-DAEMON@mx.example",
        "failure notice",
        "Hi. This is the qmail-send program at mx.example.\nI'm afraid I wasn't able to deliver your message to the "
        "following addresses.\nThis is a permanent error; I've given up. Sorry it didn't work out.\n\n"
        f"<{WEI}>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\n"
        + COPY,
        "5.1.1",
    ),
    "exchange": Report(
        "Microsoft Outlook <MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@customer.example>",
        "Undeliverable: [MD-1042] printer",
        "Delivery has failed to these recipients or groups:\n\n"
        f"Wei Zhang ({WEI})\nThe email address you entered couldn't be found.\n\nDiagnostic information for "
        "administrators:\n\nGenerating server: ex.customer.example\n\n"
        f"{WEI}\nRemote Server returned '550 5.1.1 RESOLVER.ADR.RecipNotFound; not found'\n\n"
        "Original message headers:\n\n" + COPY,
        "5.1.1",
    ),
    "exchange zh": Report(
        "Microsoft Outlook <postmaster@customer.example>",
        "未送达: [MD-1042] 打印机",
        f"无法向这些收件人或组传递邮件:\n\n{WEI}\n找不到你输入的电子邮件地址。\n\n供管理员参考的诊断信息:\n\n"
        f"{WEI}\nRemote Server returned '550 5.1.10 RESOLVER.ADR.RecipientNotFound'\n\n原始邮件头:\n\n" + COPY,
        "5.1.10",
    ),
    "office 365": Report(
        "postmaster@customer.example",
        "Undeliverable: printer",
        f"Your message to {WEI} couldn't be delivered.\n\nwei wasn't found at customer.example.\n\n"
        "Status code: 550 5.1.10\n\nOriginal Message Details\nMessage headers\n" + COPY,
        "5.1.10",
    ),
    "notes": Report(
        "postmaster@customer.example",
        "DELIVERY FAILURE: User wei (wei@customer.example) not listed in Domino Directory",
        "Your message\n\n  Subject: printer\n\nwas not delivered to:\n\n"
        f"  {WEI}\n\nbecause:\n\n  User wei ({WEI}) not listed in Domino Directory\n",
        original=False,
    ),
    "yahoo": Report(
        "MAILER-DAEMON@yahoo.example",
        "Failure Notice",
        f"Sorry, we were unable to deliver your message to the following address.\n\n<{WEI}>:\n554: delivery error: "
        "dd This user doesn't have a yahoo.example account (wei@customer.example) [0]\n\n"
        "--- Below this line is a copy of the message.\n\n" + COPY,
    ),
    "gmail": Report(
        "Mail Delivery Subsystem <mailer-daemon@googlemail.example>",
        "Delivery Status Notification (Failure)",
        f"** Address not found **\n\nYour message wasn't delivered to {WEI} because the address couldn't be found, or "
        "is unable to receive mail.\n\nThe response from the remote server was:\n550 5.1.1 The email account that you "
        "tried to reach does not exist.\n\n----- Original message -----\n\n" + COPY,
        "5.1.1",
    ),
    "gmail, delayed": Report(
        "Mail Delivery Subsystem <mailer-daemon@googlemail.example>",
        "Delivery Status Notification (Delay)",
        f"** Delivery incomplete **\n\nThere was a temporary problem delivering your message to {WEI}. Gmail will "
        "retry for 46 more hours. You'll be notified if the delivery fails permanently.\n",
        action="delayed",
        original=False,
    ),
    "qq": Report(
        "PostMaster <PostMaster@qq.example>",
        "来自qq.example的退信",
        "很抱歉您发送的邮件被退回，以下是该邮件的相关信息：\n被退回邮件\n主 题：[MD-1042] 打印机\n"
        f"无法发送到 {WEI}\n退信原因\n收件人邮件地址（{WEI}）不存在，邮件无法送达。\n"
        "host mx.qq.example said: 550 Mailbox not found\n",
        original=False,
    ),
    "163": Report(
        "<Postmaster@163.example>",
        "系统退信",
        "抱歉，您的邮件被退回来了……\n原邮件信息：\n时间  2024-05-06 10:00:00\n主题  [MD-1042] 打印机\n收件人  "
        f"{WEI}\n退信原因：\n收件人邮箱不存在\nSMTP error, RCPT TO: 550 5.1.1 User unknown\n",
        "5.1.1",
        original=False,
    ),
    "aliyun": Report(
        "MAILER-DAEMON@aliyun.example",
        "系统退信/The email is returned",
        f"您好，您的邮件被退回。\n收件人：{WEI}\n退信原因：对方服务器拒收 554 5.7.1 reject by content spam\n",
        "5.7.1",
        original=False,
    ),
    "outlook.com": Report(
        "postmaster@outlook.example",
        "Delivery Status Notification (Failure)",
        "This is an automatically generated Delivery Status Notification.\n\nDelivery to the following recipients "
        f"failed.\n\n       {WEI}\n",
        original=False,
    ),
    "ses": Report(
        "MAILER-DAEMON@us-west-2.amazonses.example",
        "Delivery Status Notification (Failure)",
        "An error occurred while trying to deliver the mail to the following recipients:\n" + WEI + "\n",
        original=False,
    ),
    "sendgrid": Report(
        "mailer-daemon@sendgrid.example",
        "Undelivered Mail Returned to Sender",
        f"Hi. This is the deliverymail server.\nYour message could not be delivered to:\n<{WEI}>: 550 5.2.1 mailbox "
        "disabled\n",
        "5.2.1",
        original=False,
    ),
    "zimbra": Report(
        "MAILER-DAEMON@zimbra.example (Mail Delivery System)",
        "Undelivered Mail Returned to Sender",
        f"I'm sorry to have to inform you that your message could not be delivered.\n\n<{WEI}>: 552 5.2.2 Over quota\n",
        "5.2.2",
        original=False,
    ),
    "mimecast": Report(
        "postmaster@mimecast.example",
        "[Postmaster] Email Delivery Failure",
        f"This is a delivery failure notification message to inform you that\n\nYour message to {WEI} with subject "
        "'printer' could not be delivered.\n\nThe reason was: 550 5.7.1 administrative prohibition\n",
        "5.7.1",
        original=False,
    ),
    "interscan": Report(
        "imss@gate.example",
        "Mail could not be delivered",
        f"****** Message from InterScan Messaging Security Suite ******\n\nSent <<< RCPT TO:<{WEI}>\nReceived >>> 550 "
        f"5.1.1 unknown user.\n\nUnable to deliver message to <{WEI}>.\n",
        "5.1.1",
        original=False,
    ),
    "antivirus gateway": Report(
        "Mail_AntiVirus_for_SMTP_Gateways@gate.example",
        "Delivery failure notification",
        "Your message with Subject: printer\ncould not be delivered to the following recipients:\n\n"
        f"{WEI}\n\nPlease do not resend your original message.\nDelivery attempts will continue to be made for 5 "
        "day(s).\n",
        action="delayed",
        original=False,
    ),
    "gmx de": Report(
        "Mail Delivery System <mailer-daemon@gmx.example>",
        "Unzustellbar: Drucker",
        f"Ihre Nachricht konnte nicht zugestellt werden.\n\n{WEI}:\n    550 5.1.1 Empfänger unbekannt\n",
        "5.1.1",
        original=False,
    ),
    "orange fr": Report(
        "MAILER-DAEMON@orange.example",
        "Échec de la remise du message",
        f"Votre message n'a pas pu être remis à :\n\n  {WEI}\n\n550 5.2.1 boîte désactivée\n",
        "5.2.1",
        original=False,
    ),
    "ja": Report(
        "Mail Delivery Subsystem <MAILER-DAEMON@docomo.example>",
        "配信不能: プリンター",
        f"次の宛先にメールを配信できませんでした。\n\n<{WEI}>\n550 5.1.1 unknown user\n",
        "5.1.1",
        original=False,
    ),
    "communigate": Report(
        "MAILER-DAEMON@cgate.example",
        "Undeliverable mail: printer",
        f"Failed to deliver to '{WEI}'\nSMTP module(domain customer.example) reports:\n account is full (quota "
        "exceeded)\n",
        original=False,
    ),
    "groupwise": Report(
        "Mailer-Daemon@novell.example",
        "Message status - undeliverable",
        f"The message that you sent was undeliverable to the following:\n\t{WEI} (user not found)\n",
        original=False,
    ),
    "courier": Report(
        '"Mail Delivery Subsystem" <postmaster@courier.example>',
        "NOTICE: mail delivery status.",
        f"This is a delivery status notification from courier.example.\n\n<{WEI}>:\n  550 5.1.1 User unknown.\n",
        "5.1.1",
        original=False,
    ),
}


def raw(sender: str, subject: str, text: str, more: str = "") -> bytes:
    head = f"From: {sender}\nTo: it@corp.example\nSubject: {subject}\nDate: Mon, 6 May 2024 10:00:00 +0800\n{more}"
    return f"{head}MIME-Version: 1.0\nContent-Type: text/plain; charset=utf-8\n\n{text}".encode()


@pytest.mark.parametrize("report", REPORTS.values(), ids=REPORTS)
def test_a_report_in_prose_is_read(report: Report) -> None:
    mail = parse(raw(report.sender, report.subject, report.text))
    assert mail.bounce is not None
    assert mail.origin.kind == "bounce"
    assert [recipient.address for recipient in mail.bounce.recipients] == [WEI]
    assert mail.bounce.recipients[0].status == report.status
    assert mail.bounce.recipients[0].action == report.action
    assert mail.bounce.original_message_id == ("1042.abc@corp.example" if report.original else "")


PEOPLE = [
    ("Mail to wei@customer.example bounces", "My mail to wei@customer.example comes back with 550 5.1.1. Why?"),
    (
        "Undeliverable: what does it mean?",
        "I get 'could not be delivered' for:\n\nwei@customer.example\n\nPlease check.",
    ),
    ("退信问题", "给 wei@customer.example 发邮件总是退信，请处理"),
    ("系统退信怎么办", "您好，\n收件人：wei@customer.example\n退信原因：邮箱不存在\n请帮忙看看"),
    ("邮件发送失败", "发给wei@customer.example的邮件发送失败，提示550"),
    ("Delivery failure for a customer", "The parcel for wei@customer.example was not delivered, user unknown."),
    ("Mailbox full", "My mailbox is full, please raise the quota: wei@customer.example"),
    ("mailbox unavailable", "wei@customer.example\nmailbox unavailable since this morning"),
    ("User unknown", "The login page says user unknown for\nwei@customer.example"),
    ("Returned mail", "My laptop was returned by mail. Contact:\nwei@customer.example"),
    ("failure notice", "Printer failure notice: it failed again.\n\nBob\nwei@customer.example"),
    ("Re: failure notice", "> <wei@customer.example>:\n> user unknown\n\nWhat is this?"),
    ("Fwd: Undelivered Mail Returned to Sender", "see below, could not be delivered\n\nwei@customer.example"),
    ("FW: 退信", "这封退信请看一下\n\n收件人：wei@customer.example 不存在"),
    ("Delivery delayed", "Delivery of my new laptop is delayed. Ask\nwei@customer.example"),
    ("Unzustellbar?", "Meine Mail an\nwei@customer.example\nwurde nicht zugestellt. Warum?"),
    ("Message non remis", "Mon message à wei@customer.example n'est pas remis"),
    ("No se puede entregar", "Mi correo a wei@customer.example no se puede entregar"),
    ("Delivery problem", "We have a delivery problem with wei@customer.example since May"),
    ("账户被禁用", "我的账户 wei@customer.example 被禁用，无法发送邮件"),
]


@pytest.mark.parametrize(("subject", "text"), PEOPLE)
@pytest.mark.parametrize("answer", ["", "In-Reply-To: <1@corp.example>\n"], ids=["new", "answer"])
def test_a_person_who_writes_about_delivery_sends_no_report(subject: str, text: str, answer: str) -> None:
    mail = parse(raw("Bob <bob@corp.example>", subject, text, answer))
    assert mail.bounce is None
    assert mail.origin.kind == "human"


WRAPPED = """\
From: {sender}
Subject: Delivery Status Notification (Failure)
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=gate

--gate
Content-Type: message/rfc822

From: MAILER-DAEMON@mx.example
Subject: Undelivered
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary=b

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; wei@customer.example
Action: failed
Status: 5.1.1

--b
Content-Type: message/rfc822

Message-ID: <1042.abc@corp.example>
Subject: x

x
--b--

--gate--
"""


def test_a_report_that_a_gateway_wraps_is_read() -> None:
    bounce = parse(WRAPPED.format(sender="postmaster@gate.example").encode()).bounce
    assert bounce is not None
    assert [(one.address, one.status) for one in bounce.recipients] == [("wei@customer.example", "5.1.1")]
    assert bounce.original_message_id == "1042.abc@corp.example"


def test_a_wrapped_report_with_raw_octets_in_it_is_read() -> None:
    wrapped = (
        WRAPPED.format(sender="postmaster@gate.example")
        .encode()
        .replace(b"x\n--b--", "打印机".encode("gbk") + b"\n--b--")
    )
    assert parse(wrapped).bounce == parse(WRAPPED.format(sender="postmaster@gate.example").encode()).bounce


def test_a_report_that_a_person_attaches_is_none() -> None:
    assert parse(WRAPPED.format(sender="bob@corp.example").encode()).bounce is None


def test_a_complaint_is_automatic_and_named() -> None:
    head = "From: fbl@provider.example\nSubject: Complaint\nMIME-Version: 1.0\n"
    kind = 'Content-Type: multipart/report; report-type="feedback-report"; boundary=b\n\n'
    body = "--b\nContent-Type: message/feedback-report\n\nFeedback-Type: abuse\n--b--\n"
    mail = parse(f"{head}{kind}{body}".encode())
    assert mail.bounce is None
    assert mail.origin.kind == "automatic"
    assert "complaint" in mail.origin.reasons[0]
