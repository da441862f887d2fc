"""Notices to mails: identity, thread, headers, language, and values that stay values."""

import email
import html
import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.header import decode_header, make_header
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from maildesk import notify
from maildesk.desk.model import Notice, Recipient, Ticket
from maildesk.desk.policy import Person, Policy
from maildesk.errors import ConfigError, PermanentError
from maildesk.mail import ids
from maildesk.mail.model import Address, Attachment, OutgoingMail
from maildesk.notify import layout, words
from maildesk.notify.catalogue import EVENTS, LANGUAGES

SHIPPED = Path(__file__).parents[2] / "templates"
KEY = b"k" * 32
NOW = datetime(2026, 8, 3, 6, 30, tzinfo=UTC)
ORIGIN = "DB7PR04MB4971B5A6F9E2C1D5F6A7B8C9D0E1FDB7PR04MB497@DB7PR04MB4971.eurprd04.prod.outlook.com"
POLICY = Policy(
    name="IT 服务台",
    address="it@corp.example",
    owner="ops@corp.example",
    timezone="Asia/Shanghai",
    people={"li": Person(key="li", name="李雷", addresses=("li@corp.example",))},
)
TICKET = Ticket(
    number=1042,
    opened_at=NOW - timedelta(hours=1),
    subject="VPN 连不上",
    service="vpn",
    category="network",
    priority="P2",
    status="in progress",
    group="l2-network",
    assignee="li",
    requester=Address(name="王芳", address="wang@corp.example"),
    origin_id=ORIGIN,
)
WANG = Recipient(address="wang@corp.example", name="王芳", language="zh", timezone="Asia/Shanghai")
LI = Recipient(address="Li@corp.example", name="Li Lei", language="en", timezone="Europe/Berlin", person="li")
TARGETS = {
    "response_due": NOW + timedelta(minutes=45),
    "resolution_due": NOW + timedelta(hours=26),
    "priority_reason": "impact high (rule outage: 断网)",
}
ACKNOWLEDGED = Notice(
    event="acknowledged", audience="requester", to=WANG, n="1", ticket=TICKET, values=TARGETS, in_reply_to=ORIGIN
)
DISPATCHED = Notice(
    event="dispatched",
    audience="assignee",
    to=LI,
    n="3",
    ticket=TICKET,
    values={**TARGETS, "group_name": "l2-network", "by": "", "note": "", "history": 2},
    text="The VPN is down.\n\n  Error 809",
)
ANSWERED = Notice(
    event="answered",
    audience="requester",
    to=WANG,
    n="5",
    ticket=TICKET,
    values={"by": "李雷"},
    text="请重启路由器。\n谢谢",
)


@pytest.fixture(scope="session")
def templates() -> notify.Templates:
    return notify.load(SHIPPED, None)


def sent(notice: Notice, templates: notify.Templates, policy: Policy = POLICY) -> OutgoingMail:
    outgoing = notify.mail(notice, templates, policy, KEY, NOW)
    assert outgoing is not None
    return outgoing


def message(notice: Notice, templates: notify.Templates, policy: Policy = POLICY) -> "Message[str, str]":
    return email.message_from_bytes(sent(notice, templates, policy).data)


def body(notice: Notice, templates: notify.Templates, kind: str = "plain") -> str:
    found = next(p for p in message(notice, templates).walk() if p.get_content_type() == f"text/{kind}")
    payload: Any = found.get_payload(decode=True)
    return str(payload.decode()).replace("\r\n", "\n")


def shown(value: str | None) -> str:
    return str(make_header(decode_header((value or "").replace("\r\n", "").replace("\n", ""))))


def write(folder: Path, place: str, text: str | bytes) -> Path:
    path = folder / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def every_cell() -> list[tuple[str, str, str]]:
    return [
        (event, audience, tongue)
        for event, kind in EVENTS.items()
        for audience in kind.audiences
        for tongue in LANGUAGES
    ]


# -- identity, thread, headers


def test_the_same_notice_has_the_same_identity_and_another_n_has_another(templates: notify.Templates) -> None:
    one = sent(ACKNOWLEDGED, templates)
    assert one.dedupe_key == "acknowledged:1042:1:wang@corp.example"
    assert one == sent(ACKNOWLEDGED, templates)
    assert sent(replace(ACKNOWLEDGED, n="2"), templates).message_id != one.message_id
    assert ids.verify(KEY, one.message_id) == 1042


