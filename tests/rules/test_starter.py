"""What the shipped rules make of everyday mail, Chinese and English."""

from functools import cache
from typing import Any

import pytest

from fixtures.rule_samples import POLICY, facts
from maildesk import settings
from maildesk.desk.classification import Classification
from maildesk.desk.policy import Policy
from maildesk.mail.model import Attachment
from maildesk.rules import engine
from maildesk.rules.engine import Rules
from maildesk.rules.load import load
from maildesk.settings import yaml

Values = dict[str, Any]
EVERYDAY: list[tuple[str, str, tuple[str, str, str, str]]] = [
    ("电脑开不了机", "早上来了以后电脑开不了机，请帮忙看看。", ("incident", "hardware", "l1", "P4")),
    ("Laptop broken", "My laptop shows a blue screen every morning.", ("incident", "hardware", "l1", "P4")),
    ("打印机卡纸", "三楼打印机又卡纸了，不急。", ("incident", "printer", "l1", "P4")),
    ("Printer", "The printer on the 3rd floor has a paper jam.", ("incident", "printer", "l1", "P4")),
    ("VPN无法连接", "在家办公，VPN连不上，客户在等，紧急！", ("incident", "network", "l2-network", "P3")),
    ("上不了网", "我电脑上不了网了", ("incident", "network", "l2-network", "P4")),
    ("断网", "整个部门断网，什么都打不开", ("incident", "network", "l2-network", "P2")),
    ("Network down", "The network is down on our whole floor.", ("incident", "network", "l2-network", "P2")),
    ("ERP 报错", "用友登录后报错，全公司都无法工作", ("incident", "application", "l2-applications", "P1")),
    ("SAP slow", "SAP is slow today for several colleagues.", ("incident", "application", "l2-applications", "P3")),
    ("忘记密码", "我忘记密码了，请帮我重置密码，谢谢", ("service request", "account", "l1", "P4")),
    ("Password", "I forgot my password and am locked out.", ("service request", "account", "l1", "P4")),
    ("新员工入职申请", "下周一有新员工入职，请准备账号和电脑", ("service request", "account", "l1", "P4")),
    (
        "New employee",
        "A new employee starts on Monday; please prepare an account.",
        ("service request", "account", "l1", "P4"),
    ),
    ("申请安装软件", "申请安装 Visio 软件", ("service request", "software", "l1", "P4")),
    ("收不到邮件", "Outlook 从昨天起收不到邮件", ("incident", "e-mail", "l2-systems", "P4")),
    ("Mailbox full", "My mailbox is full, please help asap", ("incident", "e-mail", "l2-systems", "P3")),
    ("可疑邮件", "收到一封钓鱼邮件，已点开链接", ("incident", "security", "l2-systems", "P2")),
    (
        "ransomware!",
        "Files on my PC are encrypted, it looks like ransomware",
        ("incident", "security", "l2-systems", "P2"),
    ),
    ("服务器宕机", "生产系统服务器宕机，停产了", ("incident", "server", "l2-systems", "P1")),
    ("请教一下", "请问会议室怎么预订？", ("service request", "other", "l1", "P4")),
    ("lunch", "Is the canteen open on Friday?", ("incident", "other", "l1", "P4")),
]


@cache
def starter() -> tuple[Policy, Rules]:
    folder = settings.starter() / "rules"
    documents = [yaml.read(file) for file in sorted(folder.glob("*.yaml"))]
    policy, rules, problems = load(documents, Policy(address=POLICY.address, owner=POLICY.owner), {"main"})
    assert problems == ()
    return policy, rules


def classified(subject: str, text: str = "", **values: Any) -> Classification:
    policy, rules = starter()
    return engine.classify(facts(text, subject=subject, **values), rules, policy)


@pytest.mark.parametrize(("subject", "text", "expected"), EVERYDAY, ids=[row[0] for row in EVERYDAY])
def test_everyday_mail_goes_where_it_belongs(subject: str, text: str, expected: tuple[str, ...]) -> None:
    result = classified(subject, text)
    priority = starter()[0].matrix[result.impact][result.urgency]
    assert (result.type, result.category, result.group, priority) == expected
    assert not result.hold
    assert not result.ignore


@pytest.mark.parametrize(
    ("subject", "urgency", "impact"),
    [
        ("CRITICAL: db01 is down", "high", "high"),
        ("【严重】磁盘使用率 98%", "high", "high"),
        ("RESOLVED: db01", "low", "low"),
        ("[恢复] 磁盘使用率", "low", "low"),
        ("Warning: load high", "medium", "low"),
    ],
)
def test_alerts_of_monitoring_are_alerts_and_nothing_else(subject: str, urgency: str, impact: str) -> None:
    result = classified(subject, "全公司 everyone urgent 紧急", sender="zabbix@monitoring.example")
    assert (result.type, result.category, result.group) == ("alert", "monitoring", "l2-systems")
    assert (result.urgency, result.impact) == (urgency, impact)


@pytest.mark.parametrize(
    ("subject", "text"),
    [
        ("Lunch on Friday", "Hi everyone, all colleagues are welcome at noon."),
        ("电脑盘点", "请各部门全员在周五前填写电脑盘点表"),
        ("会议通知", "所有人周五下午两点在大会议室开会"),
        ("Access", "Please give all employees access to the folder with the menu."),
        ("ERP", "Everyone else can post, only my ERP shows an error."),
        ("Internet", "我在家里断网了，公司的VPN连不上"),
        ("VPN", "Nobody answered my call about the VPN yesterday."),
    ],
)
def test_nobody_is_woken_by_the_word_everybody_alone(subject: str, text: str) -> None:
    result = classified(subject, text)
    assert result.impact != "high"
    assert starter()[0].matrix[result.impact][result.urgency] != "P1"


def test_spam_is_held_unless_we_know_the_sender() -> None:
    flag = "X-Spam-Flag: YES"
    assert classified("cheap", sender="x@else.example", spam=flag).hold == "the relay calls it spam"
    assert classified("help", spam=flag).hold == ""
    assert classified("help", sender="x@else.example", spam=flag, known_sender=True).hold == ""


def test_a_program_from_a_stranger_is_held() -> None:
    program = Attachment(filename="Invoice.EXE", content_type="application/zip", size=9, sha256="0", inline=False)
    stranger = classified("invoice", sender="x@else.example", attachments=(program,))
    assert (stranger.hold, stranger.tags) == ("a stranger sends a program", ("attachment",))
    assert classified("my tool", attachments=(program,)).hold == ""


def test_importance_of_the_mail_program_makes_it_urgent() -> None:
    result = classified("hello", headers=(("Importance", "High"),))
    assert (result.urgency, result.set_by["urgency"]) == ("high", "rule urgent: High")


def test_everybody_with_a_manager_is_heard_and_the_ladders_end_at_the_top() -> None:
    policy, _ = starter()
    assert set(policy.sla) == {"P1", "P2", "P3", "P4"}
    assert all(person.manager for key, person in policy.people.items() if key != "director")
    assert policy.ladders["urgent"][-1].tell == ("director",)
    assert policy.groups["vendor-net"].level == "vendor"
