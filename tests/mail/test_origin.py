"""Who or what wrote a mail, header by header."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maildesk.mail import origin
from maildesk.mail.model import Address, Origin, OriginKind

LOOP = "desk-1@corp.example"
WEI = Address(name="Wei", address="wei@corp.example")
PERSON = [("From", "Wei <wei@corp.example>"), ("Subject", "打印机坏了"), ("Return-Path", "<wei@corp.example>")]


def kind(
    *headers: tuple[str, str], content_type: str = "text/plain", sender: Address | None = WEI, text: str = ""
) -> OriginKind:
    return origin.judge([*PERSON, *headers], content_type, sender, text, LOOP).kind


SAMPLES: dict[str, str] = {
    "Auto-Submitted": "auto-replied (vacation)",
    "Return-Path": "<>",
    "Precedence": "bulk",
    "X-Precedence": "junk",
    "List-Unsubscribe": "<mailto:leave@lists.example>",
    "X-Campaign*": "spring",
    "X-Auto-Reply*": "wei@corp.example",
    "X-Autorespond*": "re",
    "X-Autoresponse*": "1",
    "X-FC-MachineGenerated": "true",
    "X-POST-MessageClass": "9; Autoresponder",
    "Delivered-To": "Autoresponder",
    "X-Mailer": "PHP Autoresponder 2",
    "X-MS-Exchange-Generated-Message-Source": "Mailbox Rules Agent",
    "X-OTRS-Loop": "yes",
    "X-No-Loop": "True",
    "X-Loop": "yes",
    "X-GitLab-*": "desk",
}


def sample(check: origin.Check) -> str:
    if check.header.endswith("recedence") and check.kind == "automatic":
        return "auto_reply"
    return SAMPLES.get(check.header, "<desk.lists.example>")


@pytest.mark.parametrize("check", origin.CHECKS, ids=lambda check: f"{check.header} {check.kind}")
def test_each_row_of_the_table_catches_its_header(check: origin.Check) -> None:
    name = check.header.replace("*", "Id")
    for spelling in (name, name.lower(), name.upper()):
        judged = origin.judge([*PERSON, (spelling, sample(check))], "text/plain", WEI, "", LOOP)
        assert judged.kind == check.kind
        assert check.why in judged.reasons[0]


@pytest.mark.parametrize(
    "header",
    [
        ("Auto-Submitted", "no"),
        ("Auto-Submitted", "No (said the client)"),
        ("Return-Path", "<wei@corp.example>"),
        ("Precedence", "normal"),
        ("Precedence", "first-class"),
        ("X-Loop", "it@corp.example"),
        ("X-Mailer", "Microsoft Outlook 16.0"),
        ("X-MS-Exchange-Inbox-Rules-Loop", "wei@corp.example"),
        ("Delivered-To", "it@corp.example"),
        ("X-FC-MachineGenerated", "false"),
        ("In-Reply-To", "<1@corp.example>"),
        ("X-Priority", "1"),
    ],
)
def test_a_persons_mail_is_human(header: tuple[str, str]) -> None:
    assert kind(header) == "human"


def test_our_own_loop_header_is_own_and_anothers_says_nothing_of_who_wrote() -> None:
    assert kind(("X-Maildesk-Loop", f" {LOOP} "), ("Auto-Submitted", "auto-replied")) == "own"
    assert kind(("X-Maildesk-Loop", "other@desk.example")) == "human"
    assert kind(("X-Maildesk-Loop", "other@desk.example"), ("Auto-Submitted", "auto-replied")) == "automatic"
    assert origin.judge([("X-Maildesk-Loop", "")], "", None, "", "").kind == "human"


def test_reports_are_bounces_or_automatic() -> None:
    assert kind(content_type='multipart/report; report-type="delivery-status"; boundary=x') == "bounce"
    assert kind(content_type="Multipart/Report; report-type=disposition-notification") == "automatic"
    assert kind(content_type="multipart/mixed; x=multipart/report") == "human"


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("MAILER-DAEMON@mx.example", "bounce"),
        ("mailer-daemon+1@mx.example", "bounce"),
        ("postmaster@mx.example", "bounce"),
        ("MAILER-DAEMON", "bounce"),
        ("MicrosoftExchange329e71ec88ae4615bbc36ab6ce41109e@corp.example", "bounce"),
        ("no-reply@shop.example", "automatic"),
        ("noreply123@shop.example", "automatic"),
        ("jira.do-not-reply@corp.example", "automatic"),
        ("donotreply@corp.example", "automatic"),
        ("shop-bounces@lists.example", "automatic"),
        ("norah.reply@corp.example", "human"),
        ("postmaster.wang@corp.example", "human"),
        ("bouncer@corp.example", "human"),
    ],
)
def test_senders_that_are_no_person(address: str, expected: OriginKind) -> None:
    assert kind(sender=Address(address=address)) == expected


def test_a_mailing_list_is_bulk_even_when_a_robot_writes() -> None:
    assert kind(("List-Id", "<a.lists.example>"), ("Auto-Submitted", "auto-generated")) == "bulk"
    assert kind(("X-Failed-Recipients", "a@b.example"), ("Precedence", "bulk")) == "bounce"


@pytest.mark.parametrize(
    "subject",
    [
        "Automatic reply: printer",
        "Out of Office: printer",
        "Out of the office",
        "I'm out of the office",
        "Auto: [MD-1042] printer",
        "Out of Office Re: printer",
        "自动回复: 打印机坏了",
        "自动回复：打印机坏了",
        "【自动回复】",
        "[自动回复]: x",
        "系统自动回复",
        "自動回覆: 印表機",
        "自動応答：プリンター",
        "자동 회신: 프린터",
        "Automatische Antwort: Drucker",
        "Abwesenheitsnotiz: Drucker",
        "Réponse automatique : imprimante",
        "Absente du bureau: imprimante",
        "Respuesta automática: impresora",
        "Fuera de la oficina: impresora",
        "Resposta automática: impressora",
        "Risposta automatica: stampante",
        "Automatisch antwoord: printer",
        "Autosvar: skrivare",
    ],
)
def test_out_of_office_is_seen_by_its_subject(subject: str) -> None:
    judged = origin.judge([("Subject", subject)], "text/plain", WEI, "", LOOP)
    assert judged.kind == "automatic"


@pytest.mark.parametrize(
    "subject",
    [
        "自动回复功能怎么设置？",
        "如何设置自动回复",
        "Out of office setup does not work",
        "Automatic reply does not stop",
        "Autocad: licence",
        "Re: Automatic reply: printer",
        "回复: 自动回复: 打印机",
        "Abwesenheit eintragen",
        "外出办公 VPN",
        "Absence: demande de matériel",
        "automation: broken",
    ],
)
def test_a_subject_about_absence_is_a_persons(subject: str) -> None:
    assert origin.judge([("Subject", subject)], "text/plain", WEI, "", LOOP).kind == "human"


def test_what_providers_write_into_automatic_replies_is_seen() -> None:
    assert kind(text="这是来自QQ邮箱的假期自动回复邮件。\n您好") == "automatic"
    assert kind(text="\n\nThis is an automated response. Please wait.") == "automatic"
    assert kind(text="你好，\n请看下面：\n这是来自QQ邮箱的自动回复邮件") == "human"


def test_the_wish_for_no_answers_alone_makes_a_mail_automatic() -> None:
    judged = origin.judge([("X-Auto-Response-Suppress", "DR, OOF, AutoReply")], "text/plain", WEI, "", LOOP)
    assert judged.kind == "automatic"
    assert judged.reasons == ("X-Auto-Response-Suppress: DR, OOF, AutoReply",)


@pytest.mark.parametrize("header", [("Thread-Index", "Adqf"), ("User-Agent", "Thunderbird"), ("X-Mailer", "Foxmail 7")])
def test_the_wish_for_no_answers_on_a_mail_that_a_person_wrote_leaves_it_human(header: tuple[str, str]) -> None:
    judged = origin.judge([("X-Auto-Response-Suppress", "All"), header], "text/plain", WEI, "", LOOP)
    assert judged.kind == "human"
    assert judged.reasons == ("X-Auto-Response-Suppress: All",)


def test_the_wish_about_receipts_alone_says_nothing() -> None:
    assert kind(("X-Auto-Response-Suppress", "DR, RN, NRN")) == "human"


def test_the_wish_does_not_hide_other_evidence() -> None:
    headers = (("X-Auto-Response-Suppress", "All"), ("Thread-Index", "x"), ("Auto-Submitted", "auto-generated"))
    assert kind(*headers) == "automatic"


def test_a_mail_without_a_sender_is_judged_too() -> None:
    assert origin.judge([], "", None, "", "") == Origin()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Spam-Flag", "YES"),
        ("X-Spam-Status", "Yes, score=9.1 required=5.0"),
        ("X-Spam", "Yes"),
        ("X-Spam-Action", "add header"),
        ("X-Rspamd-Action", "reject"),
        ("X-Barracuda-Spam-Flag", "YES"),
        ("X-Barracuda-Spam-Status", "Yes, SCORE=5"),
        ("X-Proofpoint-Spam-Details", "rule=inbound_spam policy=default score=90"),
        ("X-MS-Exchange-Organization-SCL", "6"),
        ("X-Forefront-Antispam-Report", "CIP:1.2.3.4;SFV:SPM;H:x"),
        ("X-Forefront-Antispam-Report", "CIP:1.2.3.4;CAT:HPHISH;SFV:NSPM"),
        ("X-Bogosity", "Spam, tests=bogofilter"),
        ("X-DSPAM-Result", "Spam"),
        ("x-suspected-spam", "true"),
    ],
)
def test_the_relays_word_that_it_is_spam_is_told(name: str, value: str) -> None:
    assert origin.spam([("Subject", "x"), (name, value)]) == f"{name}: {value}"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("X-Spam-Flag", "NO"),
        ("X-Spam-Status", "No, score=-1 required=5.0"),
        ("X-MS-Exchange-Organization-SCL", "-1"),
        ("X-MS-Exchange-Organization-SCL", "1"),
        ("X-Forefront-Antispam-Report", "CIP:1.2.3.4;SFV:NSPM;CAT:NONE"),
        ("X-Proofpoint-Spam-Details", "rule=inbound_notspam policy=default score=0"),
        ("X-Rspamd-Action", "no action"),
        ("Subject", "X-Spam-Flag: YES"),
    ],
)
def test_a_clean_verdict_is_no_spam(name: str, value: str) -> None:
    assert origin.spam([(name, value)]) == ""


@given(st.lists(st.tuples(st.text(max_size=30), st.text(max_size=100))), st.text(max_size=100))
def test_any_headers_give_an_origin(headers: list[tuple[str, str]], text: str) -> None:
    origin.judge(headers, text, Address(address=text), text, text)
    origin.spam(headers)
