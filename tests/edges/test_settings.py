"""maildesk.toml and what lies beside it, as settings."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from maildesk import settings
from maildesk.credentials import Login, OAuth, Secret
from maildesk.desk.policy import Budget
from maildesk.errors import ConfigError
from maildesk.settings import Settings
from maildesk.smtp import Relay
from maildesk.sources.imap import Mailbox
from maildesk.sources.maildir import Maildir

NINE = """
[desk]
name = "服务台"
address = "it@corp.example"
owner = "ops@corp.example"
[[mailbox]]
host = "imap.corp.example"
user = "it@corp.example"
secret_file = "imap"
[relay]
host = "smtp.corp.example"
user = "it"
secret_file = "smtp"
"""
Load = Callable[..., Settings]


@pytest.fixture
def load(tmp_path: Path) -> Load:
    """Load a maildesk.toml in a folder with two secrets."""
    for name in ("imap", "smtp"):
        (tmp_path / name).write_text("secret")
        (tmp_path / name).chmod(0o600)

    def load(text: str = NINE, **environment: str) -> Settings:
        (tmp_path / "maildesk.toml").write_text(text, encoding="utf-8")
        return settings.load(tmp_path / "maildesk.toml", environment)

    return load


def test_nine_keys_make_a_desk(load: Load, tmp_path: Path) -> None:
    desk = load()
    assert desk.file == tmp_path / "maildesk.toml"
    assert desk.state == tmp_path / "state"
    assert desk.store_url == f"sqlite:///{tmp_path}/state/maildesk.db"
    assert (desk.templates, desk.health_port) == (None, 0)
    assert desk.mailboxes == (
        Mailbox(
            host="imap.corp.example",
            login=Login(user="it@corp.example", secret=Secret(file=tmp_path / "imap")),
        ),
    )
    assert desk.relay == Relay(host="smtp.corp.example", login=Login(user="it", secret=Secret(file=tmp_path / "smtp")))
    assert (desk.policy.name, desk.policy.address, desk.policy.owner) == (
        "服务台",
        "it@corp.example",
        "ops@corp.example",
    )
    assert desk.policy.null_sender is False
    assert not desk.state.exists()


def test_every_key_of_the_desk_reaches_the_policy(load: Load, tmp_path: Path) -> None:
    extra = """
aliases = ["help@corp.example"]
domains = ["Corp.example", "@partner.example"]
language = "zh"
timezone = "Asia/Shanghai"
reference = "HD"
state = "/var/lib/desk"
trust_reply_to = "forms.example"
reopen_days = 0
close_days = 3
"""
    rest = """
[trust]
authserv_id = "mx.corp.example"
[budget]
per_ticket = 2
per_address_hour = 4
per_address_day = 7
unverified_hour = 0
[health]
port = 9321
[store]
url = "postgresql://desk@db/maildesk"
"""
    desk = load(NINE.replace("[[mailbox]]", extra + "[[mailbox]]") + rest, STATE_DIRECTORY="/elsewhere")
    policy = desk.policy
    assert policy.aliases == ("help@corp.example",)
    assert policy.domains == ("corp.example", "partner.example")
    assert (policy.language, policy.timezone, policy.reference) == ("zh", "Asia/Shanghai", "HD")
    assert (policy.trust_reply_to, policy.reopen_days, policy.close_days) == (("forms.example",), 0, 3)
    assert policy.authserv_id == "mx.corp.example"
    assert policy.budget == Budget(per_ticket=2, per_address_hour=4, per_address_day=7, unverified_hour=0)
    assert (desk.state, desk.health_port) == (Path("/var/lib/desk"), 9321)
    assert desk.store_url == "postgresql://desk@db/maildesk"


def test_the_password_of_the_store_stands_elsewhere(load: Load, tmp_path: Path) -> None:
    assert load(NINE).store_secret is None
    store = '[store]\nurl = "postgresql://desk@db/maildesk"\n'
    assert load(NINE + store + 'secret_file = "imap"').store_secret == Secret(file=tmp_path / "imap")
    assert load(NINE + store + 'secret_env = "STORE"').store_secret == Secret(env="STORE")


def test_state_is_where_systemd_says_and_a_sqlite_path_is_relative_to_the_file(load: Load, tmp_path: Path) -> None:
    desk = load(NINE + '[store]\nurl = "sqlite:///data/desk.db"', STATE_DIRECTORY="/var/lib/maildesk:/other")
    assert desk.state == Path("/var/lib/maildesk")
    assert desk.store_url == f"sqlite:///{tmp_path}/data/desk.db"


def test_every_key_of_mailboxes_and_relay_reaches_the_edges(load: Load, tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("")
    (tmp_path / "box").mkdir()
    desk = load(
        """