def test_the_recipient_is_folded_in_the_key_and_bare_on_the_envelope(templates: notify.Templates) -> None:
    outgoing = sent(DISPATCHED, templates)
    assert outgoing.dedupe_key.endswith(":li@corp.example")
    assert (outgoing.recipient, outgoing.person, outgoing.ticket) == ("Li@corp.example", "li", 1042)


def test_a_requesters_mail_hangs_on_the_mail_he_sent(templates: notify.Templates) -> None:
    root = ids.thread_root(KEY, 1042, "wang@corp.example", "corp.example")
    mail = message(ACKNOWLEDGED, templates)
    assert mail["In-Reply-To"] == f"<{ORIGIN}>"
    assert mail["References"].split() == [f"<{root}>", f"<{ORIGIN}>"]
    later = message(replace(ANSWERED, in_reply_to="later@corp.example"), templates)
    assert later["In-Reply-To"] == "<later@corp.example>"
    assert later["References"].split() == [f"<{root}>", f"<{ORIGIN}>", "<later@corp.example>"]


def test_a_staff_members_mails_about_a_ticket_are_one_thread_without_the_requesters_ids(
    templates: notify.Templates,
) -> None:
    root = ids.thread_root(KEY, 1042, "li@corp.example", "corp.example")
    mail = message(DISPATCHED, templates)
    assert (mail["In-Reply-To"], mail["References"]) == (f"<{root}>", f"<{root}>")
    assert ORIGIN.encode() not in sent(DISPATCHED, templates).data


def test_a_mail_about_no_ticket_has_no_thread_of_its_own(templates: notify.Templates) -> None:
    values = {"part": "mailbox", "what": "main", "reason": "refused", "since": NOW, "advice": "check the password"}
    alarm = Notice(event="alarm", audience="owner", to=replace(LI, person=""), n="1", values=values)
    mail = message(alarm, templates)
    assert (mail["In-Reply-To"], mail["References"]) == (None, None)
    assert sent(alarm, templates).dedupe_key == "alarm:0:1:li@corp.example"
    assert mail["Subject"] == "Needs your attention: mailbox main"
    assert mail["X-Maildesk-Ticket"] is None
    receipt = Notice(event="receipt", audience="assignee", to=LI, n="1", values={"ok": True}, in_reply_to="x@y")
    assert message(receipt, templates)["References"] == "<x@y>"


def test_the_reference_stands_in_front_of_the_subject_once(templates: notify.Templates) -> None:
    assert shown(message(ACKNOWLEDGED, templates)["Subject"]) == "Re: [MD-1042] VPN 连不上"
    assert shown(message(DISPATCHED, templates)["Subject"]) == "[MD-1042] VPN 连不上"
    own = replace(ANSWERED, subject="Re: [MD-1042] RE: 回复：VPN 连不上")
    assert shown(message(own, templates)["Subject"]) == "Re: [MD-1042] VPN 连不上"


def test_automatic_mail_says_so_and_a_persons_answer_does_not(templates: notify.Templates) -> None:
    said = {notice.event: message(notice, templates) for notice in (ACKNOWLEDGED, DISPATCHED, ANSWERED)}
    assert [mail["Auto-Submitted"] for mail in said.values()] == ["auto-replied", "auto-generated", None]
    assert [mail["X-Auto-Response-Suppress"] for mail in said.values()] == ["All", "All", None]
    assert {mail["X-Maildesk-Loop"] for mail in said.values()} == {"it@corp.example"}


def test_an_answer_comes_from_the_person_by_the_desks_address(templates: notify.Templates) -> None:
    assert shown(message(ANSWERED, templates)["From"]) == "李雷 (IT 服务台) <it@corp.example>"
    assert shown(message(replace(ANSWERED, values={}), templates)["From"]) == "IT 服务台 <it@corp.example>"
    assert shown(message(ACKNOWLEDGED, templates)["From"]) == "IT 服务台 <it@corp.example>"


