"""Passwords from files and the environment, OAuth2 tokens from a token server or a command."""

import json
import ssl
import stat
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest

from fixtures.certificates import Certificate
from maildesk.credentials import (
    Login,
    OAuth,
    Secret,
    bearer,
    forget,
    loopback,
    oauthbearer,
    password,
    xoauth2,
)
from maildesk.credentials import oauth as module
from maildesk.errors import ConfigError, TemporaryError

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def secret_file(path: Path, content: bytes, mode: int = 0o600) -> Secret:
    path.write_bytes(content)
    path.chmod(mode)
    return Secret(file=path)


def login(secret: Secret | None) -> Login:
    return Login(user="it@corp.example", secret=secret)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"s3cret", "s3cret"),
        (b"s3cret\n", "s3cret"),
        (b"s3cret\r\n", "s3cret"),
        (b" with spaces \n", " with spaces "),
        ("密码\n".encode(), "密码"),
    ],
)
def test_password_is_the_line_in_the_file(content: bytes, expected: str, tmp_path: Path) -> None:
    assert password(login(secret_file(tmp_path / "imap", content))) == expected


@pytest.mark.parametrize("content", [b"", b"\n", b"two\nlines\n", b"\xff\xfe", b"nul\0", b"x" * 70_000])
def test_file_that_holds_no_one_line_is_refused(content: bytes, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"imap: the secret must be one line of UTF-8 text"):
        password(login(secret_file(tmp_path / "imap", content)))


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_file_that_others_may_read_is_refused_by_name_and_mode(mode: int, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=rf"{tmp_path}/imap: others may read .*mode {mode:04o}.*chmod 600"):
        password(login(secret_file(tmp_path / "imap", b"s3cret", mode)))


def test_systemd_credential_may_have_any_mode(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    assert password(login(secret_file(tmp_path / "imap", b"s3cret", 0o444))) == "s3cret"
    (tmp_path / "inner").mkdir()
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path / "inner"))
    with pytest.raises(ConfigError, match="others may read"):
        password(login(Secret(file=tmp_path / "inner" / ".." / "imap")))


def test_file_that_is_missing_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="none: the secret cannot be read: No such file"):
        password(login(Secret(file=tmp_path / "none")))


def test_password_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("IMAP_PASSWORD", "s3cret")
    assert password(login(Secret(env="IMAP_PASSWORD"))) == "s3cret"
    monkeypatch.setenv("IMAP_PASSWORD", "")
    with pytest.raises(ConfigError, match="IMAP_PASSWORD is not set or empty"):
        password(login(Secret(env="IMAP_PASSWORD")))
    monkeypatch.setenv("IMAP_PASSWORD", "two\nlines")
    with pytest.raises(ConfigError, match="IMAP_PASSWORD must be one line"):
        password(login(Secret(env="IMAP_PASSWORD")))


def test_login_without_what_is_asked_for_says_so() -> None:
    with pytest.raises(ConfigError, match="no password is configured for it@corp"):
        password(login(None))
    with pytest.raises(ConfigError, match="no OAuth2 is configured for it@corp"):
        bearer(login(None), NOW)
    with pytest.raises(ConfigError, match="a refresh token or a token command"):
        bearer(Login(user="it", oauth=OAuth()), NOW)
    forget(login(None), NOW)


def test_initial_responses() -> None:
    assert xoauth2("it@corp.example", "tok") == "user=it@corp.example\x01auth=Bearer tok\x01\x01"
    assert (
        oauthbearer("a,b=c", "tok", "imap.example", 993)
        == "n,a=a=2Cb=3Dc,\x01host=imap.example\x01port=993\x01auth=Bearer tok\x01\x01"
    )


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "::1", "[::1]"])
def test_loopback_is_this_machine(host: str) -> None:
    assert loopback(host)


@pytest.mark.parametrize("host", ["", "localhost.evil.example", "10.0.0.1", "127.0.0.1.evil.example"])
def test_other_hosts_are_no_loopback(host: str) -> None:
    assert not loopback(host)


