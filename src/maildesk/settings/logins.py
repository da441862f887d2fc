"""How to log in, as written -> credentials. Secrets are not read here: that they are there is enough."""

import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from maildesk.credentials import Login, OAuth, Secret
from maildesk.errors import Located, Problem
from maildesk.rules.written import problem, warning
from maildesk.settings import sections


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where a section was written, and what its files and variables are relative to."""

    located: Located
    key: str
    folder: Path
    environment: Mapping[str, str]
    tokens: Path  # the folder in which access tokens are kept

    def at(self, *path: str) -> Located:
        """The value at a path in the section, or the deepest above it that was written."""
        found = self.located
        for step in path:
            if not isinstance(found.value, dict) or step not in found.value:
                break
            found = found.value[step]
        return found

    def error(self, message: str, *path: str) -> Problem:
        """An error in this section."""
        return problem(self.at(*path), ".".join((self.key, *path)), message)

    def warning(self, message: str, *path: str) -> Problem:
        """A warning in this section."""
        return warning(self.at(*path), ".".join((self.key, *path)), message)


def login(written: sections.Login, place: Place, name: str) -> tuple[Login | None, list[Problem]]:
    """The login of a section; None without a user. `name` tells its kept tokens from those of others."""
    ways = [way for way in ("secret_file", "secret_env", "oauth", "token_command") if getattr(written, way)]
    if not written.user:
        unused = [place.error("is of no use without a `user`", way) for way in ways]
        return None, unused
    if set(ways) == {"oauth", "token_command"} and written.oauth is not None and not written.oauth.token_url:
        ways = ["token_command"]  # oauth says nothing but the mechanism
    if len(ways) > 1:
        return None, [place.error(f"one is enough: {' or '.join(ways)}", ways[-1])]
    if not ways:
        return None, [place.error("needs one of secret_file, secret_env, oauth, token_command")]
    if ways[0] in ("secret_file", "secret_env"):
        secret, problems = _secret(written.secret_file, written.secret_env, place, ways[0])
        return Login(user=written.user, secret=secret), problems
    oauth, problems = _oauth(written, place, name)
    return Login(user=written.user, oauth=oauth), problems


def store_secret(written: sections.Store, place: Place) -> tuple[Secret | None, list[Problem]]:
    """Where the database's password stands; None when none is asked for."""
    ways = [way for way in ("secret_file", "secret_env") if getattr(written, way)]
    if not ways:
        return None, []
    if not written.url.startswith("postgresql"):
        return None, [place.error("is of no use without a postgresql:// `url`", ways[0])]
    in_url = ":" in written.url.partition("://")[2].rpartition("@")[0]
    if len(ways) > 1 or in_url:
        return None, [place.error(f"one is enough: {' or '.join(['url'] * in_url + ways)}", ways[-1])]
    return _secret(written.secret_file, written.secret_env, place, ways[0])


def _oauth(written: sections.Login, place: Place, name: str) -> tuple[OAuth, list[Problem]]:
    oauth = written.oauth or sections.OAuth()
    if written.token_command:
        return OAuth(token_command=written.token_command, mechanism=oauth.mechanism), []
    problems = [
        place.error("is missing", "oauth", key) for key in ("token_url", "client_id") if not getattr(oauth, key)
    ]
    secrets: dict[str, Secret | None] = {}
    for key in ("client_secret", "refresh_token"):
        file, variable = getattr(oauth, f"{key}_file"), getattr(oauth, f"{key}_env")
        if file and variable:
            problems.append(place.error(f"one is enough: {key}_file or {key}_env", "oauth", f"{key}_env"))
        if not file and not variable:
            secrets[key] = None
            continue
        secrets[key], wrong = _secret(file, variable, place, "oauth", f"{key}_file" if file else f"{key}_env")
        problems += wrong
    if secrets["refresh_token"] is None:
        problems.append(place.error("needs refresh_token_file or refresh_token_env", "oauth"))
    return OAuth(
        token_url=oauth.token_url,
        client_id=oauth.client_id,
        client_secret=secrets["client_secret"],
        refresh_token=secrets["refresh_token"],
        scope=oauth.scope,
        cache=place.tokens / f"token-{name}.json",
        mechanism=oauth.mechanism,
    ), problems


def _secret(file: str, variable: str, place: Place, *key: str) -> tuple[Secret, list[Problem]]:
    if not file:
        unset = variable not in place.environment
        problems = [place.warning(f"the environment variable {variable} is not set here", *key)] if unset else []
        return Secret(env=variable), problems
    credential = _credential(file, place.environment)
    if credential is not None:
        return Secret(file=credential), []
    path = place.folder / file
    return Secret(file=path), list(_file_problems(path, place, *key))


def _credential(file: str, environment: Mapping[str, str]) -> Path | None:
    """The systemd credential of that name (systemd.exec(5), LoadCredential=), when there is one."""
    folder = environment.get("CREDENTIALS_DIRECTORY", "")
    path = Path(folder) / Path(file).name
    return path if folder and path.is_file() else None


def _file_problems(path: Path, place: Place, *key: str) -> Iterator[Problem]:
    """Whether a secret's file is there and is nobody else's to read."""
    try:
        status = path.stat()
    except OSError as error:
        yield place.error(f"{path}: {error.strerror or error}", *key)
        return
    mode = stat.S_IMODE(status.st_mode)
    if not stat.S_ISREG(status.st_mode):
        yield place.error(f"{path} is not a file", *key)
    elif mode & 0o077:
        yield place.error(f"{path} can be read by others (mode {mode:04o}): chmod 600 {path}", *key)
    elif not status.st_size:
        yield place.warning(f"{path} is empty: write the secret into it", *key)