def test_only_staff_get_the_headers_for_client_rules(templates: notify.Templates) -> None:
    staff, requester = message(DISPATCHED, templates), message(ACKNOWLEDGED, templates)
    wanted = {
        "Ticket": "MD-1042",
        "Priority": "P2",
        "Status": "in progress",
        "Group": "l2-network",
        "Event": "dispatched",
    }
    assert {name: staff[f"X-Maildesk-{name}"] for name in wanted} == wanted
    assert [name for name in requester if name.startswith("X-Maildesk-")] == ["X-Maildesk-Loop"]


def test_the_null_sender_is_used_for_automatic_mail_where_the_relay_allows_it(templates: notify.Templates) -> None:
    null = replace(POLICY, null_sender=True)
    assert sent(ACKNOWLEDGED, templates).sender == "it@corp.example"
    assert sent(ACKNOWLEDGED, templates, null).sender == ""
    assert sent(ANSWERED, templates, null).sender == "it@corp.example"


def test_p1_and_escalations_leave_first_and_are_marked_for_staff(templates: notify.Templates) -> None:
    p1 = replace(TICKET, priority="P1")
    warned = Notice(event="sla-warned", audience="lead", to=LI, n="1", ticket=TICKET, values={"clock": "response"})
    assert [sent(n, templates).lane for n in (DISPATCHED, replace(DISPATCHED, ticket=p1), warned)] == [
        "normal", "urgent", "urgent",
    ]  # fmt: skip
    assert message(warned, templates)["Importance"] == "high"
    assert message(DISPATCHED, templates)["Importance"] is None
    assert message(replace(ACKNOWLEDGED, ticket=p1), templates)["Importance"] is None