class TokenServer(ThreadingHTTPServer):
    """Answers every token request with the next of `answers`, the last one for ever."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _TokenRequests)
        self.answers: list[tuple[int, Any]] = []
        self.forms: list[dict[str, str]] = []
        self.location = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/token"


class _TokenRequests(BaseHTTPRequestHandler):
    server: TokenServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.forms.append(dict(parse_qsl(body.decode())))
        status, answer = self.server.answers.pop(0) if len(self.server.answers) > 1 else self.server.answers[0]
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        if self.server.location:
            self.send_header("Location", self.server.location)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Quiet."""


@pytest.fixture
def tokens() -> Iterator[TokenServer]:
    server = TokenServer()
    server.daemon_threads = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def oauth_login(tokens: TokenServer, tmp_path: Path, **changes: Any) -> Login:
    oauth = OAuth(
        token_url=tokens.url,
        client_id="desk",
        refresh_token=secret_file(tmp_path / "refresh", b"first-refresh\n"),
        cache=tmp_path / "token.json",
    )
    return Login(user="it@corp.example", oauth=replace(oauth, **changes))


def test_token_is_fetched_once_and_again_a_minute_before_it_ends(tokens: TokenServer, tmp_path: Path) -> None:
    tokens.answers = [
        (200, {"access_token": "one", "expires_in": 3600}),
        (200, {"access_token": "two", "expires_in": "3600"}),
    ]
    given = oauth_login(tokens, tmp_path, scope="mail offline", client_secret=secret_file(tmp_path / "c", b"shh"))
    assert bearer(given, NOW) == "one"
    assert bearer(given, NOW + timedelta(seconds=3539)) == "one"
    assert bearer(given, NOW + timedelta(seconds=3540)) == "two"
    assert (
        tokens.forms
        == [
            {
                "grant_type": "refresh_token",
                "refresh_token": "first-refresh",
                "client_id": "desk",
                "client_secret": "shh",
                "scope": "mail offline",
            }
        ]
        * 2
    )


def test_rotated_refresh_token_is_kept_over_a_restart(tokens: TokenServer, tmp_path: Path) -> None:
    tokens.answers = [
        (200, {"access_token": "one", "expires_in": 3600, "refresh_token": "second-refresh"}),
        (200, {"access_token": "two", "expires_in": 3600}),
    ]
    given = oauth_login(tokens, tmp_path)
    assert given.oauth
    assert bearer(given, NOW) == "one"
    assert stat.S_IMODE((tmp_path / "token.json").stat().st_mode) == 0o600
    assert sorted(path.name for path in tmp_path.iterdir()) == ["refresh", "token.json"], "no half-written file"
    _another_process(given.oauth)
    assert bearer(given, NOW + timedelta(minutes=5)) == "one", "the file is asked before the server"
    _another_process(given.oauth)
    assert bearer(given, NOW + timedelta(hours=2)) == "two"
    assert tokens.forms[1]["refresh_token"] == "second-refresh"


def _another_process(oauth: OAuth) -> None:
    """Forget what only the memory of a process holds."""
    module._tokens.pop(oauth, None)


def test_newer_token_of_another_process_is_used_before_the_spent_refresh_token(
    tokens: TokenServer, tmp_path: Path
) -> None:
    tokens.answers = [(200, {"access_token": "one", "expires_in": 600})]
    given = oauth_login(tokens, tmp_path)
    bearer(given, NOW)
    cache = tmp_path / "token.json"
    stored = json.loads(cache.read_text())
    cache.write_text(json.dumps({**stored, "access": "theirs", "expires": (NOW + timedelta(hours=2)).isoformat()}))
    assert bearer(given, NOW + timedelta(hours=1)) == "theirs"
    assert len(tokens.forms) == 1


def test_new_refresh_token_of_the_operator_voids_what_was_kept(tokens: TokenServer, tmp_path: Path) -> None:
    tokens.answers = [
        (200, {"access_token": "one", "expires_in": 3600, "refresh_token": "rotated"}),
        (200, {"access_token": "two", "expires_in": 3600}),
    ]
    given = oauth_login(tokens, tmp_path)
    bearer(given, NOW)
    (tmp_path / "refresh").write_text("new-refresh")
    assert bearer(given, NOW) == "two"
    assert tokens.forms[1]["refresh_token"] == "new-refresh"


