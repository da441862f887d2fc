"""Each condition: when it holds, when not, and the text it shows."""

from dataclasses import replace
from typing import Any

import pytest

from fixtures.rule_samples import POLICY, case, classified, mail
from maildesk.desk.model import Ticket
from maildesk.mail.model import Address, Attachment, Authentication, Origin
from maildesk.rules.arguments import size
from maildesk.rules.case import Case
from maildesk.rules.circumstances import REPLIES_ONLY, ticket_field
from maildesk.rules.conditions import CONDITIONS
from maildesk.rules.patterns import Pattern
from maildesk.rules.words import Phrase

PDF = Attachment(filename="Report.PDF", content_type="application/pdf", size=2_000_000, sha256="0", inline=False)
LOGO = Attachment(filename="logo.png", content_type="image/png", size=900, sha256="1", inline=True)
FROM_PASS = Authentication(address="ann@corp.example", result="pass")


def phrases(*texts: str) -> tuple[Phrase, ...]:
    return tuple(map(Phrase.of, texts))


def text_of(name: str, argument: Any, asked: Case) -> str | None:
    match = CONDITIONS[name](asked, argument)
    return None if match is None else match.text


HOLD: list[tuple[str, Any, dict[str, Any], str]] = [
    ("words", phrases("断网", "vpn"), {"subject": "VPN断了"}, "vpn"),
    ("words", phrases("断网"), {"text": "今天断网"}, "断网"),
    ("subject_words", phrases("urgent"), {"subject": "URGENT!"}, "urgent"),
    ("subject_matches", Pattern.of(r"vpn|wi-?fi"), {"subject": "No WiFi"}, "WiFi"),
    ("text_matches", Pattern.of(r"disk \w+"), {"text": "a disk full"}, "disk full"),
    ("matches", Pattern.of("故障"), {"subject": "故障"}, "故障"),
    ("matches", Pattern.of("故障"), {"text": "有故障"}, "故障"),
    ("sender", ("Ann@CORP.example",), {}, "ann@corp.example"),
    ("sender_domain", ("corp.example",), {}, "corp.example"),
    ("sender_domain", ("corp.example",), {"sender": "x@dev.corp.example"}, "dev.corp.example"),
    ("sender_internal", True, {}, "corp.example"),
    ("sender_internal", False, {"sender": "eve@else.example"}, "else.example"),
    ("sender_known", True, {"known_sender": True}, "ann@corp.example"),
    ("sender_known", False, {}, "ann@corp.example"),
    ("text_words", phrases("vpn"), {"text": "no vpn"}, "vpn"),
    ("whole_words", phrases("vpn"), {"text": "please\n> vpn", "new_text": "please"}, "vpn"),
    ("whole_matches", Pattern.of("v.n"), {"text": "please\n> vpn", "new_text": "please"}, "vpn"),
    ("attachment_larger_than", 1_000_000, {"attachments": (LOGO, PDF)}, "Report.PDF, 2000000 bytes"),
    ("department", ("财务部", "SALES"), {}, "Sales"),
    ("department", ("partner",), {"sender": "x@partner.example"}, "Partner"),
    ("vip", True, {"sender": "Boss@corp.example"}, "Boss@corp.example"),
    ("vip", False, {}, "ann@corp.example"),
    ("person", ("li",), {"sender": "LI@corp.example"}, "li"),
    ("calendar", {"always": "open"}, {}, "always open"),
    ("calendar", {"always": "open", "night": "closed"}, {}, "always open, night closed"),
    ("forwarded", True, {"forwarded_from": Address(address="bob@corp.example")}, "bob@corp.example"),
    ("forwarded", False, {}, ""),
    ("authentication", ("fail", "none"), {}, "none"),
    ("is_reply", False, {}, ""),
    ("recipient", ("hr@corp.example",), {"to": (Address(address="HR@corp.example"),)}, "HR@corp.example"),
    ("recipient", ("hr@corp.example",), {"cc": (Address(address="hr@corp.example"),)}, "hr@corp.example"),
    ("mailbox", ("main",), {}, "main"),
    ("header", {"x-kind": Pattern.of("^alarm")}, {"headers": (("X-Kind", "Alarm 5"),)}, "Alarm"),
    ("attachment_name", ("*.pdf",), {"attachments": (LOGO, PDF)}, "Report.PDF"),
    ("attachment_type", ("image/*",), {"attachments": (PDF, LOGO)}, "image/png"),
    ("has_attachment", True, {"attachments": (LOGO, PDF)}, "Report.PDF"),
    ("has_attachment", False, {"attachments": (LOGO,)}, ""),
    ("larger_than", 1_000_000, {"attachments": (PDF,)}, "2000000 bytes"),
    ("language", ("zh",), {"language": "zh-Hant"}, "zh-Hant"),
    ("language", ("de", "en"), {"language": "en"}, "en"),
    ("origin", ("bulk", "automatic"), {"origin": Origin(kind="bulk")}, "bulk"),
    ("authenticated", True, {"authentication": FROM_PASS}, ""),
    ("authenticated", False, {}, ""),
    ("spam", True, {"spam": "X-Spam-Flag: YES"}, "X-Spam-Flag: YES"),
    ("spam", False, {}, ""),
    ("from_staff", True, {"sender": "LI@corp.example"}, "li"),
    ("from_staff", False, {}, ""),
]
FAIL: list[tuple[str, Any, dict[str, Any]]] = [
    ("words", phrases("vpn"), {"subject": "vpnx", "text": "quiet"}),
    ("words", phrases("network down"), {"subject": "network", "text": "down"}),
    ("subject_words", phrases("urgent"), {"text": "urgent"}),
    ("subject_matches", Pattern.of("vpn"), {"text": "vpn"}),
    ("text_matches", Pattern.of("vpn"), {"subject": "vpn"}),
    ("matches", Pattern.of("故障"), {"subject": "正常"}),
    ("sender", ("bob@corp.example",), {}),
    ("sender_domain", ("corp.example",), {"sender": "x@evilcorp.example"}),
    ("sender_domain", ("corp.example",), {"sender": ""}),
    ("sender_internal", True, {"sender": "x@dev.corp.example"}),
    ("sender_internal", True, {"sender": ""}),
    ("sender_known", True, {}),
    ("text_words", phrases("vpn"), {"subject": "vpn"}),
    ("whole_words", phrases("vpn"), {"text": "please"}),
    ("whole_matches", Pattern.of("vpn"), {"text": "please"}),
    ("attachment_larger_than", 2_000_000, {"attachments": (PDF,)}),
    ("department", ("hr",), {}),
    ("department", ("sales",), {"sender": "eve@else.example"}),
    ("vip", True, {}),
    ("person", ("li",), {}),
    ("calendar", {"always": "closed"}, {}),
    ("calendar", {"always": "open", "night": "open"}, {}),
    ("forwarded", True, {}),
    ("authentication", ("pass",), {}),
    ("is_reply", True, {}),
    ("recipient", ("hr@corp.example",), {"to": (Address(address="it@corp.example"),)}),
    ("mailbox", ("hr",), {}),
    ("header", {"X-Kind": Pattern.of("alarm"), "X-Other": Pattern.of(".")}, {"headers": (("X-Kind", "alarm"),)}),
    ("attachment_name", ("*.exe",), {"attachments": (PDF,)}),
    ("attachment_type", ("image/*",), {"attachments": (PDF,)}),
    ("has_attachment", True, {"attachments": (LOGO,)}),
    ("larger_than", 3_000_000, {"attachments": (PDF,)}),
    ("language", ("zh-Hans",), {"language": "zh-Hant"}),
    ("language", ("zh",), {}),
    ("origin", ("bulk",), {}),
    ("authenticated", True, {}),
    ("spam", True, {}),
    ("from_staff", True, {}),
    *((one.__name__, {"x": Pattern.of(".")} if one is ticket_field else ("closed",), {}) for one in REPLIES_ONLY),
]