def test_each_mail_knows_for_how_long_it_is_worth_sending(templates: notify.Templates) -> None:
    breached = Notice(event="sla-breached", audience="owner", to=LI, n="1", ticket=TICKET)
    lives = [sent(notice, templates).expires_after // 3600 for notice in (ACKNOWLEDGED, breached, ANSWERED)]
    assert lives == [24, 72, 120]


def test_attachments_go_along_and_left_out_ones_are_named(templates: notify.Templates) -> None:
    file = Attachment(filename="截图.png", content_type="image/png", size=3, sha256="", inline=True, data=b"png")
    notice = replace(ANSWERED, attachments=(file,), omitted=("core.dump (80.0 MB)",))
    found = [part for part in message(notice, templates).walk() if part.get_filename()]
    assert [(part.get_filename(), part.get_payload(decode=True)) for part in found] == [("截图.png", b"png")]
    assert "core.dump (80.0 MB)" in body(notice, templates)


def test_a_person_named_on_a_ladder_is_told_as_a_manager_is(templates: notify.Templates) -> None:
    notice = Notice(event="sla-breached", audience="chen", to=LI, n="1", ticket=TICKET)
    assert "the escalation ladder names you" in body(notice, templates)
    assert sent(notice, templates).audience == "chen"
    lone = replace(DISPATCHED, audience="owner")
    assert "Please give the requester a first answer" in body(lone, templates)


def test_an_unknown_event_and_an_unusable_address_are_permanent_errors(templates: notify.Templates) -> None:
    with pytest.raises(PermanentError, match="no mail is known"):
        notify.mail(replace(ACKNOWLEDGED, event="nonsense"), templates, POLICY, KEY, NOW)
    with pytest.raises(PermanentError, match="not an address"):
        notify.mail(replace(ACKNOWLEDGED, to=replace(WANG, address="x")), templates, POLICY, KEY, NOW)


# -- what it says


@pytest.mark.parametrize(("event", "audience", "language"), every_cell())
def test_every_mail_says_what_happened_and_why_one_gets_it(
    templates: notify.Templates, event: str, audience: str, language: str
) -> None:
    kind = EVENTS[event]
    to = replace(WANG if audience == "requester" else LI, language=language)
    ticket = TICKET if kind.ticket else None
    notice = Notice(event=event, audience=audience, to=to, n="1", ticket=ticket, values=kind.values, text="words\nmore")
    text, page = body(notice, templates), body(notice, templates, "html")
    assert "\n-- \n" in text
    for part in (text, page):
        assert not re.search("[\U000f0000-\U0010ffff]", part)
        assert "None" not in part
        assert "{{" not in part
        assert "**" not in part
    assert ("MD-1042" in text) == (ticket is not None)
    has_chinese = re.search(
        "[一-鿿]", text.replace(POLICY.name, "").replace(TICKET.subject, "").replace("王芳", "").replace("李雷", "")
    )
    assert bool(has_chinese) == (language == "zh")


def test_the_acknowledgement_tells_number_priority_reason_and_local_deadlines(templates: notify.Templates) -> None:
    text = body(ACKNOWLEDGED, templates)
    for said in ("王芳，您好", "MD-1042", "VPN 连不上", "P2 高", "断网", "8月3日（周一）15:15（北京时间）", "接下来："):
        assert said in text
    bare = body(replace(ACKNOWLEDGED, values={}), templates)
    assert "首次回复" not in bare
    assert "定级依据" not in bare


def test_a_dispatch_reads_in_the_zone_and_language_of_its_reader(templates: notify.Templates) -> None:
    text = body(DISPATCHED, templates)
    assert "Mon 3 Aug, 09:15 (Berlin, UTC+2)" in text
    assert "> The VPN is down.\n>\n>   Error 809\n" in text
    assert "#take" in text
    assert "2 earlier tickets" in text


def test_a_vendor_is_not_told_of_commands(templates: notify.Templates) -> None:
    vendor = replace(DISPATCHED, audience="group", to=replace(LI, person="", name="vendor-net"))
    assert "#take" not in body(vendor, templates)
    assert "#take" in body(replace(vendor, to=LI), templates)


def test_an_answer_begins_with_the_engineers_words(templates: notify.Templates) -> None:
    assert body(ANSWERED, templates).startswith("请重启路由器。\n谢谢\n")
    assert "请重启路由器。<br>\n谢谢" in body(ANSWERED, templates, "html")


def test_a_stranger_gets_not_a_byte_of_his_own_text_even_by_an_operators_template(tmp_path: Path) -> None:
    write(
        tmp_path,
        "acknowledged-stranger/requester.zh.md",
        "Subject: {{ ticket.subject }}收到\n\n{{ to.name }}{{ text }}"
        "{{ ticket.reference }}{{ ticket.requester.name }}{{ attachments }}",
    )
    own = notify.load(SHIPPED, tmp_path)
    file = Attachment(filename="SECRET.txt", content_type="text/plain", size=1, sha256="", inline=False, data=b"SECRET")
    notice = Notice(
        event="acknowledged-stranger",
        audience="requester",
        to=replace(WANG, name="SECRET"),
        n="1",
        ticket=replace(TICKET, subject="SECRET", requester=Address(name="SECRET", address="wang@corp.example")),
        text="SECRET",
        subject="SECRET",
        attachments=(file,),
        omitted=("SECRET",),
    )
    for loaded in (own, notify.load(SHIPPED)):
        wire = sent(notice, loaded).data
        mail = message(notice, loaded)
        assert b"SECRET" not in wire
        assert mail["To"] == "wang@corp.example"
        assert "SECRET" not in body(notice, loaded) + body(notice, loaded, "html") + shown(mail["Subject"])
        assert "MD-1042" in body(notice, loaded)


def test_a_receipt_shows_old_and_new_or_what_is_wrong(templates: notify.Templates) -> None:
    lines = [
        {"what": "status", "old": "assigned", "new": "pending"},
        {"what": "pending_until", "old": "", "new": "2026-08-05T01:00:00+00:00"},
    ]
    done = Notice(
        event="receipt",
        audience="assignee",
        to=replace(LI, language="zh"),
        n="1",
        ticket=TICKET,
        values={"ok": True, "lines": lines},
    )
    text = body(done, templates)
    assert "状态：已分派 → 挂起" in text
    assert "挂起至：（空） → 8月5日（周三）03:00（Berlin，UTC+2）" in text
    failed = replace(done, to=LI, ticket=None, values={"ok": False, "errors": ["#tke is no command"]})
    assert "nothing was done" in body(failed, templates)
    assert "#tke is no command" in body(failed, templates)
    assert "nothing on the ticket" in body(replace(failed, values={"ok": True}), templates)


# -- values stay values

HOSTILE = (
    "<b>x</b> <img src=http://evil.example/x.png> [click](http://evil.example) ![i](http://evil.example/i.png)"
    " <http://evil.example> **bold** `code` \U000f0000\U00100001\U0010ffff \x00\x1b ]( javascript:alert(1))"
    " {{ desk.name }} &amp; \"'"
)


@pytest.mark.parametrize(("event", "audience", "language"), every_cell())
def test_no_value_becomes_a_tag_a_link_or_an_image(
    templates: notify.Templates, event: str, audience: str, language: str
) -> None:
    kind = EVENTS[event]

    def page(value: str) -> str:
        hostile = {
            k: value if isinstance(v, str) else [value] if isinstance(v, list) else v for k, v in kind.values.items()
        }
        for k, v in kind.values.items():
            if isinstance(v, list) and isinstance(v[0], dict):
                hostile[k] = [{name: value if isinstance(one, str) else one for name, one in v[0].items()}]
        ticket = replace(
            TICKET,
            subject=value,
            category=value,
            group=value,
            assignee=value,
            requester=Address(name=value, address="a@b"),
        )
        notice = Notice(
            event=event,
            audience=audience,
            to=replace(LI, name=value, language=language),
            n="1",
            ticket=ticket if kind.ticket else None,
            values=hostile,
            text="harmless" if event in ("answered", "resolved", "vendor") else value,  # test_written.py has these
            omitted=(value,),
        )
        return body(notice, templates, "html")

    tags = [re.findall(r"<[^>]*>", page(value)) for value in ("harmless", HOSTILE)]
    assert tags[0] == tags[1]
    assert "<a " not in page(HOSTILE)
    assert "<img" not in page(HOSTILE)


def test_filters_of_any_value_are_as_safe_as_the_value(tmp_path: Path) -> None:
    body_of = (
        "{{ by | pill }} {{ by | word }} {{ by | upper }} {{ 'a' ~ by ~ '<hr>' }} {{ ticket.opened_at }} {{ '*x*' }}"
    )
    write(tmp_path, "taken/group.en.md", f"Subject: x\n\n{body_of}")
    own = notify.load(SHIPPED, tmp_path)
    notice = Notice(event="taken", audience="group", to=LI, n="1", ticket=TICKET, values={"by": "<u>*b*</u>"})
    page = body(notice, own, "html")
    assert "<u>" not in page.lower()
    assert "<em>" not in page
    assert "&lt;hr&gt;" in page
    assert "Mon 3 Aug, 07:30 (Berlin, UTC+2)" in page


def test_long_and_multiline_values_keep_their_lines_and_are_bounded(templates: notify.Templates) -> None:
    notice = replace(DISPATCHED, text="line  one\n    indented\n" + "x" * 200_000)
    page = body(notice, templates, "html")
    assert "line&nbsp; one<br>\n&nbsp; &nbsp; indented<br>" in page
    assert "more characters are not shown" in page
    assert len(page) < 150_000


def test_more_values_than_marks_are_left_out(tmp_path: Path) -> None:
    write(tmp_path, "receipt/assignee.en.md", "Subject: x\n\n{% for error in errors %}{{ error }}{% endfor %}")
    own = notify.load(SHIPPED, tmp_path)
    notice = Notice(event="receipt", audience="assignee", to=LI, n="1", values={"errors": ["e"] * 70_000})
    assert body(notice, own).count("e") < 60_001


def test_html_of_a_fact_list_is_a_table_with_a_coloured_priority(templates: notify.Templates) -> None:
    page = body(ACKNOWLEDGED, templates, "html")
    assert html.unescape(page).count('class="facts"') == 1
    assert "background:#b54708" in page
    assert "<ul" not in page
    assert "P2 高" in page


# -- loading


def problems(folder: Path, shipped: Path = SHIPPED) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        notify.load(shipped, folder)
    return [str(problem).removeprefix(f"{folder}/") for problem in caught.value.problems]


def test_the_shipped_templates_fill_the_grid(templates: notify.Templates) -> None:
    rows = notify.grid(templates)
    cells = {(row.event, row.audience.partition(".")[0]) for row in rows}  # without variants
    assert cells == {(event, audience) for event, audience, _ in every_cell()}
    assert {(row.languages, row.source) for row in rows} == {(LANGUAGES, "shipped")}


def test_an_operators_file_goes_first_and_an_empty_one_switches_off(tmp_path: Path) -> None:
    write(tmp_path, "answered/requester.zh.md", "\ufeffSubject: {{ ticket.subject }}\r\n\r\n本台答复：{{ text }}\r\n")
    write(tmp_path, "taken/group.en.md", "  \n")
    write(tmp_path, "taken/.group.en.md.swp", "x")
    write(tmp_path, "taken/notes.txt", "x")
    own = notify.load(SHIPPED, tmp_path)
    assert body(ANSWERED, own) == "本台答复：请重启路由器。\n谢谢\n"
    taken = Notice(event="taken", audience="group", to=LI, n="1", ticket=TICKET, values={"by": "Han"})
    assert notify.mail(taken, own, POLICY, KEY, NOW) is None
    assert notify.mail(replace(taken, to=replace(LI, language="zh")), own, POLICY, KEY, NOW) is not None
    rows = {
        (row.event, row.languages): row.source
        for row in notify.grid(own)
        if (row.event, row.audience) in (("taken", "group"), ("answered", "requester"))
    }
    assert rows == {
        ("taken", ("zh",)): "shipped",
        ("taken", ("en",)): "off",
        ("answered", ("zh",)): "operator",
        ("answered", ("en",)): "shipped",
    }


def test_a_folder_that_is_not_there_changes_nothing(tmp_path: Path) -> None:
    assert {row.source for row in notify.grid(notify.load(SHIPPED, tmp_path / "none"))} == {"shipped"}


def test_required_mails_can_neither_be_switched_off_nor_be_missing(tmp_path: Path) -> None:
    write(tmp_path, "acknowledged/requester.zh.md", "")
    write(tmp_path, "dispatched/group.en.md", "\n")
    write(tmp_path, "dispatched/assignee.en.md", "\n")
    found = problems(tmp_path)
    assert [line.split(": ")[0] for line in found] == ["acknowledged/requester.zh.md:1", "dispatched/group.en.md:1"]
    missing = problems(tmp_path / "none", tmp_path / "empty")
    assert "templates: answered/requester/zh: this mail has no template" in missing
    assert not any("recovered" in line for line in missing)


@pytest.mark.parametrize(
    ("place", "text", "message"),
    [
        ("answred/requester.zh.md", "x", "no such event: answred; did you mean answered?"),
        ("answered/requestor.zh.md", "x", "answered is not sent to requestor; did you mean requester?"),
        ("answered/requester.de.md", "x", "no such language: de; there is zh, en"),
        ("answered/requester.md", "x", "answered is not sent to nobody; there is requester"),
        ("taken/group.zh.md", b"Subject: x\n\n\xff", "is not UTF-8"),
        ("taken/group.zh.md", b"x" * 300_000, "is larger than 256 KB"),
        ("taken/group.zh.md", "Hello\n\nx", "1: the first line is `Subject: ...`"),
        ("taken/group.zh.md", "Subject:  \n\nx", "1: the first line is `Subject: ...`"),
        ("taken/group.zh.md", "Subject: x\ny\n", "2: a blank line parts the subject from the body"),
        ("taken/group.zh.md", "Subject: x", "2: a blank line parts the subject from the body"),
        ("taken/group.zh.md", "Subject: x\n\n\n", "2: there is no body under the subject"),
        ("taken/group.zh.md", "Subject: x\n\n\n{{ byy }}", "4: byy is not known here; did you mean by?"),
        ("taken/group.zh.md", "Subject: x\n\n{% if by == 'z' %}\n{{ zzz }}\n{% endif %}", "4: zzz is not known here"),
        ("taken/group.zh.md", "Subject: x\n\n{{ ticket.subjekt }}", "3: ticket.subjekt is not known; did you mean"),
        ("taken/group.zh.md", "Subject: x\n\n{{ ticket.subject.x.y }}", "3: 'str object' has no attribute 'x'"),
        ("taken/group.zh.md", "Subject: x\n\n{% if by %}\n{{ by.__class__ }}{% endif %}", "4: access to attribute"),
        ("taken/group.zh.md", "Subject: x\n\n{% if by %}", "3: Unexpected end of template"),
        ("taken/group.zh.md", "Subject: x\n\n\n{{ by | shout }}", "4: No filter named 'shout'"),
        ("taken/group.zh.md", "Subject: x\n\n{{ range(9) }}", "3: only quoted(...) and written(...) can be called"),
        ("taken/group.zh.md", "Subject: x\n\n{{ by.upper() }}", "3: only quoted(...) and written(...) can be called"),
        ("taken/group.zh.md", "Subject: x\n\n{% include 'a' %}", "3: include is not allowed in a template"),
        ("taken/group.zh.md", "Subject: x\n\n{% macro m() %}{% endmacro %}", "3: macro is not allowed in a template"),
        ("taken/group.zh.md", "Subject: x\n\n{% set m %}a{% endset %}", "3: assignblock is not allowed in a template"),
        ("taken/group.zh.md", "Subject: x\n\n{{ 9 ** 9 }}", "3: pow is not allowed in a template"),
        ("taken/group.zh.md", "Subject: x\n\n{{ by | safe }}", "3: No filter named 'safe'"),
        ("taken/group.zh.md", "Subject: x\n\n[x](http://a/{{ by }})", "a value stands inside a link's target or title"),
        ("taken/group.zh.md", 'Subject: x\n\n[x](http://a "{{ by }}")', "a value stands inside a link's target"),
        ("sla-warned/lead.zh.md", "Subject: x\n\n\n{{ 60 // remaining }}", "4: integer division or modulo by zero"),
        ("sla-warned/lead.zh.md", "Subject: x\n\n{{ due_at.year }}", "without the optional values"),
        ("alarm/owner.zh.md", "Subject: x\n\n{{ ticket.subject }}", "3: ticket is not known here"),
        ("taken/group.zh.md", "Subject: x\n\n" + "{% if by %}" * 3000 + "{% endif %}" * 3000, ""),
    ],
)  # fmt: skip
def test_a_wrong_template_is_named_with_its_file_and_line(
    tmp_path: Path, place: str, text: str | bytes, message: str
) -> None:
    write(tmp_path, place, text)
    found = problems(tmp_path)
    assert all(line.startswith(place) for line in found)
    assert any(message in line for line in found)


def test_everything_wrong_is_told_at_once(tmp_path: Path) -> None:
    write(tmp_path, "taken/group.zh.md", "Subject: x\n\n{{ a1 }}\n{{ a2 }}\n{{ range() }}")
    write(tmp_path, "closed/requester.en.md", "nothing")
    found = [line.split(": ")[0] for line in problems(tmp_path)]
    lines = ["taken/group.zh.md:3", "taken/group.zh.md:4", "taken/group.zh.md:5", "taken/group.zh.md:5"]
    assert found == [*lines, "closed/requester.en.md:1"] or found == ["closed/requester.en.md:1", *lines]


def test_a_line_of_a_file_that_is_not_utf8_is_named(tmp_path: Path) -> None:
    write(tmp_path, "taken/group.zh.md", b"Subject: x\n\nfine\n\xff\xfe")
    assert problems(tmp_path) == ["taken/group.zh.md:4: is not UTF-8"]


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "taken" / "group.zh.md").mkdir(parents=True)
    assert problems(tmp_path) == ["taken/group.zh.md: cannot be read: Is a directory"]