def test_refused_access_token_is_replaced_by_the_rotated_refresh_token(tokens: TokenServer, tmp_path: Path) -> None:
    tokens.answers = [
        (200, {"access_token": "one", "expires_in": 3600, "refresh_token": "rotated"}),
        (200, {"access_token": "two", "expires_in": 3600}),
    ]
    given = oauth_login(tokens, tmp_path)
    forget(given, NOW)
    bearer(given, NOW)
    forget(given, NOW)
    assert bearer(given, NOW) == "two"
    assert tokens.forms[1]["refresh_token"] == "rotated"


@pytest.mark.parametrize("content", ["", "{}", "[]", "nonsense", '{"expires": 5, "access": "x"}', "[" * 50_000])
def test_spoilt_cache_is_ignored(content: str, tokens: TokenServer, tmp_path: Path) -> None:
    tokens.answers = [(200, {"access_token": "one", "expires_in": 3600})]
    given = oauth_login(tokens, tmp_path)
    secret_file(tmp_path / "token.json", content.encode())
    assert bearer(given, NOW) == "one"


def test_cache_that_others_may_read_is_ignored_and_replaced(tokens: TokenServer, tmp_path: Path) -> None:
    tokens.answers = [(200, {"access_token": "one", "expires_in": 3600})]
    given = oauth_login(tokens, tmp_path)
    kept = {"access": "planted", "expires": "2030-01-01T00:00:00", "refresh": "r", "configured": "first-refresh"}
    secret_file(tmp_path / "token.json", json.dumps(kept).encode(), 0o644)
    assert bearer(given, NOW) == "one"
    assert stat.S_IMODE((tmp_path / "token.json").stat().st_mode) == 0o600


def test_cache_that_cannot_be_written_is_said_once_and_the_token_still_serves(
    tokens: TokenServer, tmp_path: Path
) -> None:
    tokens.answers = [(200, {"access_token": "one", "expires_in": 3600})]
    given = oauth_login(tokens, tmp_path, cache=tmp_path / "missing" / "token.json")
    with pytest.raises(TemporaryError, match=r"token cache .* cannot be written: No such file"):
        bearer(given, NOW)
    assert bearer(given, NOW) == "one"
    assert len(tokens.forms) == 1


def test_cache_is_left_whole_when_it_cannot_be_replaced(tokens: TokenServer, tmp_path: Path) -> None:
    tokens.answers = [(200, {"access_token": "one", "expires_in": 3600})]
    (tmp_path / "token.json").mkdir()
    with pytest.raises(TemporaryError, match="cannot be written"):
        bearer(oauth_login(tokens, tmp_path), NOW)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["refresh", "token.json"]


@pytest.mark.parametrize("life", [None, "soon", -5, 10**12, {"a": 1}])
def test_odd_life_of_a_token_is_no_life(life: Any, tokens: TokenServer, tmp_path: Path) -> None:
    tokens.answers = [(200, {"access_token": "one", "expires_in": life}), (200, {"access_token": "two"})]
    given = oauth_login(tokens, tmp_path, cache=None)
    assert bearer(given, NOW) == "one"
    assert bearer(given, NOW + timedelta(seconds=239)) == "one"
    assert bearer(given, NOW + timedelta(seconds=240)) == "two"


@pytest.mark.parametrize(
    ("status", "answer", "words"),
    [
        (400, {"error": "invalid_grant"}, "refresh: the token server 127.0.0.1 refuses: the refresh token has expired"),
        (401, {"error": "invalid_client"}, "the client id or client secret is wrong"),
        (400, {"error": "invalid_scope"}, "the scope is not allowed"),
    ],
)
def test_what_the_operator_has_to_mend_is_said_with_advice(
    status: int, answer: Any, words: str, tokens: TokenServer, tmp_path: Path
) -> None:
    tokens.answers = [(status, answer)]
    with pytest.raises(ConfigError, match=words) as error:
        bearer(oauth_login(tokens, tmp_path), NOW)
    assert "first-refresh" not in str(error.value)


