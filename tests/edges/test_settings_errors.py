"""Everything wrong with a configuration, all at once, with file and line."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
import time_machine

from maildesk import settings
from maildesk.errors import ConfigError, Problem

GOOD = """\
[desk]
address = "it@corp.example"
owner = "ops@corp.example"
[[mailbox]]
host = "imap.corp.example"
user = "it"
secret_file = "imap"
[relay]
host = "smtp.corp.example"
[trust]
authserv_id = "mx.corp.example"
"""
OPS = 'owner = "ops@corp.example"'
IMAP = 'host = "imap.corp.example"'
SECRET = 'secret_file = "imap"'
RELAY = 'host = "smtp.corp.example"'
TRUST = 'authserv_id = "mx.corp.example"'


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A folder with a maildesk.toml that is right."""
    (tmp_path / "imap").write_text("secret")
    (tmp_path / "imap").chmod(0o600)
    (tmp_path / "folder").mkdir()
    return tmp_path


def problems(desk: Path, old: str = "", new: str = "", level: str = "error", **environment: str) -> list[str]:
    """What is wrong after one change of the file, without the folder's name."""
    (desk / "maildesk.toml").write_text(GOOD.replace(old, new) if old else GOOD + new)
    found = settings.check(desk / "maildesk.toml", environment)
    return [str(problem).replace(f"{desk}/", "") for problem in found if problem.level == level]


# Each block of the file is a change of GOOD (- old line, + new line) and `=> line: message` for each error it makes.
WRONG = (Path(__file__).parent / "wrong_settings.txt").read_text("utf-8").strip().split("\n\n")


def lines(block: str, mark: str) -> list[str]:
    """The lines of a block that begin with a mark, without it."""
    return [line.removeprefix(mark) for line in block.splitlines() if line.startswith(mark)]


@pytest.mark.parametrize("block", WRONG)
def test_an_error_says_where_and_what_and_the_nearest_right_word(desk: Path, block: str) -> None:
    old, new = "\n".join(lines(block, "- ")), "\n".join(lines(block, "+ "))
    assert old in GOOD
    found = [problem.removeprefix("maildesk.toml:") for problem in problems(desk, old, new)]
    assert sorted(found) == sorted(lines(block, "=> "))


def test_what_is_right_has_no_error(desk: Path) -> None:
    assert problems(desk) == []


def test_everything_is_said_at_once_over_all_files(desk: Path) -> None:
    (desk / "rules").mkdir()
    (desk / "rules" / "a.yaml").write_text("groups: {l1: {lead: li}}\n")
    (desk / "rules" / "b.yaml").write_text(
        "sla: {P1: {calendar: always, response: 1h, resolution: 4h, ladder: none}}\n"
    )
    (desk / "rules" / "c.yaml").write_text("rules:\n  - [\n")
    (desk / "templates" / "resolved").mkdir(parents=True)
    (desk / "templates" / "resolved" / "requester.en.md").write_text("Subject: x\n\n{{ nothing_of_the_kind }}\n")
    found = problems(desk, OPS, 'owner = "ops"\nadress = "x"')
    places = [problem.partition(": ")[0] for problem in found]
    assert places[:5] == ["maildesk.toml:3", "maildesk.toml:4", "rules/a.yaml:1", "rules/b.yaml:1", "rules/c.yaml:3"]
    assert places[5].startswith("templates/resolved/requester.en.md")


def test_load_raises_all_errors_and_no_warnings(desk: Path) -> None:
    (desk / "maildesk.toml").write_text(GOOD.replace(OPS, "").replace(TRUST, "").replace(RELAY, "x = 1"))
    with pytest.raises(ConfigError) as refused:
        settings.load(desk / "maildesk.toml", {})
    found = [(problem.line, problem.key, problem.level) for problem in refused.value.problems]
    assert found == [(1, "desk.owner", "error"), (8, "relay.host", "error"), (9, "relay.x", "error")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"[desk]\nname = \n", "maildesk.toml:2: is not TOML: Invalid value"),
        (b"[desk\n", "maildesk.toml:1: is not TOML: Expected ']' at the end of a table declaration"),
        (b"[desk]\n# \xb7\xfe\n", "maildesk.toml:2: is not UTF-8: save it in that encoding"),
        (b"#" * 300_000, "maildesk.toml: is larger than 256 KiB"),
        (b"a = " + b"[" * 5000 + b"]" * 5000, "maildesk.toml: is nested too deep"),
        (b"\na = " + b"[" * 60 + b"]" * 60, "maildesk.toml:2: is nested more than 40 deep"),
    ],
)
def test_a_file_that_cannot_be_taken_at_all_says_why_once(desk: Path, content: bytes, message: str) -> None:
    (desk / "maildesk.toml").write_bytes(content)
    found = settings.check(desk / "maildesk.toml", {})
    assert [str(problem).replace(f"{desk}/", "") for problem in found] == [message]


def test_a_file_that_is_gone_says_so(desk: Path) -> None:
    found = settings.check(desk / "other.toml", {})
    assert [str(problem) for problem in found] == [f"{desk}/other.toml: cannot be read: No such file or directory"]


def test_a_secret_that_others_can_read_is_an_error_and_an_empty_one_a_warning(desk: Path) -> None:
    (desk / "imap").chmod(0o640)
    assert problems(desk) == [
        "maildesk.toml:7: mailbox.secret_file: imap can be read by others (mode 0640): chmod 600 imap"
    ]
    (desk / "imap").chmod(0o600)
    (desk / "imap").write_text("")
    assert problems(desk) == []
    warned = problems(desk, level="warning")
    assert "maildesk.toml:7: mailbox.secret_file: imap is empty: write the secret into it" in warned


