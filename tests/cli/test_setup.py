"""`maildesk init`, `check`, `db upgrade`: what an operator sees before a desk runs."""

import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from fixtures.commands import Commands, program
from fixtures.dovecot import Dovecot
from fixtures.relay import Sink, running
from maildesk.mail.parse import parse

TOML = """\
[desk]
address = "it@corp.example"
owner = "ops@corp.example"
[[mailbox]]
{mailbox}
[relay]
{relay}
[trust]
authserv_id = "mx.corp.example"
"""
MAILDIR = 'kind = "maildir"\npath = "."'
LOCAL = 'host = "127.0.0.1"\ntls = "none"'


@pytest.fixture
def configured(bare: Commands, tmp_path: Path) -> Callable[..., Commands]:
    """Command lines on a configuration that a test writes."""

    def configure(*, mailbox: str = MAILDIR, relay: str = LOCAL, more: str = "") -> Commands:
        bare.config = tmp_path / "maildesk.toml"
        bare.config.write_text(TOML.format(mailbox=mailbox, relay=relay) + more)
        return bare

    return configure


def test_init_says_what_to_do_next_and_what_it_wrote_can_be_checked(bare: Commands, tmp_path: Path) -> None:
    said = bare("init", str(tmp_path / "desk"))
    assert said.code == 0
    assert "check --connect" in said.out
    assert said.err == ""
    checked = bare("check", "--config", str(tmp_path / "desk" / "maildesk.toml"))
    assert checked.code == 0
    assert "no errors" in checked.out
    assert "error" not in checked.err


def test_init_overwrites_nothing(bare: Commands, tmp_path: Path) -> None:
    (tmp_path / "rules").mkdir()
    said = bare("init", str(tmp_path))
    assert said.code == 73
    assert f"{tmp_path}/rules: is there already; nothing was written" in said.err
    assert list(tmp_path.iterdir()) == [tmp_path / "rules"]