def test_refresh_token_from_the_environment_is_named_as_such(
    tokens: TokenServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REFRESH", "r")
    tokens.answers = [(400, {"error": "invalid_grant"})]
    with pytest.raises(ConfigError, match="credentials: the token server"):
        bearer(oauth_login(tokens, tmp_path, refresh_token=Secret(env="REFRESH")), NOW)


@pytest.mark.parametrize(
    ("status", "answer"),
    [
        (500, {"error": "invalid_grant"}),
        (503, b"busy"),
        (429, b""),
        (400, b"<html>"),
        (400, []),
        (400, b"[" * 60_000),
        (200, b"not json"),
        (200, b"[" * 60_000),
        (200, ["a list"]),
        (200, {}),
        (200, {"access_token": ""}),
        (200, {"access_token": 5}),
        (200, {"access_token": "two words"}),
        (200, {"access_token": "line\r\nbreak"}),
    ],
)
def test_token_server_in_trouble_is_waited_for(status: int, answer: Any, tokens: TokenServer, tmp_path: Path) -> None:
    tokens.answers = [(status, answer)]
    with pytest.raises(TemporaryError, match=r"127\.0\.0\.1") as error:
        bearer(oauth_login(tokens, tmp_path), NOW)
    assert "first-refresh" not in str(error.value)


def test_secrets_are_not_carried_to_where_a_redirect_points(tokens: TokenServer, tmp_path: Path) -> None:
    tokens.answers = [(307, {}), (200, {"access_token": "one"})]
    tokens.location = tokens.url
    with pytest.raises(TemporaryError, match="answers 307"):
        bearer(oauth_login(tokens, tmp_path), NOW)
    assert len(tokens.forms) == 1


@pytest.mark.parametrize("url", ["http://login.example/token", "ftp://login.example/", "file:///etc/passwd", ""])
def test_token_server_is_only_asked_over_https(url: str, tokens: TokenServer, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="must be reached by https"):
        bearer(oauth_login(tokens, tmp_path, token_url=url), NOW)


def test_token_server_must_show_a_certificate_that_holds(
    tokens: TokenServer, certificate: Certificate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate.chain, certificate.key)
    tokens.socket = context.wrap_socket(tokens.socket, server_side=True, do_handshake_on_connect=False)
    tokens.handle_error = lambda *_: None  # type: ignore[method-assign]
    tokens.answers = [(200, {"access_token": "one", "expires_in": 3600})]
    given = oauth_login(tokens, tmp_path, token_url=tokens.url.replace("http:", "https:"))
    with pytest.raises(TemporaryError, match="certificate verify failed"):
        bearer(given, NOW)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate.ca))
    assert bearer(given, NOW) == "one"


def test_token_server_that_is_not_there_is_waited_for(tmp_path: Path) -> None:
    server = TokenServer()
    server.server_close()
    with pytest.raises(TemporaryError, match=r"cannot be asked: .*refused"):
        bearer(oauth_login(server, tmp_path), NOW)


def command_login(*command: str) -> Login:
    return Login(user="it", oauth=OAuth(token_command=command))


def test_token_command_prints_the_token() -> None:
    assert bearer(command_login(sys.executable, "-c", "print('tok'); print('more')"), NOW) == "tok"


@pytest.mark.parametrize(
    "program", ["", "print()", "print('tok'); raise SystemExit(3)", "print('two words')", "print('t\\u00f6k')"]
)
def test_token_command_without_a_token_is_tried_again(program: str) -> None:
    with pytest.raises(TemporaryError, match=r"token") as error:
        bearer(command_login(sys.executable, "-c", program), NOW)
    assert "two words" not in str(error.value)


def test_token_command_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_TIMEOUT", 0.3)
    with pytest.raises(TemporaryError, match="TimeoutExpired") as error:
        bearer(command_login(sys.executable, "-c", "import time; print('tok', flush=True); time.sleep(60)"), NOW)
    assert "tok'" not in str(error.value)
    assert error.value.__cause__ is None


def test_token_command_that_cannot_be_run_is_a_matter_of_configuration(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="none: the token command cannot be run"):
        bearer(command_login(str(tmp_path / "none")), NOW)


def test_token_command_that_is_no_program_is_tried_again(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    broken.write_bytes(b"\x7fELF nonsense")
    broken.chmod(0o700)
    with pytest.raises(TemporaryError, match="OSError"):
        bearer(command_login(str(broken)), NOW)


def test_secrets_do_not_show_in_a_repr(tokens: TokenServer, tmp_path: Path) -> None:
    tokens.answers = [(200, {"access_token": "tell-nobody", "expires_in": 3600})]
    given = oauth_login(tokens, tmp_path)
    bearer(given, NOW)
    shown = repr(module._tokens) + repr(given)
    assert "tell-nobody" not in shown
    assert "first-refresh" not in shown
