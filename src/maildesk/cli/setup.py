"""`init`, `check`: from nothing to a desk that can run."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from maildesk import clock, notify, settings, smtp
from maildesk.cli.common import Exit, Json, clean, complain, config, config_file, console, emit, say, say_problem, table
from maildesk.errors import ConfigError, TemporaryError
from maildesk.mail import compose
from maildesk.mail.ids import ours
from maildesk.mail.model import Address, Parcel, Sent
from maildesk.runners import signing
from maildesk.settings import Settings
from maildesk.sources import imap, maildir
from maildesk.store import database, signature


def init(directory: Annotated[Path, typer.Argument(help="A new or empty directory.")]) -> None:
    """Write a working starter: maildesk.toml, rules/, templates/, keys. Overwrites nothing."""
    try:
        written = settings.init(directory)
    except ConfigError as error:
        for problem in error.problems:
            say_problem(problem)
        raise typer.Exit(Exit.CANNOT_CREATE) from None
    except OSError as error:
        complain(f"cannot write {directory}: {error.strerror or error}")
        raise typer.Exit(Exit.CANNOT_CREATE) from None
    say(f"A desk is in {directory} ({len(written)} files). Next:")
    say(f"  1. edit {directory / 'maildesk.toml'}: mailbox and relay; their passwords go into {directory}/secrets/")
    say(f"  2. maildesk --config {directory / 'maildesk.toml'} check --connect")
    say(f"  3. maildesk --config {directory / 'maildesk.toml'} run")


def check(
    connect: Annotated[bool, typer.Option("--connect", help="Log in to mailboxes, relay and database.")] = False,
    send_test: Annotated[str, typer.Option("--send-test", help="Send a test mail to this address.")] = "",
    as_json: Json = False,
) -> None:
    """Show everything wrong with the configuration, all at once."""
    if send_test and not re.fullmatch(r"[^\s<>@,;]+@[^\s<>@,;]+", send_test):
        raise typer.BadParameter(f"{clean(send_test)} is not a bare mail address such as it@corp.example")
    file = config_file()
    problems = settings.check(file)
    errors = [problem for problem in problems if problem.level == "error"]
    if as_json:
        emit({"file": p.file, "line": p.line, "key": p.key, "level": p.level, "message": p.message} for p in problems)
    else:
        for problem in problems:
            say_problem(problem)
    if errors:
        raise typer.Exit(Exit.CONFIG)
    loaded = config()
    if not as_json:
        warnings = "1 warning" if len(problems) == 1 else f"{len(problems)} warnings"
        say(f"{file}: {warnings}, no errors." if problems else f"{file}: all well.")
        if console().is_terminal:
            _grid(loaded)
    all_good = True
    for one in _tried(loaded, connect=connect, send_test=send_test):
        all_good &= one.good
        if as_json:
            level = "info" if one.good else "error"
            emit([{"file": str(file), "line": 0, "key": one.what, "level": level, "message": one.text}])
        else:
            say(f"{one.what}: {one.text}")
    if not all_good:
        raise typer.Exit(Exit.UNREACHABLE)


@dataclass(frozen=True, slots=True)
class _Found:
    """What trying a server gave: one line."""

    what: str
    text: str
    good: bool = True


def _grid(loaded: Settings) -> None:
    rows = notify.grid(notify.load(settings.starter() / "templates", loaded.templates))
    table(
        ("mail", "to", "languages", "from"),
        [(row.event, row.audience, ", ".join(row.languages), row.source) for row in rows],
        empty="no templates",
    )


def _tried(loaded: Settings, *, connect: bool, send_test: str) -> Iterator[_Found]:
    if connect:
        yield from _connect(loaded)
    if send_test:
        yield _send_test(loaded, send_test)


def _connect(loaded: Settings) -> Iterator[_Found]:
    probes: list[tuple[str, Callable[[], list[str]]]] = [
        *(
            (f"mailbox {m.name}", lambda m=m: maildir.probe(m) if isinstance(m, maildir.Maildir) else imap.probe(m))
            for m in loaded.mailboxes
        ),
        (f"relay {loaded.relay.host}", lambda: smtp.probe(loaded.relay)),
        ("database", lambda: _database(loaded)),
    ]
    for name, probe in probes:
        try:
            yield from [_Found(name, line) for line in probe()]
        except TemporaryError as error:
            yield _Found(name, str(error), good=False)
        except ConfigError as error:
            for problem in error.problems:
                yield _Found(name, ": ".join(filter(None, (problem.key, problem.message))), good=False)


def _database(loaded: Settings) -> list[str]:
    loaded.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = database.connect(loaded.store_url, loaded.store_secret)
    try:
        if database.is_empty(engine):
            return ["reached; it is empty, the first run makes the tables"]
        database.check_schema(engine)
        with database.reading(engine) as connection:
            if not signing.fits(connection, loaded.state):
                raise TemporaryError(f"reached; but {loaded.state / 'key'} {signature.FOREIGN}")
        return ["reached; its tables are current, and state/key goes with it"]
    finally:
        engine.dispose()


def _send_test(loaded: Settings, address: str) -> _Found:
    now = clock.now()
    policy = loaded.policy
    message_id = ours(
        settings.key(loaded.state), f"test:{now.isoformat()}:{address}", None, policy.address.rpartition("@")[2]
    )
    text = "This is a test mail of your service desk. It can send.\n这是服务台的测试邮件，发送正常。\n"
    data = compose.compose(
        compose.Draft(
            from_=Address(name=policy.name, address=policy.address),
            to=Address(address=address),
            subject="maildesk: test mail / 测试邮件",
            message_id=message_id,
            date=now,
            text=text,
            html=f"<p>{text}</p>",
            auto="auto-generated",
        )
    )
    sender = "" if policy.null_sender else policy.address
    with smtp.courier(loaded.relay) as courier:
        (result,) = courier.deliver([Parcel(id=0, sender=sender, recipient=address, data=data)])
    if isinstance(result, Sent):
        return _Found(f"test mail to {address}", f"accepted ({result.response})")
    return _Found(f"test mail to {address}", f"not accepted: {result.text}", good=False)


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.command()(init)
    app.command()(check)
