"""`mail show`, `mail explain`: what is read in a mail, and what is made of it."""

import os
import sys
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Annotated

import typer

from maildesk.cli import shapes
from maildesk.cli.common import Exit, Json, attempts, complain, config_or_none, emit, local, records, say
from maildesk.errors import PermanentError
from maildesk.mail.model import Attachment, Mail
from maildesk.mail.parse import Reading, parse, received
from maildesk.store import inbound
from maildesk.store.database import reading

_LONGEST_NAME = 200  # octets; file systems allow 255
Files = Annotated[list[Path], typer.Argument(help="Mails as files, or - for standard input.")]


def octets(file: Path) -> bytes:
    """A mail from a file or from standard input. Leaves with an exit code when it cannot be read."""
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        complain(f"{file}: {error.strerror or error}")
        raise typer.Exit(Exit.UNREADABLE) from None


def show(
    files: Files,
    as_json: Json = False,
    save_attachments: Annotated[Path | None, typer.Option(help="Write the attachments into this directory.")] = None,
) -> None:
    """Show what maildesk reads in a mail."""
    loaded = config_or_none()
    policy = loaded.policy if loaded else None
    how = Reading(authserv_id=policy.authserv_id, loop=policy.address) if policy else Reading()
    for file in files:
        raw = octets(file)
        mail = parse(raw, how)
        if as_json:
            emit([shapes.mail(mail, received(raw))])
        else:
            if len(files) > 1:
                say(f"===== {file} =====")
            _print(mail, raw)
        if save_attachments is not None:
            _save(mail, save_attachments)


def _print(mail: Mail, raw: bytes) -> None:
    sender = mail.sender
    rows = {
        "From": f"{sender.name} <{sender.address}>".strip() if sender else "",
        "To": ", ".join(a.address for a in mail.to),
        "Cc": ", ".join(a.address for a in mail.cc),
        "Subject": mail.subject,
        "Date": mail.date.isoformat() if mail.date else "",
        "Message-ID": mail.message_id,
        "Language": mail.language,
        "Origin": mail.origin.kind + (f" ({'; '.join(mail.origin.reasons)})" if mail.origin.reasons else ""),
        "Returns": mail.origin.returns.isoformat() if mail.origin.returns else "",
        "Spam": mail.spam,
        "Trust": mail.authentication.result + (f" ({'; '.join(mail.authentication.reasons)})"),
        "Bounce": ", ".join(f"{r.address} {r.status}" for r in mail.bounce.recipients) if mail.bounce else "",
        "Forwarded": mail.forwarded_from.address if mail.forwarded_from else "",
        "Attachments": ", ".join(f"{a.filename} ({a.content_type}, {a.size} bytes)" for a in mail.attachments),
        "Defects": "; ".join(mail.defects),
        "Over limit": mail.over_limit,
        "Received": " <- ".join(hop.by for hop in received(raw) if hop.by),
    }
    for key, value in rows.items():
        if value:
            say(f"{key + ':':12} {value}")
    say(f"\n{mail.text}\n")
    if mail.new_text != mail.text:
        say(f"New text:\n{mail.new_text}\n")


def _save(mail: Mail, directory: Path) -> None:
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for attachment in mail.attachments:
            say(f"saved {_saved(directory, attachment)}", error=True)
    except OSError as error:
        complain(f"{directory}: {error.strerror or error}")
        raise typer.Exit(Exit.CANNOT_CREATE) from None


def _saved(directory: Path, attachment: Attachment) -> Path:
    """A new file of the attachment's name, with a number where that is taken: nothing is overwritten or followed."""
    name = Path(attachment.filename).name or "attachment"
    stem, suffix = Path(name).stem, Path(name).suffix
    while len(os.fsencode(stem + suffix)) > _LONGEST_NAME:
        stem, suffix = (stem[:-1], suffix) if len(stem) > 1 else (stem, suffix[:-1])
    for number in count(1):
        target = directory / (f"{stem}-{number}{suffix}" if number > 1 else f"{stem}{suffix}")
        with suppress(FileExistsError), target.open("xb") as file:
            file.write(attachment.data)
            return target
    raise AssertionError("numbers end")


def explain(
    wanted: Annotated[str, typer.Argument(metavar="MAIL", help="A Message-ID, an inbound number, or the mail's file.")],
    as_json: Json = False,
) -> None:
    """Say what the desk did with a mail, and why."""
    key = parse(octets(Path(wanted))).message_id if _is_file(wanted) else wanted
    if not key:
        raise PermanentError(
            f"{wanted} has no Message-ID: ask by the number that the log or `quarantine list` gives it"
        )
    with records() as opened, reading(opened.engine) as connection:
        found = inbound.find(connection, key)
        if not found:
            raise PermanentError(f"no mail {wanted} was taken in")
        if as_json:
            emit(
                {
                    "id": row.id,
                    "mailbox": row.account,
                    "folder": row.folder,
                    "uid": row.uid,
                    "arrived": row.arrived,
                    "state": row.state,
                    "attempts": row.attempts,
                    "ticket": row.ticket,
                    "reason": row.reason,
                }
                for row in found
            )
            return
        zone, prefix = opened.policy.timezone, opened.policy.reference
        for row in found:
            where = f"{row.account}/{row.folder} uid {row.uid}"
            say(f"mail {row.id}, {where}, arrived {local(row.arrived, zone)}: {row.state}, {attempts(row.attempts)}")
            say(f"  {row.reason or 'nothing was decided yet'}")
            if row.ticket:
                say(f"  ticket {prefix}-{row.ticket}: maildesk ticket explain {row.ticket}")


def _is_file(wanted: str) -> bool:
    try:
        return Path(wanted).is_file()
    except OSError:  # too long for a name: a Message-ID
        return False


def register(app: typer.Typer) -> None:
    """Add these commands."""
    mail = typer.Typer(help="Mails: what is read in one, what was done with one.", no_args_is_help=True)
    mail.command("show")(show)
    mail.command("explain")(explain)
    app.add_typer(mail, name="mail")