@pytest.mark.parametrize(("name", "argument", "values", "text"), HOLD)
def test_condition_holds(name: str, argument: Any, values: dict[str, Any], text: str) -> None:
    assert text_of(name, argument, case(**values)) == text


@pytest.mark.parametrize(("name", "argument", "values"), FAIL)
def test_condition_does_not_hold(name: str, argument: Any, values: dict[str, Any]) -> None:
    assert text_of(name, argument, case(**values)) is None


TICKET = Ticket(
    number=1001,
    opened_at=case().facts.arrived,
    requester=Address(address="a@b.example"),
    status="closed",
    type="change",
    category="网络",
    service="vpn",
    priority="P2",
    group="l1",
    assignee="li",
    tags=("a", "vip"),
    fields={"site": "上海浦东"},
)
OF_A_TICKET: list[tuple[str, Any, Any, str]] = [
    ("status", ("resolved", "closed"), ("new",), "closed"),
    ("reply_from", ("other",), ("requester",), "other"),
    ("ticket_type", ("change",), ("incident",), "change"),
    ("ticket_category", ("网络",), ("network",), "网络"),
    ("ticket_service", ("vpn",), ("erp",), "vpn"),
    ("ticket_priority", ("P1", "P2"), ("P3",), "P2"),
    ("ticket_group", ("l1",), ("l2",), "l1"),
    ("ticket_assignee", ("li",), ("han",), "li"),
    ("ticket_tag", ("vip",), ("vi",), "vip"),
    ("ticket_field", {"site": Pattern.of("^上海")}, {"site": Pattern.of("^北京")}, "上海"),
    ("is_reply", True, False, ""),
]


