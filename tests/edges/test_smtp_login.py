"""The relay proves who it is, the desk proves who it is, and `probe` says how it went."""

from pathlib import Path

import pytest

from fixtures.parcels import USER, all_sent, deliver, refusal
from fixtures.relay import Sink, TlsKind, running
from maildesk import smtp
from maildesk.credentials import Login, OAuth, Secret
from maildesk.errors import ConfigError, TemporaryError


@pytest.fixture
def login(monkeypatch: pytest.MonkeyPatch) -> Login:
    monkeypatch.setenv("RELAY_SECRET", "pässword")
    return Login(user=USER, secret=Secret(env="RELAY_SECRET"))


# --- TLS


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_mail_goes_encrypted(tls: TlsKind) -> None:
    with running(tls=tls) as relay:
        assert all_sent(deliver(relay, 3, connections=2))
        assert ("STARTTLS" in relay.commands) == (tls == "starttls")


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_unknown_authority_is_refused_in_plain_words(tls: TlsKind) -> None:
    with running(tls=tls) as relay:
        text = refusal(deliver(relay, 2, ca_file=None)).text
        assert f"the certificate of 127.0.0.1:{relay.port} is not trusted" in text
        assert relay.mails == []


@pytest.mark.parametrize("tls", ["starttls", "implicit"])
def test_certificate_for_another_name_is_refused(tls: TlsKind) -> None:
    with running(tls=tls, host="127.0.0.2") as relay:
        assert "127.0.0.2" in refusal(deliver(relay)).text
        assert relay.mails == []


def test_stripped_starttls_never_falls_back(relay: Sink) -> None:
    text = refusal(deliver(relay, tls="starttls")).text
    assert 'offers no STARTTLS, which tls = "starttls" demands' in text
    assert [command.split(" ")[0] for command in relay.commands] == ["EHLO"]


@pytest.mark.parametrize("how", ["454 not now", "eof", "silence"])
def test_starttls_that_fails_never_falls_back(how: str) -> None:
    with running(tls="starttls") as relay:
        relay.script("STARTTLS", how)
        assert refusal(deliver(relay, timeout=0.5)).code == (454 if how[0] == "4" else 0)
        assert [command.split(" ")[0] for command in relay.commands] == ["EHLO", "STARTTLS"]


def test_tls_spoken_to_a_plain_port_is_said(relay: Sink) -> None:
    assert "TLS with" in refusal(deliver(relay, tls="implicit", ca_file=None)).text


def test_unreadable_ca_file_is_said(relay: Sink, tmp_path: Path) -> None:
    missing = tmp_path / "ca.pem"
    assert f"cannot read the certificates in {missing}" in refusal(deliver(relay, tls="starttls", ca_file=missing)).text
    missing.write_text("no certificate")
    assert str(missing) in refusal(deliver(relay, tls="starttls", ca_file=missing)).text


def test_port_follows_from_the_kind_of_tls() -> None:
    kinds: list[TlsKind] = ["implicit", "starttls", "none"]
    assert [smtp.Relay(host="relay", tls=tls).place for tls in kinds] == ["relay:465", "relay:587", "relay:25"]


# --- login


@pytest.mark.parametrize("mechanism", ["PLAIN", "LOGIN", "CRAM-MD5"])
def test_password_is_given_by_what_the_relay_offers(mechanism: str, login: Login) -> None:
    with running(tls="starttls", logins={USER: "pässword"}, mechanisms=(mechanism,)) as relay:
        assert all_sent(deliver(relay, login=login))
        assert any(command.startswith(f"AUTH {mechanism}") for command in relay.commands)


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_token_is_given_as_the_mechanism_says(mechanism: str) -> None:
    login = Login(user=USER, oauth=OAuth(token_command=("printf", "token-1"), mechanism=mechanism))
    with running(tls="implicit", logins={USER: "token-1"}) as relay:
        assert all_sent(deliver(relay, login=login))
        assert any(command.startswith(f"AUTH {mechanism}") for command in relay.commands)


@pytest.mark.parametrize("mechanism", ["XOAUTH2", "OAUTHBEARER"])
def test_refused_token_is_a_refused_login(mechanism: str) -> None:
    login = Login(user=USER, oauth=OAuth(token_command=("printf", "token-1"), mechanism=mechanism))
    with running(logins={USER: "token-2"}) as relay:
        refused = refusal(deliver(relay, login=login))
    assert refused.code == 535
    assert f"login refused for {USER}: 535" in refused.text
    assert "token-1" not in refused.text


