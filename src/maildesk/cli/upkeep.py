"""`db ...`: the tables, backups, and whether everything fits together."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Annotated

import typer

from maildesk import clock, settings
from maildesk.cli.common import Exit, Json, config, emit, local, records, say
from maildesk.errors import TemporaryError
from maildesk.runners import mailbox
from maildesk.runners.records import Records
from maildesk.sources import imap
from maildesk.store import backup, database, verify


def upgrade() -> None:
    """Bring the database's tables up to this version."""
    loaded = config()
    loaded.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    started = clock.now()
    database.upgrade(loaded.store_url, loaded.store_secret)
    say(f"The database is current ({(clock.now() - started) / timedelta(seconds=1):.1f} s).")


def back_up(
    target: Annotated[Path, typer.Argument(metavar="FILE", help="A new file, or a directory to make one in.")],
) -> None:
    """Write the whole desk of this moment, database and key, into one file. The desk may run meanwhile."""
    now = clock.now()
    file = target / f"maildesk-{now:%Y%m%d-%H%M%S}.db" if target.is_dir() else target
    with records() as opened:
        backup.backup(opened.engine, file, settings.key(opened.settings.state), now)
    size = file.stat().st_size
    say(f"{file}: {size / 1_000_000:.1f} MB. Keep it as private as the mailbox; maildesk.toml, rules/ and")
    say("templates/ are yours and not in it.")


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="What `db backup` wrote.")],
    moved: Annotated[
        bool,
        typer.Option("--moved", help="The old desk was stopped before the backup: go on exactly where it stood."),
    ] = False,
    skip: Annotated[
        int, typer.Option("--skip", min=0, help="Ticket numbers to leave out: the old desk may have given them out.")
    ] = 1_000,
) -> None:
    """Put a backup into an empty database, SQLite or PostgreSQL. What may have been sent meanwhile is held."""
    loaded = config()
    with database.lock_state(loaded.state):
        found = backup.look(file)
        now = clock.now()
        held = backup.restore(
            loaded.store_url, loaded.store_secret, file, loaded.state, now, moved=moved, skip=0 if moved else skip
        )
        settings.replace_key(loaded.state, found.key)
    say(f"The desk of {local(found.taken_at, loaded.policy.timezone)} is back.")
    if moved:
        return
    if held:
        say(f"{held} mails that were on their way are held. If the old desk sent nothing after the backup:")
        say("  maildesk outbox release --all       else look at them: maildesk outbox list --state unknown")
    for box in loaded.mailboxes:
        if isinstance(box, imap.Mailbox) and box.done.startswith("move:"):
            say(f"Mailbox {box.name}: move what came after the backup from {box.done[5:]} back into {box.folder}.")


def check(
    connect: Annotated[bool, typer.Option("--connect", help="Count each mailbox against the ledger too.")] = False,
    as_json: Json = False,
) -> None:
    """Compare journal and tickets, ledger and mails, outbox and journal. Mends nothing; 1 when something is found."""
    with records() as opened:
        with database.reading(opened.engine) as connection:
            found = list(verify.findings(connection, settings.key(opened.settings.state)))
        counts = list(_counts(opened)) if connect else []
    found += [one for one in counts if isinstance(one, verify.Finding)]
    if as_json:
        emit({"part": one.part, "what": one.what, "text": one.text} for one in found)
    else:
        for line in (*(one for one in counts if isinstance(one, str)), *map(str, found)):
            say(line)
        if not found:
            say("Everything fits together.")
    if found:
        raise typer.Exit(Exit.WANTING)


def _counts(opened: Records) -> Iterator[verify.Finding | str]:
    """Each mailbox: a line when it fits, a finding when it does not."""
    for box in opened.settings.mailboxes:
        source = mailbox.source(box, opened.engine, clock.now)
        try:
            count = source.count()
        except TemporaryError as error:
            yield verify.Finding(part="mailbox", what=box.name, text=str(error))
            continue
        finally:
            source.close()
        if count.missing:
            uids = ", ".join(count.missing[:20])
            words = f"server {count.server}, ledger {count.ledger}; not kept: {uids}"
            yield verify.Finding(part="mailbox", what=box.name, text=words)
        else:
            yield f"mailbox {box.name}: server {count.server} = ledger {count.ledger}"


def register(app: typer.Typer) -> None:
    """Add these commands."""
    db = typer.Typer(help="The database.", no_args_is_help=True)
    db.command("upgrade")(upgrade)
    db.command("backup")(back_up)
    db.command("restore")(restore)
    db.command("verify")(check)
    app.add_typer(db, name="db")