def test_a_template_that_fails_on_real_values_gives_way_to_the_shipped_one(tmp_path: Path) -> None:
    write(
        tmp_path,
        "answered/requester.zh.md",
        "Subject: x\n\n{{ 60 // (text | length - 3) if text | length < 9 else 1 }}",
    )
    own = notify.load(SHIPPED, tmp_path)
    assert body(replace(ANSWERED, text="一二三四五六七八九十"), own) == "1\n"
    assert body(replace(ANSWERED, text="一二三"), own).startswith("一二三\n")


def test_a_mail_that_no_template_can_render_is_a_permanent_error(tmp_path: Path) -> None:
    broken = "Subject: x\n\n{{ 1 // (text | length - 3) }}"
    for event, kind in EVENTS.items():
        for audience in kind.audiences:
            for language in LANGUAGES:
                write(tmp_path, f"{event}/{audience}.{language}.md", broken)
    with pytest.raises(PermanentError, match="answered/requester cannot be rendered"):
        notify.mail(replace(ANSWERED, text="abc"), notify.load(tmp_path), POLICY, KEY, NOW)


def test_markdown_of_an_operator_keeps_its_links_tables_and_lists(tmp_path: Path) -> None:
    source = (
        "Subject: x\n\n# Title {{ by }}\n\nSee [the portal](https://portal.example) and `x`, \\*not\\* bold.\n\n"
        "- one {{ by }}\n- two\n\n| a | b |\n|---|--:|\n| {{ by }} | 2 |\n\n![logo](https://portal.example/l.png)\n\n"
        "<b>no</b>\n\n```{{ by }}\ncode\n```\n"
    )
    write(tmp_path, "taken/group.en.md", source.replace("```{{ by }}", "```"))
    own = notify.load(SHIPPED, tmp_path)
    notice = Notice(event="taken", audience="group", to=LI, n="1", ticket=TICKET, values={"by": "<i>"})
    page = body(notice, own, "html")
    assert 'href="https://portal.example"' in page
    assert "<img" not in page
    assert "&lt;b&gt;no&lt;/b&gt;" in page
    assert page.count("&lt;i&gt;") == 3
    text = body(notice, own)
    assert "the portal (https://portal.example) and x, *not* bold." in text
    write(tmp_path, "taken/group.en.md", source)
    assert "a value stands inside" in problems(tmp_path)[0]


