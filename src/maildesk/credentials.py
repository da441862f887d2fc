"""How the desk proves who it is to a server: passwords and OAuth2 tokens, never from the command line, never logged."""

import json
import os
import ssl
import stat
import subprocess
import tempfile
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.client import HTTPException, HTTPMessage
from ipaddress import ip_address
from pathlib import Path
from threading import Lock
from typing import IO, Any, NoReturn
from urllib.parse import urlencode, urlsplit

from maildesk.errors import ConfigError, Problem, TemporaryError

_LARGEST = 64 * 1024  # octets of a secret file or a token server's answer
_TIMEOUT = 30.0  # seconds for a token server or a token command
_MARGIN = timedelta(seconds=60)  # a token this close to its end is not used any more
_UNSAID = 300  # seconds a token is used whose life the server did not say
_LONGEST = 24 * 3600


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """Where a secret stands: exactly one of a file (0600 or a systemd credential) and an environment variable."""

    file: Path | None = None
    env: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OAuth:
    """How to get an access token: a refresh-token grant (RFC 6749 section 6), or a command that prints one."""

    token_url: str = ""
    client_id: str = ""
    client_secret: Secret | None = None
    refresh_token: Secret | None = None
    scope: str = ""
    cache: Path | None = None  # where tokens are kept, 0600; a rotated refresh token too
    token_command: tuple[str, ...] = ()
    mechanism: str = "XOAUTH2"  # or OAUTHBEARER


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """A user with a password or with OAuth2, never both."""

    user: str
    secret: Secret | None = None
    oauth: OAuth | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Token:
    access: str = field(repr=False)
    expires: datetime
    refresh: str = field(repr=False)  # the refresh token to use next
    configured: str = field(repr=False)  # the operator's refresh token it grew from: a new one makes this void


_tokens: dict[OAuth, _Token] = {}  # shared by all threads of the process
_refreshing = Lock()  # one refresh at a time: a rotated refresh token may be used once


def password(login: Login) -> str:
    """The password of a login. Raises ConfigError where it is missing, unreadable or open to others."""
    if login.secret is None:
        _refuse("credentials", f"no password is configured for {login.user}")
    return _read(login.secret)


def bearer(login: Login, now: datetime) -> str:
    """An OAuth2 access token that holds for at least a minute.

    Raises TemporaryError when the token server cannot be asked now, ConfigError when the operator has to act.
    """
    oauth = login.oauth
    if oauth is None:
        _refuse("credentials", f"no OAuth2 is configured for {login.user}")
    if oauth.token_command:
        return _from_command(oauth.token_command)
    if oauth.refresh_token is None:
        _refuse("credentials", f"neither a refresh token nor a token command is configured for {login.user}")
    configured = _read(oauth.refresh_token)
    with _refreshing:
        token = _kept(oauth, configured)
        if token is None or token.expires - _MARGIN <= now:
            token = _refresh(oauth, token.refresh if token else configured, configured, now)
            _tokens[oauth] = token
            _save(oauth, token)
        return token.access


def forget(login: Login, now: datetime) -> None:
    """The server refused the access token: get another one next time. The refresh token is kept."""
    if login.oauth is None:
        return
    with _refreshing:
        token = _tokens.pop(login.oauth, None)
        if token:
            spent = _Token(access="", expires=now, refresh=token.refresh, configured=token.configured)
            _tokens[login.oauth] = spent
            _save(login.oauth, spent)


def xoauth2(user: str, token: str) -> str:
    """The initial response of XOAUTH2, before base64 (developers.google.com/workspace/gmail/imap/xoauth2-protocol)."""
    return f"user={user}\x01auth=Bearer {token}\x01\x01"


def oauthbearer(user: str, token: str, host: str, port: int) -> str:
    """The initial response of OAUTHBEARER, before base64 (RFC 7628 section 3.1)."""
    saslname = user.replace("=", "=3D").replace(",", "=2C")
    return f"n,a={saslname},\x01host={host}\x01port={port}\x01auth=Bearer {token}\x01\x01"


def loopback(host: str) -> bool:
    """Whether a host is this machine, where clear text is no secret told."""
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _refuse(place: object, message: str) -> NoReturn:
    raise ConfigError([Problem(file=str(place), line=0, key="", message=message)])


def _read(secret: Secret) -> str:
    if secret.file is None:
        value = os.environ.get(secret.env, "")
        if not value:
            _refuse("environment", f"the variable {secret.env} is not set or empty")
        return value
    return _read_file(secret.file)


def _read_file(path: Path) -> str:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            mode = stat.S_IMODE(status.st_mode)
            if mode & 0o077 and not _is_systemd_credential(path):
                _refuse(path, f"others may read this secret (mode {mode:04o}): run chmod 600 {path}")
            content = file.read(_LARGEST + 1)
    except OSError as error:
        _refuse(path, f"the secret cannot be read: {error.strerror}")
    try:
        text = content.decode()
    except UnicodeDecodeError:
        text = "\0"
    text = text.removesuffix("\n").removesuffix("\r")
    if not text or len(content) > _LARGEST or any(c in text for c in "\0\r\n"):
        _refuse(path, "the secret must be one line of UTF-8 text")
    return text


def _is_systemd_credential(path: Path) -> bool:
    """systemd guards the directory of its credentials, whatever the mode of the files."""
    directory = os.environ.get("CREDENTIALS_DIRECTORY", "")
    return bool(directory) and path.resolve().is_relative_to(Path(directory).resolve())


