"""Known solutions: offered to whom they are for, credited by one word, and learned from resolved tickets."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner

from fixtures.office import FANG, LI, SARAH, STRANGER, ask, kinds, last, orders, playing, reload, whole
from fixtures.stage import Out, Stage, to
from maildesk import daemon, settings
from maildesk.cli import app, explaining
from maildesk.desk import reporting
from maildesk.errors import ConfigError
from maildesk.runners import reports
from maildesk.settings.check import check

VPN = {"subject": "VPN does not connect", "body": "I cannot connect to the VPN from home since this morning."}
SECRET = """\
---
title: VPN gateway restart
symptoms: [VPN does not connect]
audience: staff
language: en
---
1. Restart gateway INTERNAL-7.
"""


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    """A desk with all of the starter policy."""
    with playing(tmp_path / "home", whole=True) as stage:
        yield stage


def put(stage: Stage, name: str, text: str) -> None:
    """Another article, read by a new desk."""
    (stage.home / "knowledge" / name).write_text(text)
    stage.desk = daemon.open_desk(settings.load(stage.home / "maildesk.toml"))


def acknowledged(outs: list[Out], address: str = "sarah@corp.example") -> Out:
    return to(outs, address)


def test_a_fitting_article_is_offered_with_the_acknowledgement_and_to_the_engineer(stage: Stage) -> None:
    outs = ask(stage, **VPN)
    mine = acknowledged(outs)
    assert "1. The VPN does not connect" in mine.text
    assert "Quit the VPN client" in mine.text
    assert "solved" in mine.text
    assert "VPN 连不上" not in mine.text
    assert "已知方案" in to(outs, "wang@corp.example").text
    assert stage.ticket().solutions[0] == "vpn-connect.en"


def test_the_readers_language_goes_first(stage: Stage) -> None:
    outs = ask(stage, sender=FANG, subject="VPN 连不上", body="在家 VPN 一直连接失败")
    assert "VPN 连不上怎么办" in acknowledged(outs, "wangfang@corp.example").text


def test_nothing_is_offered_where_nothing_fits(stage: Stage) -> None:
    outs = ask(stage, subject="Coffee machine", body="The coffee machine in the kitchen is leaking.")
    assert stage.ticket().solutions == ()
    assert "solved" not in acknowledged(outs).text


@pytest.mark.parametrize("says", ["solved", "已解决", "It is solved, thanks!", "已解决 1"])
def test_one_word_in_reply_closes_with_the_article_credited(stage: Stage, says: str) -> None:
    mine = acknowledged(ask(stage, **VPN))
    outs = orders(stage, mine, says, sender=SARAH)
    assert stage.ticket().status == "closed"
    assert last(stage, "solved-by").data["article"] == "vpn-connect.en"
    assert "closed" in to(outs, "sarah@corp.example").text


def test_a_longer_answer_or_one_after_an_engineer_wrote_is_an_answer(stage: Stage) -> None:
    outs = ask(stage, **VPN)
    orders(stage, acknowledged(outs), "It works at home but not in the hotel.", sender=SARAH)
    assert "solved-by" not in kinds(stage)
    orders(stage, to(outs, "wang@corp.example"), "Please try the other gateway.", sender="王强 <wang@corp.example>")
    orders(stage, acknowledged(outs), "solved", sender=SARAH)
    assert "solved-by" not in kinds(stage)


def test_what_is_for_the_staff_is_never_shown_to_a_requester(stage: Stage) -> None:
    put(stage, "gateway.md", SECRET)
    outs = ask(stage, **VPN)
    assert "INTERNAL-7" not in whole([out for out in outs if out.to == "sarah@corp.example"])
    assert "INTERNAL-7" in to(outs, "wang@corp.example").text


def test_a_stranger_is_offered_nothing(stage: Stage) -> None:
    outs = ask(stage, sender=STRANGER, **VPN)
    assert "Quit the VPN client" not in whole([out for out in outs if out.to == "eve@elsewhere.example"])
    assert stage.ticket().solutions == ()


def test_a_hostile_article_changes_no_layout(stage: Stage) -> None:
    evil = "<script>alert(1)</script> ![x](http://evil.example/x.png) [click](http://evil.example)"
    text = f"---\ntitle: '{evil}'\nsymptoms: [VPN does not connect]\nlanguage: en\n---\n1. {evil}\n# {evil}\n"
    put(stage, "evil.md", text)
    mine = acknowledged(ask(stage, **VPN))
    assert "alert(1)" in mine.mail.html
    for bad in ("<script", "<img", 'href="http://evil'):
        assert bad not in mine.mail.html


def resolved(stage: Stage) -> list[Out]:
    order = to(ask(stage, subject="Plotter prints stripes", body="The plotter prints stripes."), "li@corp.example")
    orders(stage, order, "#cause the ink was dry")
    return orders(stage, order, "#resolve Cleaned the print head twice.")


def test_cause_and_solution_become_a_draft_for_the_groups_lead_and_his_yes_an_article(stage: Stage) -> None:
    outs = resolved(stage)
    draft = next(out for out in outs if out.event == "article-draft")
    assert draft.to == "chen@corp.example"
    assert "Cleaned the print head twice." in draft.text
    orders(stage, draft, "#publish requesters", sender="陈静 <chen@corp.example>")
    assert last(stage, "article-published").data["article"]["audience"] == "requesters"
    mine = acknowledged(ask(stage, sender=FANG, subject="Plotter stripes", body="plotter prints stripes"), FANG[4:-1])
    assert "Cleaned the print head twice." in mine.text


def test_without_a_yes_or_by_somebody_else_nothing_is_published(stage: Stage) -> None:
    outs = resolved(stage)
    receipt = orders(stage, to([o for o in outs if o.event == "receipt"], "li@corp.example"), "#publish", sender=LI)
    assert "article-published" not in kinds(stage)
    assert "只有组长可以发布" in receipt[0].text
    assert stage.ticket().article["key"] == "MD-1001"


def test_a_published_article_is_for_the_staff_unless_said_and_takes_the_leads_words(stage: Stage) -> None:
    draft = next(out for out in resolved(stage) if out.event == "article-draft")
    orders(stage, draft, "#发布\n\nClean the head, wait an hour.", sender="陈静 <chen@corp.example>")
    outs = ask(stage, subject="Plotter stripes", body="plotter prints stripes")
    assert "Clean the head" not in whole([out for out in outs if out.to == "sarah@corp.example"])
    assert "Clean the head, wait an hour." in to(outs, "li@corp.example").text


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("no front matter", "bad.md:1: an article begins with a front matter"),
        ("---\ntitle: x\nlanguage: en\n---\n", "bad.md:4: has no solution"),
        ("---\ntitle: x\nlanguage: fr\n---\nx\n", 'bad.md:3: language: "fr" is not one of'),
        ("---\ntitle: x\nlanguage: en\nvalid_until: soon\n---\nx\n", 'bad.md:4: valid_until: "soon" is not a date'),
        (
            "---\ntitle: x\nlanguage: en\nsymptom: y\n---\nx\n",
            'bad.md:4: symptom: unknown key; did you mean "symptoms"',
        ),
    ],
)
def test_what_is_wrong_with_an_article_has_a_place(tmp_path: Path, stage: Stage, text: str, problem: str) -> None:
    (stage.home / "knowledge" / "bad.md").write_text(text)
    assert problem in "\n".join(map(str, check(stage.home / "maildesk.toml")))
    with pytest.raises(ConfigError, match=r"bad\.md"):
        daemon.open_desk(settings.load(stage.home / "maildesk.toml"))


def test_the_command_line_lists_finds_checks_and_drafts(stage: Stage) -> None:
    resolved(stage)

    def kb(*words: str) -> tuple[int, str]:
        result = CliRunner().invoke(app("kb"), ["--config", str(stage.home / "maildesk.toml"), "kb", *words])
        return result.exit_code, result.stdout

    assert "vpn-connect.zh" in kb("list", "--json")[1]
    assert '"key":"vpn-connect.en"' in kb("find", "the VPN does not connect", "--json")[1].replace(" ", "")
    assert "vpn-connect.en" in kb("find", "VPN", "does", "not", "connect")[1]
    assert kb("check") == (0, "30 articles, nothing wrong\n")
    code, text = kb("draft", "1001")
    assert code == 0
    put(stage, "plotter.md", text)
    assert "plotter" in kb("list")[1]
    assert "Plotter prints stripes" in text


@pytest.mark.parametrize(
    ("subject", "body"),
    [
        ("Network down in the whole office", "Nobody can connect to the VPN, the network is down in the whole office."),
        ("VPN 连不上", "我们部门所有人 VPN 都连不上"),
    ],
)
def test_who_reports_that_many_are_hit_is_offered_no_self_help_and_explain_says_why(
    stage: Stage, subject: str, body: str
) -> None:
    ask(stage, subject=subject, body=body)
    assert stage.ticket().solutions == ()
    withheld = last(stage, "solutions-withheld")
    assert any(key.startswith("vpn-connect") for key in withheld.data["articles"])
    assert "many are affected: rule scope-" in explaining._SENTENCES["solutions-withheld"](withheld.data, withheld)


def test_from_the_mail_that_completes_a_surge_on_nothing_is_offered(stage: Stage) -> None:
    for number in range(6):
        ask(stage, sender=f"P{number} <p{number}@corp.example>", **VPN)
    offered = [bool(stage.ticket(number).solutions) for number in range(1001, 1007)]
    assert offered == [True] * 4 + [False] * 2
    assert last(stage, "solutions-withheld", 1005).data["why"] == "it is one of a surge"


def test_starter_articles_of_services_that_a_desk_does_not_have_are_no_warning_and_changed_ones_are(
    tmp_path: Path,
) -> None:
    with playing(tmp_path / "desk", rules={"10.yaml": "groups: {l1: {}}\n"}) as stage:
        file, article = stage.home / "maildesk.toml", stage.home / "knowledge" / "vpn-connect.en.md"

        def named() -> list[str]:
            return [one.message for one in check(file) if one.message.startswith("there is no service")]

        assert not named()
        article.write_text(article.read_text() + "4. Call us.\n")
        assert len(named()) == 1


HOSTILE = """---
title: "Plotter prints stripes <script>alert(1)</script> [y](http://evil.example) | a | {long}"
symptoms: [plotter prints stripes on every page]
audience: requesters
language: en
---
1. <img src=x onerror=alert(1)> Clean the head. {{{{ 7 * 7 }}}}
"""


def test_a_hostile_article_changes_no_layout_and_is_named_when_it_helps_nobody(stage: Stage) -> None:
    (stage.home / "knowledge" / "plotter.en.md").write_text(HOSTILE.format(long="long " * 20))
    reload(stage)
    outs = ask(stage, subject="Plotter prints stripes", body="plotter prints stripes on every page")
    assert "Clean the head." in acknowledged(outs).text
    for out in outs:
        assert not re.search(r"<script|<img|href=.http://evil", out.mail.html)
        assert "49" not in re.findall(r"Clean the head\.(.*)", out.text)
    end = stage.now + timedelta(days=1)
    found = reports.both(stage.desk, reporting.between(stage.now.date(), stage.now.date(), "Asia/Shanghai"))
    assert "plotter.en" in reports.shown("weekly", found, stage.desk, "en", end)[0].split("helped nobody")[1]