def test_two_mailboxes_of_one_name_or_one_folder_are_an_error(desk: Path) -> None:
    second = '[[mailbox]]\nhost = "IMAP.corp.example"\nuser = "it"\nsecret_file = "imap"\n'
    assert problems(desk, "[relay]", second + "[relay]") == [
        'maildesk.toml:8: mailbox[2].name: two mailboxes are called "main" (the first in line 4)'
    ]
    assert problems(desk, "[relay]", second + 'name = "b"\n[relay]') == [
        "maildesk.toml:8: mailbox[2]: is the same folder as the mailbox in line 4"
    ]
    assert problems(desk, "[relay]", second + 'name = "b"\nfolder = "B"\n[relay]') == []
    maildirs = '[[mailbox]]\nkind = "maildir"\nname = "b"\npath = "folder"\n' * 2
    assert problems(desk, "[relay]", maildirs.replace('"b"', '"c"', 1) + "[relay]") == [
        "maildesk.toml:12: mailbox[3]: is the same folder as the mailbox in line 8"
    ]


def test_a_rule_that_asks_for_a_mailbox_is_not_blamed_for_a_wrong_mailbox(desk: Path) -> None:
    (desk / "rules").mkdir()
    (desk / "rules" / "a.yaml").write_text("rules: [{name: a, when: {mailbox: main}, then: {category: x}}]")
    assert problems(desk, IMAP, "") == ["maildesk.toml:4: mailbox.host: is missing"]


def test_a_folder_with_too_many_rule_files_is_an_error(desk: Path) -> None:
    (desk / "rules").mkdir()
    for number in range(201):
        (desk / "rules" / f"{number}.yaml").touch()
    assert problems(desk) == ["rules: holds more than 200 rule files"]


def warned(desk: Path, old: str = "", new: str = "", **environment: str) -> dict[str, str]:
    """The warnings by key."""
    text = [problem.split(": ", 2) for problem in problems(desk, old, new, "warning", **environment)]
    return {key: f"{place}: {message}" for place, key, message in text}


def test_a_desk_without_an_authserv_id_is_told_what_it_gives_up(desk: Path) -> None:
    found = warned(desk, TRUST, "")["trust.authserv_id"]
    assert found.startswith("maildesk.toml:10: is not set: no sender can be verified")
    assert "trust.authserv_id" not in warned(desk)


def test_a_password_in_the_store_url_of_a_readable_file_is_warned_of(desk: Path) -> None:
    store = '[store]\nurl = "postgresql://desk:secret@db/maildesk"\n'
    (desk / "maildesk.toml").touch(0o644)
    (desk / "maildesk.toml").chmod(0o644)
    assert warned(desk, "", store)["store.url"] == (
        "maildesk.toml:12: holds a password, and maildesk.toml can be read by others: use secret_file"
    )
    assert "store.url" not in warned(desk, "", store.replace(":secret", ""))
    (desk / "maildesk.toml").chmod(0o600)
    assert "store.url" not in warned(desk, "", store)


def test_a_variable_that_is_not_set_is_warned_of(desk: Path) -> None:
    change = (SECRET, 'secret_env = "IMAP"')
    message = "maildesk.toml:7: the environment variable IMAP is not set here"
    assert warned(desk, *change)["mailbox.secret_env"] == message
    assert "mailbox.secret_env" not in warned(desk, *change, IMAP="x")


def test_a_maildir_that_is_not_there_yet_is_warned_of(desk: Path) -> None:
    maildir = '[[mailbox]]\nkind = "maildir"\nname = "b"\npath = "box"\n[relay]'
    assert warned(desk, "[relay]", maildir)["mailbox[2].path"] == "maildesk.toml:11: box is not there yet"


def test_a_desk_without_groups_targets_or_default_group_is_told_what_happens(desk: Path) -> None:
    found = warned(desk)
    assert found["groups"] == "rules: there are none: every ticket goes to the desk's owner"
    assert found["sla"] == "rules: there is no target for P1, P2, P3, P4: their tickets have no deadline"
    (desk / "rules").mkdir()
    (desk / "rules" / "a.yaml").write_text("groups: {l1: {address: l1@corp.example}}")
    found = warned(desk)
    assert found["defaults.group"] == "rules: is not set: what no rule dispatches goes to the desk's owner"


@pytest.mark.parametrize(
    ("today", "years"),
    [
        (datetime(2026, 6, 1, tzinfo=UTC), []),
        (datetime(2026, 12, 1, tzinfo=UTC), ["2027"]),
        (datetime(2098, 1, 1, tzinfo=UTC), ["2098"]),
    ],
)
def test_a_year_whose_holidays_are_not_announced_is_warned_of(desk: Path, today: datetime, years: list[str]) -> None:
    (desk / "rules").mkdir()
    calendar = "calendars: {cn: {week: {mon-fri: 09:00-18:00}, holidays: {country: CN}}}"
    (desk / "rules" / "a.yaml").write_text(calendar)
    with time_machine.travel(today, tick=False):
        found = problems(desk, level="warning")
    said = [line for line in found if "calendars.cn.holidays" in line]
    assert [line.partition(" in ")[2][:4] for line in said] == years
    assert all("are not announced in the `holidays` package" in line for line in said)


def test_problems_are_plain_values(desk: Path) -> None:
    (desk / "maildesk.toml").write_text(GOOD.replace(OPS, ""))
    expected = Problem(file=str(desk / "maildesk.toml"), line=1, key="desk.owner", message="is missing")
    assert expected in settings.check(desk / "maildesk.toml", {})