# -- words


@pytest.mark.parametrize(
    ("when", "zone", "tongue", "wanted"),
    [
        (NOW, "Asia/Shanghai", "zh", "8月3日（周一）14:30（北京时间）"),
        (NOW, "Asia/Shanghai", "en", "Mon 3 Aug, 14:30 (Beijing time, UTC+8)"),
        (NOW + timedelta(days=365), "Asia/Kolkata", "en", "Tue 3 Aug 2027, 12:00 (Kolkata, UTC+5:30)"),
        (NOW - timedelta(days=365), "America/New_York", "zh", "2025年8月3日（周日）02:30（New York，UTC-4）"),
        (NOW, "UTC", "en", "Mon 3 Aug, 06:30 (UTC)"),
        (NOW, "Africa/Abidjan", "zh", "8月3日（周一）06:30（Abidjan，UTC）"),
    ],
)
def test_times_are_on_the_readers_clock_with_the_zone_named(
    when: datetime, zone: str, tongue: str, wanted: str
) -> None:
    assert words.local(when, words.zone(zone), tongue, NOW) == wanted


@pytest.mark.parametrize("name", ["", "Nowhere/Land", "../etc/passwd", "/etc", "Asia", "x" * 5000])
def test_an_unknown_zone_falls_back(name: str) -> None:
    assert words.zone(name, "Asia/Tokyo").key == "Asia/Tokyo"
    assert words.zone(name, name).key == "UTC"


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (0, "不到 1 分钟", "less than a minute"),
        (59.9, "不到 1 分钟", "less than a minute"),
        (60, "1 分钟", "1 minute"),
        (5400, "1 小时 30 分钟", "1 hour 30 minutes"),
        (7200, "2 小时", "2 hours"),
        (93_780, "1 天 2 小时", "1 day 2 hours"),
        (-86_460, "1 天 1 分钟", "1 day 1 minute"),
    ],
)
def test_lengths_of_time_are_said_in_two_units(seconds: float, zh: str, en: str) -> None:
    assert words.duration(seconds, "zh") == zh
    assert words.duration(seconds, "en") == en


def test_terms_are_translated_and_other_words_stay() -> None:
    assert words.term("in progress", "zh") == "处理中"
    assert words.term("in progress", "en") == "in progress"
    assert words.term("spam", "zh") == "spam"
    assert words.moment("2026-13-03T06:30:00Z") is None
    assert words.moment("tomorrow") is None


@pytest.mark.parametrize(
    ("wanted", "otherwise", "found"), [("zh-Hant", "en", "zh"), ("EN", "zh", "en"), ("de", "zh", "zh")]
)
def test_the_nearest_language_is_taken(wanted: str, otherwise: str, found: str) -> None:
    assert words.language(wanted, otherwise) == found


@pytest.mark.parametrize("last", ["", "- and more\n"])
def test_a_long_list_of_bold_words_is_laid_out_at_once_whatever_ends_it(last: str) -> None:
    shape = "- **one** two **three** four\n" * 400 + last
    page = layout.page(shape, language="en", priority="", alarming=False, letter=False)
    assert page.count("four") == 400