[desk]
address = "it@corp.example"
owner = "ops@corp.example"
timezone = "Asia/Shanghai"
[[mailbox]]
name = "hr"
host = "::1"
user = "hr"
secret_env = "HR"
tls = "none"
port = 1143
ca_file = "ca.pem"
folder = "收件箱"
start_from = 2026-03-01
done = "move:Processed"
poll = "5m"
idle = false
[[mailbox]]
kind = "maildir"
name = "local"
path = "box"
start_from = "all"
done = "nothing"
poll = "2s"
[relay]
host = "localhost"
tls = "none"
port = 2525
ca_file = "ca.pem"
connections = 2
data_timeout = "30s"
""",
        HR="x",
    )
    assert desk.mailboxes == (
        Mailbox(
            name="hr",
            host="::1",
            port=1143,
            login=Login(user="hr", secret=Secret(env="HR")),
            tls="none",
            ca_file=tmp_path / "ca.pem",
            folder="收件箱",
            start_from=datetime(2026, 2, 28, 16, tzinfo=UTC),
            done="move:Processed",
            poll=300.0,
            idle=False,
        ),
        Maildir(name="local", path=tmp_path / "box", start_from="all", done="nothing", poll=2.0),
    )
    assert desk.relay == Relay(
        host="localhost", port=2525, tls="none", ca_file=tmp_path / "ca.pem", connections=2, data_timeout=30.0
    )
    assert desk.policy.null_sender is True


@pytest.mark.parametrize(("written", "expected"), [("true", True), ("false", False)])
def test_the_operator_has_the_last_word_on_the_null_sender(load: Load, written: str, expected: bool) -> None:
    assert load(NINE + f"null_sender = {written}").policy.null_sender is expected


def test_a_systemd_credential_of_the_same_name_comes_before_the_file(load: Load, tmp_path: Path) -> None:
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    (credentials / "imap").write_text("x")
    (credentials / "imap").chmod(0o440)
    desk = load(NINE.replace('"imap"', '"secrets/imap"'), CREDENTIALS_DIRECTORY=str(credentials))
    assert isinstance(desk.mailboxes[0], Mailbox)
    assert desk.mailboxes[0].login.secret == Secret(file=credentials / "imap")
    assert desk.relay.login == Login(user="it", secret=Secret(file=tmp_path / "smtp"))


OAUTH = """secret_file = "imap"
oauth = {token_url = "https://login.example/token", client_id = "desk", client_secret_env = "CLIENT",
  refresh_token_file = "smtp", scope = "mail offline_access", mechanism = "OAUTHBEARER"}"""


def test_oauth_with_a_refresh_token(load: Load, tmp_path: Path) -> None:
    text = NINE.replace('secret_file = "imap"', OAUTH.partition("\n")[2].replace("\n", ""))
    desk = load(text, CLIENT="x")
    assert isinstance(desk.mailboxes[0], Mailbox)
    assert desk.mailboxes[0].login == Login(
        user="it@corp.example",
        oauth=OAuth(
            token_url="https://login.example/token",
            client_id="desk",
            client_secret=Secret(env="CLIENT"),
            refresh_token=Secret(file=tmp_path / "smtp"),
            scope="mail offline_access",
            cache=tmp_path / "state" / "token-mailbox-main.json",
            mechanism="OAUTHBEARER",
        ),
    )


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_a_command_that_prints_a_token(load: Load, mechanism: str) -> None:
    way = f'token_command = ["/usr/bin/token", "smtp"]\noauth = {{mechanism = "{mechanism}"}}'
    desk = load(NINE.replace('secret_file = "smtp"', way))
    expected = OAuth(token_command=("/usr/bin/token", "smtp"), mechanism=mechanism)
    assert desk.relay.login == Login(user="it", oauth=expected)


def test_rules_and_templates_beside_the_file_are_taken(load: Load, tmp_path: Path) -> None:
    (tmp_path / "templates").mkdir()
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "20.yaml").write_text("rules: [{name: b, when: {mailbox: main}, then: {group: l1}}]")
    (rules / "10.yml").write_text(
        "groups: {l1: {address: l1@corp.example}}\nrules: [{name: a, when: {spam: true}, then: {hold: x}}]"
    )
    (rules / "notes.txt").write_text(": no yaml [")
    (rules / "30.yaml.bak").write_text(": no yaml [")
    desk = load()
    assert [rule.name for rule in desk.rules.rules] == ["a", "b"]
    assert desk.policy.groups["l1"].address == "l1@corp.example"
    assert desk.templates == tmp_path / "templates"


def test_proposed_rules_know_the_directory_file_of_the_rules_in_force_or_their_own(load: Load, tmp_path: Path) -> None:
    for folder, person in (("rules", "ann"), ("others", "bob")):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "people.csv").write_text(f"mail,name,vip\n{person}@corp.example,X,true\n")
    (tmp_path / "rules" / "10.yaml").write_text("directory: {file: people.csv}")
    (tmp_path / "rules" / "20.yaml").write_text("defaults: {category: network}")
    load()
    other = tmp_path / "others" / "20.yaml"
    other.write_text("defaults: {category: printer}")
    kept = settings.proposed(tmp_path / "maildesk.toml", other, {})
    assert (list(kept.requesters), kept.defaults.category) == (["ann@corp.example"], "printer")
    other.write_text("directory: {file: people.csv}")
    assert list(settings.proposed(tmp_path / "maildesk.toml", other, {}).requesters) == ["bob@corp.example"]


def test_the_file_is_found_by_option_variable_and_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    option, variable, here = tmp_path / "a.toml", tmp_path / "b.toml", tmp_path / "maildesk.toml"
    for file in (option, variable, here):
        file.touch()
    monkeypatch.chdir(tmp_path)
    environment = {"MAILDESK_CONFIG": str(variable)}
    assert settings.find(option, environment) == option
    assert settings.find(Path("a.toml"), environment) == option
    assert settings.find(None, environment) == variable
    assert settings.find(None, {"MAILDESK_CONFIG": ""}) == here


def test_a_named_file_that_is_not_there_is_not_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "maildesk.toml").touch()
    with pytest.raises(ConfigError) as missing:
        settings.find(Path("other.toml"), {})
    assert str(missing.value) == (
        "other.toml: there is no such file; `maildesk init DIR` writes a first one, --config names another"
    )
    with pytest.raises(ConfigError, match=r"^gone\.toml: there is no such file"):
        settings.find(None, {"MAILDESK_CONFIG": "gone.toml"})
    (tmp_path / "maildesk.toml").unlink()
    with pytest.raises(ConfigError, match=r"^maildesk\.toml or /etc/maildesk/maildesk\.toml: there is no such file"):
        settings.find(None, {})