@pytest.mark.parametrize(("name", "holds", "fails", "text"), OF_A_TICKET)
def test_a_condition_sees_the_ticket_that_a_reply_belongs_to(name: str, holds: Any, fails: Any, text: str) -> None:
    asked = replace(case(), ticket=TICKET, role="participant")
    assert text_of(name, holds, asked) == text
    assert text_of(name, fails, asked) is None


def test_all_fields_of_a_ticket_that_are_asked_for_must_match() -> None:
    asked = replace(case(), ticket=TICKET)
    assert text_of("ticket_field", {"site": Pattern.of("."), "room": Pattern.of(".")}, asked) is None


def test_a_forwarded_mail_is_read_whole() -> None:
    text = "see below\n> vpn"
    assert text_of("words", phrases("vpn"), case(text, new_text="see below")) is None
    forwarded = case(text, new_text="see below", forwarded_from=Address(address="bob@corp.example"))
    assert text_of("words", phrases("vpn"), forwarded) == "vpn"


def test_every_condition_is_tested_both_ways() -> None:
    assert {row[0] for row in (*HOLD, *OF_A_TICKET)} == {row[0] for row in FAIL} == set(CONDITIONS)


def test_an_oversize_mail_is_larger_than_anything() -> None:
    asked = case()
    assert text_of("larger_than", 10**9, replace(asked, facts=replace(asked.facts, oversize=True))) == "0 bytes"


def test_quoted_text_counts_only_when_nothing_else_was_written() -> None:
    assert text_of("words", phrases("vpn"), case("thanks\n> vpn", new_text="thanks")) is None
    assert text_of("words", phrases("vpn"), case("> vpn", new_text=" \n")) == "vpn"


def test_the_strictly_read_sender_goes_before_the_one_that_is_shown() -> None:
    shown = mail(sender="li@corp.example", authentication=Authentication(address="eve@else.example"))
    asked = case()
    asked = replace(asked, facts=replace(asked.facts, mail=shown))
    assert text_of("sender_domain", ("else.example",), asked) == "else.example"
    assert text_of("from_staff", True, asked) is None


def test_named_groups_of_headers_are_captured() -> None:
    match = CONDITIONS["header"](case(headers=(("X-Host", "db01"),)), {"X-Host": Pattern.of(r"(?P<host>\w+)")})
    assert match is not None
    assert match.fields == {"host": "db01"}


@pytest.mark.parametrize(("text", "octets"), [("500 KB", 500_000), ("10mb", 10_000_000), ("7 B", 7)])
def test_sizes_are_powers_of_ten(text: str, octets: int) -> None:
    assert size(text) == octets


def test_internal_is_what_the_desk_calls_its_domains() -> None:
    policy = replace(POLICY, domains=("partner.example",))
    asked = replace(case(sender="x@partner.example"), policy=policy)
    assert text_of("sender_internal", True, asked) == "partner.example"


def test_conditions_nest_and_several_in_one_mapping_must_all_hold() -> None:
    rules = """
    rules:
      - name: nested
        when:
          any:
            - {words: [vpn], sender_internal: true}
            - all: [{words: [wifi]}, {not: {words: [guest]}}]
          not: {words: [test]}
        then: {category: network}
    """
    assert classified(rules, "vpn").category == "network"
    assert classified(rules, "vpn", sender="x@else.example").category == "other"
    assert classified(rules, "wifi", sender="x@else.example").category == "network"
    assert classified(rules, "wifi for a guest").category == "other"
    assert classified(rules, "vpn test").category == "other"
