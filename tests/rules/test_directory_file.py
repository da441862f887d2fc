"""Directory files: CSV as spreadsheets write it, LDIF as directories export it."""

import base64
from pathlib import Path

import pytest

from fixtures.rule_samples import errors, loaded
from maildesk.desk.people.requesters import Requester, find
from maildesk.errors import Problem
from maildesk.rules import directory_file
from maildesk.settings import people, yaml


def test_csv_in_english_and_in_chinese() -> None:
    text = 'mail,name,department,vip,language,room\nAnn@corp.example a@corp.example,Ann,"Sales, EU",yes,en-GB,4\n'
    both = ("ann@corp.example", "a@corp.example")
    ann = Requester(name="Ann", department="Sales, EU", vip=True, language="en", addresses=both)
    assert directory_file.read(text).requesters == {"ann@corp.example": ann, "a@corp.example": ann}
    chinese = "姓名;邮箱;部门;VIP;语言;时区\n王芳;wang@corp.example;财务部;否;中文;Asia/Shanghai\n"
    assert directory_file.read(chinese).requesters == {
        "wang@corp.example": Requester(name="王芳", department="财务部", language="zh", timezone="Asia/Shanghai")
    }


def test_ldif_with_folded_and_encoded_values_and_several_addresses() -> None:
    name = base64.b64encode("王芳".encode()).decode()
    text = (
        "version: 1\n\n# people\ndn: uid=wang\nmail: wang@corp.example\n"
        f"displayName:: {name}\nou: Fin\n ance\nproxyAddresses: SMTP:wang@corp.example\n"
        "proxyAddresses: smtp:w@corp.example\nproxyAddresses: X400:none\npreferredLanguage: zh-CN\n\ndn: cn=printers\n"
    )
    both = ("wang@corp.example", "w@corp.example")
    wang = Requester(name="王芳", department="Finance", language="zh", addresses=both)
    read = directory_file.read(text, ldif=True)
    assert read.wrong == ()
    assert read.requesters == {"wang@corp.example": wang, "w@corp.example": wang}


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("", 1, "the first line must name the columns"),
        ("name,department\nAnn,x\n", 1, "the first line must name the columns"),
        ("mail\nann\n", 2, '"ann" is not a bare mail address'),
        ("mail\na@b.example\nA@b.example\n", 3, "a@b.example stands on line 2 already"),
        ("mail,vip\na@b.example,maybe\n", 2, '"maybe" is neither yes nor no'),
        ("mail\na@b.example,x,y\n", 2, "has 3 cells, the header has 1"),
        ('mail\n"a@b.example"x\n', 2, "is not CSV"),
    ],
)
def test_a_mistake_is_named_with_its_line(text: str, line: int, message: str) -> None:
    wrong = directory_file.read(text).wrong
    assert [(one.line, message in str(one)) for one in wrong] == [(line, True)]


@pytest.mark.parametrize(("text", "line"), [("mail: a@b.example\nnonsense\n", 2), ("mail:: !!!\n", 1)])
def test_a_mistake_in_ldif_is_named_with_its_line(text: str, line: int) -> None:
    assert [one.line for one in directory_file.read(text, ldif=True).wrong] == [line]


def test_at_most_twenty_mistakes_are_named() -> None:
    assert len(directory_file.read("mail\n" + "x\n" * 100).wrong) == 20


def test_a_file_is_read_beside_the_rules_and_its_mistakes_name_it(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("mail,vip\na@corp.example,yes\nb,\n")
    document = yaml.parse("directory: {file: people.csv}", str(tmp_path / "a.yaml"))
    problems: list[Problem] = []
    assert people.requesters([document], problems) == {"a@corp.example": Requester(vip=True)}
    assert [(one.file, one.line) for one in problems] == [(str(tmp_path / "people.csv"), 3)]
    problems.clear()
    missing = yaml.parse("directory: {file: nobody.csv}", str(tmp_path / "a.yaml"))
    assert people.requesters([missing], problems) == {}
    assert "named in" in problems[0].message


def test_requesters_are_written_out_by_address_and_by_domain() -> None:
    text = 'requesters: {Boss@corp.example: {vip: true}, "@corp.example": {department: HQ, language: zh}}'
    policy, _, problems = loaded(text)
    assert problems == ()
    boss = find("boss@CORP.example", policy.requesters)
    assert boss == Requester(vip=True, department="HQ", language="zh")
    assert find("x@sales.corp.example", policy.requesters) == Requester(department="HQ", language="zh")
    assert find("x@corp.example.evil", policy.requesters) is None
    assert find("x@corp.example", {}) is None
    assert errors('requesters: {"not an address": {}}') == [
        'a.yaml:1: requesters.not an address: "not an address" is not a domain such as corp.example'
    ]


def test_a_persons_own_hours_are_a_shift_and_leave_is_checked() -> None:
    text = """
people:
  li: {name: 李雷, addresses: li@corp.example, timezone: Asia/Shanghai, calendar: {mon-fri: ["08:00-16:00"]},
       skills: [VPN], cap: 8, weight: 0.5, leave: [{since: 2026-12-24}]}
"""
    policy, _, problems = loaded(text)
    assert problems == ()
    li = policy.people["li"]
    assert policy.calendars[li.calendar].week[0] == ((480, 960),)
    assert (li.skills, li.cap, li.weight) == (("vpn",), 8, 0.5)
    assert li.leave[0].first == li.leave[0].last
    leave = "[{since: 2026-12-24, until: 2026-12-01}]"
    wrong = f"people: {{li: {{name: 李, addresses: li@corp.example, calendar: 5, leave: {leave}}}}}"
    assert errors(wrong) == [
        'a.yaml:1: people.li.calendar: must be one of `calendars`, or hours by day such as {mon-fri: ["08:00-16:00"]}',
        "a.yaml:1: people.li.leave[1]: ends on 2026-12-01, before it begins on 2026-12-24",
    ]