def test_init_where_nothing_can_be_written_cannot_create(bare: Commands, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert bare("init", str(tmp_path / "file" / "desk")).code == 73


def test_the_configuration_is_found_in_its_four_places(tmp_path: Path) -> None:
    for name in ("option", "variable", "here"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "maildesk.toml").write_text(TOML.format(mailbox=MAILDIR, relay=LOCAL))
    option, variable = str(tmp_path / "option" / "maildesk.toml"), str(tmp_path / "variable" / "maildesk.toml")
    here = tmp_path / "here"
    before = program("--config", option, "check", cwd=here, MAILDESK_CONFIG=variable)
    behind = program("check", f"--config={option}", cwd=here, MAILDESK_CONFIG=variable)
    assert before == behind
    assert before.out.startswith(option)
    assert program("check", cwd=here, MAILDESK_CONFIG=variable).out.startswith(variable)
    assert program("check", cwd=here).out.startswith(str(here))


def test_no_configuration_names_where_it_was_looked_for(tmp_path: Path) -> None:
    said = program("ticket", "list", cwd=tmp_path)
    assert said.code == 78
    assert "maildesk.toml or /etc/maildesk/maildesk.toml: there is no such file; `maildesk init DIR`" in said.err
    assert said.out == ""


BROKEN = {
    "a misspelt key": ('owner = "ops@corp.example"', 'ownr = "ops@corp.example"', 3, "desk.ownr", 'mean "owner"?'),
    "a misspelt section": ("[trust]", "[turst]", 10, "turst", 'mean "trust"?'),
    "a wrong address": ('"ops@corp.example"', '"ops"', 3, "desk.owner", "bare mail address"),
    "a wrong type": ('owner = "ops@corp.example"', "owner = 5", 3, "desk.owner", ""),
    "a key twice": ('owner = "ops@corp.example"', 'owner = "a@b.example"\nowner = "a@b.example"', 4, "", ""),
    "not TOML": ("[trust]", "[trust", 10, "", ""),
    "an open string": ('"mx.corp.example"', '"mx', 11, "", ""),
    "clear text to elsewhere": ('host = "127.0.0.1"', 'host = "smtp.corp.example"', 9, "relay.tls", "clear text"),
    "a wrong kind": ('kind = "maildir"', 'kind = "pop3"', 5, "mailbox.kind", "imap, maildir"),
    "no path": ('path = "."', "", 4, "mailbox.path", "missing"),
    "a wrong port": ('tls = "none"', 'tls = "none"\nport = 99999', 10, "relay.port", "65535"),
    "a wrong tls": ('tls = "none"', 'tls = "ssl"', 9, "relay.tls", "starttls"),
    "a host with a scheme": ('"127.0.0.1"', '"smtp://127.0.0.1"', 8, "relay.host", "no scheme"),
    "a wrong length of time": ('path = "."', 'path = "."\npoll = 60', 7, "mailbox.poll", ""),
    "a wrong date": ('path = "."', 'path = "."\nstart_from = "monday"', 7, "mailbox.start_from", ""),
}
RULES = {
    "a misspelt section": ("ruels: []", 1, "rules"),
    "a misspelt condition": ("rules:\n - name: a\n   when: {wrods: [x]}\n   then: {impact: low}", 3, "words"),
    "a misspelt action": ("rules:\n - name: a\n   when: {words: [x]}\n   then: {impct: low}", 4, "impact"),
    "a wrong value": ("rules:\n - name: a\n   when: {words: [x]}\n   then: {impact: hihg}", 4, "high"),
    "an unknown group": ("rules:\n - name: a\n   when: {words: [x]}\n   then: {group: l9}", 4, "l9"),
    "a look-ahead": ("rules:\n - name: a\n   when: {subject_matches: 'a(?=b)'}\n   then: {impact: low}", 3, ""),
    "a rule twice": ("rules:\n - &\n - &".replace("&", "{name: a, when: {words: [x]}, then: {impact: low}}"), 3, ""),
    "a bare number": ("calendars: {c: {always: true}}\nsla:\n  P1: {calendar: c, response: 15, resolution: 4h}", 3, ""),
    "an unknown calendar": ("sla:\n  P1: {calendar: offce, response: 15m, resolution: 4h}", 2, "offce"),
    "an unknown person": ("groups:\n  l1: {level: L1, members: [li]}", 2, "li"),
    "not YAML": ("rules: [", 2, ""),
    "a key twice": ("groups: {}\ngroups: {}", 2, "groups"),
    "a tab": ("groups:\n\tl1: {}", 2, ""),
    "an anchor": ("defaults: &a {group: l1}", 1, ""),
    "a wrong zone": ("calendars:\n  c: {always: true, timezone: Asia/Peking}", 2, "Asia/Peking"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_mistake_in_the_toml_is_told_with_its_line(configured: Callable[..., Commands], name: str) -> None:
    old, new, line, key, hint = BROKEN[name]
    maildesk = configured()
    assert maildesk.config
    text = maildesk.config.read_text()
    assert old in text
    maildesk.config.write_text(text.replace(old, new, 1))
    said = maildesk("check")
    assert said.code == 78
    assert f"{maildesk.config}:{line}: {key}" in said.err
    assert hint in said.err
    assert said.out == ""
    assert maildesk("run").code == maildesk("ticket", "list").code == 78


@pytest.mark.parametrize("name", RULES)
def test_a_mistake_in_the_rules_is_told_with_its_line(
    configured: Callable[..., Commands], tmp_path: Path, name: str
) -> None:
    text, line, hint = RULES[name]
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "10-all.yaml").write_text(text)
    said = configured()("check")
    assert said.code == 78
    assert f"{tmp_path}/rules/10-all.yaml:{line}" in said.err
    assert hint in said.err


def test_everything_wrong_is_told_at_once_and_as_json(configured: Callable[..., Commands], tmp_path: Path) -> None:
    maildesk = configured(more="[budgte]\n")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.yaml").write_text("ruels: []")
    (tmp_path / "templates" / "acknowleged").mkdir(parents=True)
    (tmp_path / "templates" / "acknowleged" / "requester.en.md").write_text("Subject: x\n\nx\n")
    said = maildesk("check", "--json")
    assert said.code == 78
    assert said.err == ""
    assert all(list(row) == ["file", "line", "key", "level", "message"] for row in said.rows)
    wrong = [(Path(row["file"]).name, row["line"]) for row in said.rows if row["level"] == "error"]
    assert wrong == [("maildesk.toml", 12), ("a.yaml", 1), ("requester.en.md", 0)]


@pytest.fixture
def connected(configured: Callable[..., Commands], dovecot: Dovecot, tmp_path: Path) -> Callable[..., Commands]:
    """Command lines on a real mailbox and relay, but for what a test changes."""

    def connect(sink: Sink, **changes: str) -> Commands:
        secret = tmp_path / "secret"
        secret.write_text(changes.pop("password", dovecot.password))
        secret.chmod(0o600)
        mailbox = {
            "host": "127.0.0.1",
            "port": str(dovecot.tls_port),
            "user": dovecot.user,
            "ca_file": str(dovecot.ca_file),
            "folder": "INBOX",
            **{key.removeprefix("imap_"): value for key, value in changes.items() if key.startswith("imap_")},
        }
        lines = (f"{key} = {value if key == 'port' else repr(value)}" for key, value in mailbox.items() if value)
        return configured(
            mailbox="\n".join([*lines, "secret_file = 'secret'"]),
            relay=f"{LOCAL}\nport = {changes.get('smtp_port', sink.port)}",
            more=changes.get("more", ""),
        )

    return connect


def test_connect_logs_in_everywhere_and_says_what_it_found(
    connected: Callable[..., Commands], relay: Sink, dovecot: Dovecot
) -> None:
    said = connected(relay)("check", "--connect")
    assert said.code == 0, said.err
    for expected in (f"logged in to 127.0.0.1 as {dovecot.user}", "connected to 127.0.0.1", "database: reached"):
        assert expected in said.out
    assert relay.mails == []


@pytest.mark.parametrize(
    ("changes", "what", "says"),
    [
        ({"password": "wrong"}, "mailbox main", "does not accept the user"),
        ({"imap_host": "no-such-host.invalid"}, "mailbox main", "unknown"),
        ({"imap_ca_file": ""}, "mailbox main", "certificate"),
        ({"imap_folder": "Nowhere"}, "mailbox main", "Nowhere"),
        ({"imap_port": "1"}, "mailbox main", "refuses the connection"),
        ({"smtp_port": "1"}, "relay 127.0.0.1", "cannot connect"),
        ({"more": '[store]\nurl = "postgresql://desk@127.0.0.1:1/desk"\n'}, "database", "refused"),
    ],
)
def test_connect_says_in_plain_words_what_cannot_be_reached(
    connected: Callable[..., Commands], relay: Sink, changes: dict[str, str], what: str, says: str
) -> None:
    said = connected(relay, **changes)("check", "--connect", "--json")
    assert said.code == 69
    wrong = [row for row in said.rows if row["level"] == "error"]
    assert [row["key"] for row in wrong] == [what]
    assert says.lower() in wrong[0]["message"].lower()


def test_send_test_sends_one_mail(configured: Callable[..., Commands], relay: Sink) -> None:
    maildesk = configured(relay=f"{LOCAL}\nport = {relay.port}")
    said = maildesk("check", "--send-test", "you@corp.example")
    assert said.code == 0
    assert "accepted (250" in said.out
    (mail,) = relay.mails
    assert list(mail.recipients) == ["you@corp.example"]
    assert "测试邮件" in parse(mail.data).subject


def test_send_test_says_what_the_relay_said(configured: Callable[..., Commands], relay: Sink) -> None:
    relay.script("RCPT", "550 5.1.1 no \x1b[31msuch user")
    said = configured(relay=f"{LOCAL}\nport = {relay.port}")("check", "--send-test", "you@corp.example")
    assert said.code == 69
    assert "not accepted" in said.out
    assert "such user" in said.out
    assert "\x1b" not in said.out


@pytest.mark.parametrize("address", ["you", "you@", "a@b c", "you@corp.example\r\nBcc: x@y", "<you@corp.example>"])
def test_send_test_takes_a_bare_address_only(configured: Callable[..., Commands], address: str) -> None:
    with running() as sink:
        assert configured(relay=f"{LOCAL}\nport = {sink.port}")("check", "--send-test", address).code == 64
        assert sink.mails == []


def test_upgrade_makes_the_tables_and_may_be_repeated(configured: Callable[..., Commands], tmp_path: Path) -> None:
    maildesk = configured()
    assert maildesk("db", "upgrade").code == 0
    assert maildesk("db", "upgrade").code == 0
    assert (tmp_path / "state" / "maildesk.db").stat().st_size > 0


def test_a_database_of_something_else_is_left_alone(configured: Callable[..., Commands], tmp_path: Path) -> None:
    (tmp_path / "state").mkdir()
    (tmp_path / "state" / "maildesk.db").write_bytes(b"not a database at all" * 100)
    maildesk = configured()
    for words in (["db", "upgrade"], ["ticket", "list"], ["once"], ["status"]):
        said = maildesk(*words)
        assert said.code in (75, 78)
        assert said.err.startswith(("maildesk: ", "error "))


@pytest.mark.parametrize("words", [["frobnicate"], ["ticket"], ["ticket", "show"], ["status", "--jsn"], ["--config"]])
def test_a_command_line_that_is_no_command_is_usage(bare: Commands, words: list[str]) -> None:
    said = bare(*words)
    assert said.code == 64


def test_version_and_help_need_no_configuration(bare: Commands) -> None:
    assert bare("--version").out.startswith("maildesk 0.")
    assert bare("--help").code == bare("-h").code == bare("ticket", "show", "-h").code == 0


def test_a_health_port_that_is_taken_is_named(configured: Callable[..., Commands], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        configured(more=f"[health]\nport = {port}\n")
        said = program("--config", str(tmp_path / "maildesk.toml"), "run")
    assert said.code == 75
    assert f"127.0.0.1:{port}" in said.err.splitlines()[-1]
