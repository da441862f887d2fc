"""OAuth2 access tokens: refreshed in time (RFC 6749 section 6), kept in memory and in a file, never logged."""

import json
import os
import ssl
import subprocess
import tempfile
import urllib.error
import urllib.request
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from http.client import HTTPException, HTTPMessage
from ipaddress import ip_address
from pathlib import Path
from threading import Lock
from typing import IO, Any, NoReturn
from urllib.parse import urlencode, urlsplit

from maildesk.credentials.secret import LARGEST, Secret, read, read_file, refuse
from maildesk.errors import ConfigError, TemporaryError

_TIMEOUT = 30.0  # seconds for a token server or a token command
_MARGIN = timedelta(seconds=60)  # a token this close to its end is not used any more
_UNSAID = 300  # seconds a token is used whose life the server did not say
_LONGEST = 24 * 3600


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
class _Token:
    access: str = field(repr=False)
    expires: datetime
    refresh: str = field(repr=False)  # the refresh token to use next
    configured: str = field(repr=False)  # the operator's refresh token it grew from: a new one makes this void


_tokens: dict[OAuth, _Token] = {}  # shared by all threads of the process
_refreshing = Lock()  # one refresh at a time: a rotated refresh token may be used once


def access_token(oauth: OAuth, now: datetime) -> str:
    """An access token that holds for at least a minute.

    Raises TemporaryError when the token server cannot be asked now, ConfigError when the operator has to act.
    """
    if oauth.token_command:
        return _from_command(oauth.token_command)
    if oauth.refresh_token is None:
        refuse("credentials", "OAuth2 needs a refresh token or a token command")
    configured = read(oauth.refresh_token)
    with _refreshing:
        token = _kept(oauth, configured, now)
        if token is None or token.expires - _MARGIN <= now:
            token = _refresh(oauth, token.refresh if token else configured, configured, now)
            _tokens[oauth] = token
            _save(oauth, token)
        return token.access


def drop(oauth: OAuth, now: datetime) -> None:
    """The server refused the access token: get another one next time. The refresh token is kept."""
    with _refreshing:
        token = _tokens.get(oauth)
        if token:
            _tokens[oauth] = replace(token, access="", expires=now)
            _save(oauth, _tokens[oauth])


def loopback(host: str) -> bool:
    """Whether a host is this machine, where clear text is no secret told."""
    try:
        return host == "localhost" or ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _from_command(command: tuple[str, ...]) -> str:
    name = command[0]
    try:
        done = subprocess.run(  # noqa: S603 - the operator's own command, no shell
            command, stdin=subprocess.DEVNULL, capture_output=True, timeout=_TIMEOUT, check=False
        )
    except (FileNotFoundError, PermissionError):
        refuse(name, "the token command cannot be run")
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


def _kept(oauth: OAuth, configured: str, now: datetime) -> _Token | None:
    """The newest token of ours that grew from the configured refresh token.

    The file is read again when the one in memory ends: another process may have used up its refresh token.
    """
    token = _tokens.get(oauth)
    if token and token.configured != configured:
        token = None
    if token is None or token.expires - _MARGIN <= now:
        stored = _load(oauth)
        if stored and stored.configured == configured and (token is None or stored.expires > token.expires):
            return stored
    return token


def _load(oauth: OAuth) -> _Token | None:
    if oauth.cache is None:
        return None
    try:
        stored = json.loads(read_file(oauth.cache))
        expires = datetime.fromisoformat(stored["expires"])
        return _Token(
            access=str(stored["access"]),
            expires=expires if expires.tzinfo else expires.astimezone(),
            refresh=str(stored["refresh"]),
            configured=str(stored["configured"]),
        )
    except (ConfigError, ValueError, KeyError, TypeError, RecursionError):
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
        form["client_secret"] = read(oauth.client_secret)
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


def _life(said: object) -> int:
    digits = str(said)
    return min(int(digits), _LONGEST) if digits.isdecimal() and len(digits) < 10 else _UNSAID


def _host(oauth: OAuth) -> str:
    return urlsplit(oauth.token_url).hostname or oauth.token_url


def _ask(oauth: OAuth, form: dict[str, str]) -> dict[str, Any]:
    url = urlsplit(oauth.token_url)
    if url.scheme != "https" and not (url.scheme == "http" and loopback(url.hostname or "")):
        refuse("credentials", f"the token server must be reached by https: {oauth.token_url}")
    request = urllib.request.Request(  # noqa: S310 - the scheme was checked above
        oauth.token_url, data=urlencode(form).encode(), headers={"Accept": "application/json"}
    )
    https = urllib.request.HTTPSHandler(context=ssl.create_default_context())
    opener = urllib.request.build_opener(https, _NoRedirect)
    try:
        with opener.open(request, timeout=_TIMEOUT) as response:
            answer = json.loads(response.read(LARGEST))
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
        answer = json.loads(error.read(LARGEST))
        code = str(answer.get("error", "")) if isinstance(answer, dict) else ""
    except (OSError, HTTPException, ValueError, RecursionError):
        code = ""
    if 400 <= error.code < 500 and code in _ADVICE:
        place = oauth.refresh_token.file if oauth.refresh_token and oauth.refresh_token.file else "credentials"
        refuse(place, f"the token server {_host(oauth)} refuses: {_ADVICE[code]} ({code})")
    raise TemporaryError(f"the token server {_host(oauth)} answers {error.code}")
