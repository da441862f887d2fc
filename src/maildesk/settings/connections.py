"""Mailboxes and the relay, as written -> the settings of the edges."""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Literal, TypeVar
from zoneinfo import ZoneInfo

from maildesk.credentials import loopback
from maildesk.errors import Problem
from maildesk.rules.written import read
from maildesk.settings import sections
from maildesk.settings.logins import Place, login
from maildesk.smtp import Relay
from maildesk.sources.imap import Mailbox
from maildesk.sources.maildir import Maildir

Box = Mailbox | Maildir
T = TypeVar("T")


def mailboxes(places: list[Place], zone: str) -> tuple[tuple[Box, ...], list[Problem]]:
    """All mailboxes; two with one name or one folder are an error. `zone` is that of `start_from` dates."""
    boxes: list[Box] = []
    problems: list[Problem] = []
    names: dict[str, Place] = {}
    folders: dict[tuple[str, ...], Place] = {}
    for place in places:
        box, wrong = _mailbox(place, zone)
        problems += wrong
        if box is None:
            continue
        boxes.append(box)
        if names.setdefault(box.name, place) is not place:
            line = names[box.name].located.line
            problems.append(place.error(f'two mailboxes are called "{box.name}" (the first in line {line})', "name"))
        elif folders.setdefault(_folder(box), place) is not place:
            line = folders[_folder(box)].located.line
            problems.append(place.error(f"is the same folder as the mailbox in line {line}"))
    return tuple(boxes), problems


def _folder(box: Box) -> tuple[str, ...]:
    if isinstance(box, Maildir):
        return ("maildir", str(box.path))
    return ("imap", box.host.lower(), str(box.port), box.login.user, box.folder)


def _mailbox(place: Place, zone: str) -> tuple[Box | None, list[Problem]]:
    value = place.located.value
    kind = value["kind"].value if isinstance(value, dict) and "kind" in value else "imap"
    if kind == "maildir":
        return _maildir(place, zone)
    if kind != "imap":
        return None, [place.error(f'"{kind}" is not one of imap, maildir', "kind")]
    written, problems = _read(place, sections.Mailbox)
    if written is None:
        return None, problems
    problems += _guard(place, written.host, written.tls)
    who, wrong = login(written, place, f"mailbox-{written.name}")
    problems += wrong
    if not written.user:
        problems.append(place.error("is missing", "user"))
    if who is None:
        return None, problems
    ca_file, wrong = _ca_file(place, written.ca_file)
    return Mailbox(
        name=written.name,
        host=written.host,
        port=written.port or 0,
        login=who,
        tls=written.tls,
        ca_file=ca_file,
        folder=written.folder,
        start_from=_start(written.start_from, zone),
        done=written.done,
        poll=written.poll,
        idle=written.idle,
    ), problems + wrong


def _maildir(place: Place, zone: str) -> tuple[Maildir | None, list[Problem]]:
    written, problems = _read(place, sections.Maildir)
    if written is None:
        return None, problems
    path = place.folder / written.path
    if not path.is_dir():
        problems.append(place.warning(f"{path} is not there yet", "path"))
    return Maildir(
        name=written.name,
        path=path,
        start_from=_start(written.start_from, zone),
        done=written.done,
        poll=written.poll,
    ), problems


def relay(place: Place) -> tuple[Relay | None, bool, list[Problem]]:
    """The relay, and whether automatic mail leaves with the envelope sender <>."""
    written, problems = _read(place, sections.Relay)
    if written is None:
        return None, False, problems
    problems += _guard(place, written.host, written.tls)
    who, wrong = login(written, place, "relay")
    ca_file, missing = _ca_file(place, written.ca_file)
    null_sender = not written.user if written.null_sender is None else written.null_sender
    return (
        Relay(
            host=written.host,
            port=written.port or 0,
            tls=written.tls,
            ca_file=ca_file,
            login=who,
            connections=written.connections,
            data_timeout=written.data_timeout,
        ),
        null_sender,
        [*problems, *wrong, *missing],
    )


def _read(place: Place, shape: Callable[..., T]) -> tuple[T | None, list[Problem]]:
    result = read(place.located, shape, place.key)
    return result.value, list(result.problems)


def _guard(place: Place, host: str, tls: str) -> Iterator[Problem]:
    """Clear text only where no network carries it."""
    if tls == "none" and not loopback(host):
        yield place.error(f"none is only for this machine: {host} would hear the password in clear text", "tls")


def _ca_file(place: Place, written: str) -> tuple[Path | None, list[Problem]]:
    if not written:
        return None, []
    path = place.folder / written
    return path, [] if path.is_file() else [place.error(f"{path} is not a file", "ca_file")]


def _start(written: date | Literal["now", "all"], zone: str) -> datetime | Literal["now", "all"]:
    """A date begins at its midnight in the desk's time zone."""
    if isinstance(written, date):
        return datetime.combine(written, time(), ZoneInfo(zone)).astimezone(UTC)
    return written