def _from_command(command: tuple[str, ...]) -> str:
    name = command[0]
    try:
        done = subprocess.run(  # noqa: S603 - the operator's own command, no shell
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_TIMEOUT, check=False
        )
    except (FileNotFoundError, PermissionError):
        _refuse(name, "the token command cannot be run")
    except (OSError, subprocess.TimeoutExpired) as error:
        # Not the exception itself: it holds what the command printed.
        raise TemporaryError(f"the token command {name} failed: {type(error).__name__}") from None
    first = done.stdout.split(b"\n", 1)[0].strip()
    if done.returncode or not first:
        raise TemporaryError(f"the token command {name} gave no token (exit code {done.returncode})")
    return _header_safe(first.decode("ascii", "replace"), name)


def _header_safe(token: str, place: str) -> str:
    """A token goes into SASL and nowhere else; one with odd characters is none (RFC 6750 section 2.1)."""
    if not token.isascii() or not token.isprintable() or " " in token:
        raise TemporaryError(f"what {place} gave is not an access token")
    return token


def _kept(oauth: OAuth, configured: str) -> _Token | None:
    """The token in memory, else the one in the cache file; None when it grew from another refresh token."""
    token = _tokens.get(oauth) or _load(oauth)
    return token if token and token.configured == configured else None


def _load(oauth: OAuth) -> _Token | None:
    if oauth.cache is None:
        return None
    try:
        stored = json.loads(_read_file(oauth.cache))
        expires = datetime.fromisoformat(stored["expires"])
        return _Token(
            access=str(stored["access"]),
            expires=expires if expires.tzinfo else expires.astimezone(),
            refresh=str(stored["refresh"]),
            configured=str(stored["configured"]),
        )
    except (ConfigError, ValueError, KeyError, TypeError):
        return None  # a cache: without it the configured refresh token is used


def _save(oauth: OAuth, token: _Token) -> None:
    if oauth.cache is None:
        return
    stored = {
        "access": token.access,
        "expires": token.expires.isoformat(),
        "refresh": token.refresh,
        "configured": token.configured,
    }
    try:
        descriptor, name = tempfile.mkstemp(dir=oauth.cache.parent, prefix=f".{oauth.cache.name}.")  # mode 0600
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8") as file:
                file.write(json.dumps(stored))
                file.flush()
                os.fsync(file.fileno())
            Path(name).replace(oauth.cache)
        except OSError:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise TemporaryError(f"the token cache {oauth.cache} cannot be written: {error.strerror}") from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A token server that redirects is misconfigured; secrets are not carried elsewhere."""

    def redirect_request(
        self, req: urllib.request.Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> None:
        return None


def _refresh(oauth: OAuth, refresh: str, configured: str, now: datetime) -> _Token:
    form = {"grant_type": "refresh_token", "refresh_token": refresh, "client_id": oauth.client_id}
    if oauth.client_secret:
        form["client_secret"] = _read(oauth.client_secret)
    if oauth.scope:
        form["scope"] = oauth.scope
    answer = _ask(oauth, form)
    access = answer.get("access_token")
    if not isinstance(access, str) or not access:
        raise TemporaryError(f"the token server {_host(oauth)} gave no access token")
    return _Token(
        access=_header_safe(access, _host(oauth)),
        expires=now + timedelta(seconds=_life(answer.get("expires_in"))),
        refresh=str(answer.get("refresh_token") or refresh),
        configured=configured,
    )


def _life(said: object) -> float:
    try:
        return min(max(float(str(said)), 0), _LONGEST)
    except ValueError:
        return _UNSAID


def _host(oauth: OAuth) -> str:
    return urlsplit(oauth.token_url).hostname or oauth.token_url


def _ask(oauth: OAuth, form: dict[str, str]) -> dict[str, Any]:
    url = urlsplit(oauth.token_url)
    if url.scheme != "https" and not (url.scheme == "http" and loopback(url.hostname or "")):
        _refuse("credentials", f"the token server must be reached by https: {oauth.token_url}")
    request = urllib.request.Request(  # noqa: S310 - the scheme was checked above
        oauth.token_url, data=urlencode(form).encode(), headers={"Accept": "application/json"}
    )
    https = urllib.request.HTTPSHandler(context=ssl.create_default_context())
    opener = urllib.request.build_opener(https, _NoRedirect)
    try:
        with opener.open(request, timeout=_TIMEOUT) as response:
            answer = json.loads(response.read(_LARGEST))
    except urllib.error.HTTPError as error:
        with error:
            _explain(oauth, error)
    except (OSError, HTTPException, ValueError, RecursionError) as error:
        reason = getattr(error, "reason", None) or type(error).__name__
        raise TemporaryError(f"the token server {_host(oauth)} cannot be asked: {reason}") from None
    if not isinstance(answer, dict):
        raise TemporaryError(f"the token server {_host(oauth)} gave no JSON object")
    return answer


_ADVICE = {
    "invalid_grant": "the refresh token has expired or was revoked: sign in again and store the new refresh token",
    "invalid_client": "the client id or client secret is wrong",
    "unauthorized_client": "this client may not use refresh tokens",
    "invalid_scope": "the scope is not allowed for this client",
    "unsupported_grant_type": "this token server takes no refresh tokens",
    "invalid_request": "the request misses something this token server wants: compare client id, secret and scope",
}


def _explain(oauth: OAuth, error: urllib.error.HTTPError) -> NoReturn:
    try:
        answer = json.loads(error.read(_LARGEST))
        code = str(answer.get("error", "")) if isinstance(answer, dict) else ""
    except (OSError, HTTPException, ValueError, RecursionError):
        code = ""
    if 400 <= error.code < 500 and code in _ADVICE:
        place = oauth.refresh_token.file if oauth.refresh_token and oauth.refresh_token.file else "credentials"
        _refuse(place, f"the token server {_host(oauth)} refuses: {_ADVICE[code]} ({code})")
    raise TemporaryError(f"the token server {_host(oauth)} answers {error.code}")