def test_wrong_password_is_tried_once_for_all_mails(login: Login) -> None:
    with running(logins={USER: "another"}) as relay:
        refused = refusal(deliver(relay, 40, connections=4, login=login))
        assert sum(command.startswith("AUTH") for command in relay.commands) == 1
    assert refused.code == 535
    assert f"login refused for {USER}" in refused.text
    assert "pässword" not in refused.text


def test_login_that_cannot_be_checked_now_keeps_its_code(login: Login) -> None:
    with running(logins={USER: "pässword"}) as relay:
        relay.script("AUTH", "454 4.7.0 Temporary authentication failure", times=9)
        assert refusal(deliver(relay, 2, login=login)).code == 454


def test_mechanism_that_is_offered_but_not_known_is_passed_over(login: Login) -> None:
    with running(logins={USER: "pässword"}) as relay:
        relay.script("AUTH", "504 5.5.4 Unrecognized authentication type")
        assert all_sent(deliver(relay, login=login))


def test_mechanism_refused_as_unknown_at_last_is_a_refused_login(login: Login) -> None:
    with running(logins={USER: "pässword"}) as relay:
        relay.script("AUTH", "504 5.5.4 Unrecognized authentication type", times=9)
        assert refusal(deliver(relay, login=login)).code == 504


@pytest.mark.parametrize("offered", [("XOAUTH2",), ()])
def test_relay_without_a_fitting_mechanism_says_what_it_offers(offered: tuple[str, ...], login: Login) -> None:
    with running(logins={USER: "x"} if offered else {}, mechanisms=offered) as relay:
        text = refusal(deliver(relay, login=login)).text
        assert f"takes no login by a password: it offers {' '.join(offered) or 'none'}" in text
        token = Login(user=USER, oauth=OAuth(token_command=("printf", "x"), mechanism="OAUTHBEARER"))
        assert "takes no login by OAUTHBEARER" in refusal(deliver(relay, login=token)).text


def test_missing_secret_is_a_refusal_not_a_crash(relay: Sink, tmp_path: Path) -> None:
    gone = Login(user=USER, secret=Secret(file=tmp_path / "gone"))
    with running(logins={USER: "x"}) as relay:
        assert f"no secret for {USER}" in refusal(deliver(relay, 2, login=gone)).text


def test_lost_login_hides_no_mail(login: Login) -> None:
    with running(logins={USER: "pässword"}) as relay:
        relay.script("AUTH", "eof")
        assert "closed the connection" in refusal(deliver(relay, 2, login=login)).text


# --- probe


def test_probe_says_what_works(login: Login) -> None:
    with running(tls="starttls", logins={USER: "pässword"}) as relay:
        found = smtp.probe(relay.settings(login=login))
        assert relay.mails == []
        assert relay.commands[-1] == "QUIT"
    assert found[0] == f"connected to 127.0.0.1:{relay.port}"
    assert found[1].startswith("TLSv1.3, certificate valid until ")
    assert found[2:4] == [f"logged in as {USER}", "takes mails of up to 50 MB"]
    assert "takes the empty envelope sender" in found[4]


def test_probe_of_a_plain_relay_says_so_and_warns_of_the_null_sender(relay: Sink) -> None:
    relay.script("MAIL", "501 mail from must equal authorized user")
    found = smtp.probe(relay.settings())
    assert found[1:3] == ["not encrypted", "no login is configured"]
    assert "refuses the empty envelope sender (mail from must equal authorized user)" in found[-1]


def test_probe_names_the_setting_that_must_change(relay: Sink, login: Login, tmp_path: Path) -> None:
    with running(tls="implicit", logins={USER: "another"}) as strict:
        cases = {
            "relay.tls": relay.settings(tls="starttls"),
            "relay.ca_file": strict.settings(ca_file=None),
            "relay.user": strict.settings(login=login),
        }
        for key, settings in cases.items():
            with pytest.raises(ConfigError) as caught:
                smtp.probe(settings)
            assert [problem.key for problem in caught.value.problems] == [key]


def test_probe_of_a_relay_that_is_not_there_is_temporary(relay: Sink) -> None:
    relay.down()
    with pytest.raises(TemporaryError, match=r"cannot connect to 127\.0\.0\.1"):
        smtp.probe(relay.settings())
    relay.up()
