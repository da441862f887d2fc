"""Whoever sits between the desk and its servers gets no password by taking TLS away, nor by a certificate of his."""

from pathlib import Path

import pytest

from fixtures.certificates import issue
from fixtures.commands import Commands
from fixtures.evil_imap import EvilServer
from fixtures.relay import running
from fixtures.stage import Stage

PASSWORD = "canary-password"


def configure(maildesk: Commands, imap: int, smtp: int, tls: str) -> None:
    """The desk of the stage, on these ports."""
    assert maildesk.config is not None
    text = maildesk.config.read_text()
    login = 'user = "it"\nsecret_env = "CANARY"'
    box = f'host = "127.0.0.1"\nport = {imap}\ntls = "{tls}"\n{login}'
    text = text.replace('kind = "maildir"\npath = "inbox"', box)
    head, _, _ = text.partition("[relay]")
    maildesk.config.write_text(f'{head}[relay]\nhost = "127.0.0.1"\nport = {smtp}\ntls = "{tls}"\n{login}\n')
    maildesk.monkeypatch.setenv("CANARY", PASSWORD)


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_servers_without_tls_never_hear_the_password(stage: Stage, maildesk: Commands, tls: str) -> None:
    with EvilServer() as imap, running(logins={"it": PASSWORD}) as relay:
        configure(maildesk, imap.port, relay.port, tls)
        for words in (["check", "--connect"], ["once"]):
            said = maildesk(*words)
            assert said.code == 69
            assert PASSWORD not in said.out + said.err
        assert not any(PASSWORD.encode() in line or b"LOGIN" in line for line in imap.commands)
        assert not any(line.startswith("AUTH") for line in relay.commands)


def test_a_certificate_of_somebody_else_ends_it_before_the_password(
    stage: Stage, maildesk: Commands, tmp_path: Path
) -> None:
    """His certificate is for this very address, but no authority that we know has signed it."""
    with EvilServer(certificate=issue(tmp_path, "IP:127.0.0.1")) as imap, running(tls="implicit") as relay:
        configure(maildesk, imap.port, relay.port, "implicit")
        said = maildesk("check", "--connect")
        assert said.code == 69
        assert said.out.count("is not trusted") == 2
        assert (imap.commands, relay.commands) == ([], [])


def test_the_harness_hears_a_password_that_is_sent(stage: Stage, maildesk: Commands) -> None:
    with EvilServer() as imap, running(logins={"it": PASSWORD}) as relay:
        configure(maildesk, imap.port, relay.port, "none")
        assert maildesk("check", "--connect").code == 0
        assert any(PASSWORD.encode() in line for line in imap.commands)
        assert any(line.startswith("AUTH") for line in relay.commands)


@pytest.mark.parametrize("host", ["imap.corp.example", "192.0.2.7"])
def test_no_tls_at_all_is_for_this_machine_only(stage: Stage, maildesk: Commands, host: str) -> None:
    configure(maildesk, 143, 25, "none")
    assert maildesk.config is not None
    maildesk.config.write_text(maildesk.config.read_text().replace('"127.0.0.1"', f'"{host}"'))
    said = maildesk("check")
    assert said.code == 78
    assert said.err.count(f"{host} would hear the password in clear text") == 2
