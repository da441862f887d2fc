"""Two desks that are wrong on purpose: what the harness must catch. `python wrong.py KIND FOLDER IMAP SMTP USER`."""

import imaplib
import os
import smtplib
import sys
import time
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Literal

from fixtures.dovecot import PASSWORD

Kind = Literal["seen-first", "flag-last"]
DONE = "$Done"


def search(imap: imaplib.IMAP4, wanted: str) -> list[str]:
    """The uids that a search finds."""
    return [uid.decode() for line in imap.uid("SEARCH", wanted)[1] if line for uid in line.split()]


def fetch(imap: imaplib.IMAP4, uids: list[str], items: str) -> list[tuple[str, bytes]]:
    """(uid, mail) of some mails, in one answer."""
    answer = imap.uid("FETCH", ",".join(uids), f"(UID {items})")[1]
    return [(part[0].split(b"UID ")[1].split()[0].decode(), part[1]) for part in answer if isinstance(part, tuple)]


def process(raw: bytes, folder: Path, smtp: int) -> None:
    """A ticket, then its acknowledgement; nothing is remembered of the mail."""
    mail = message_from_bytes(raw, policy=policy.compat32)
    with (folder / "tickets").open("a") as tickets:
        tickets.write(f"{mail['Subject']}\n")
        tickets.flush()
        os.fsync(tickets.fileno())
    answer = EmailMessage()
    answer["To"] = mail["From"]
    answer["Subject"] = f"Re: {mail['Subject']}"
    answer["Message-ID"] = f"<{time.time_ns()}@corp.example>"
    answer.set_content("We have it.")
    while not _sent(answer, smtp):
        time.sleep(0.1)


def _sent(answer: EmailMessage, smtp: int) -> bool:
    try:
        with smtplib.SMTP("127.0.0.1", smtp) as relay:
            relay.send_message(answer, from_addr="it@corp.example")
    except (smtplib.SMTPException, OSError):
        return False
    return True


def seen_first(imap: imaplib.IMAP4, folder: Path, smtp: int) -> None:
    """Fetching sets \\Seen, processing comes after: who dies between has lost the mails."""
    uids = search(imap, "UNSEEN")
    for _, raw in fetch(imap, uids, "BODY[]") if uids else ():
        process(raw, folder, smtp)


def flag_last(imap: imaplib.IMAP4, folder: Path, smtp: int) -> None:
    """The server's flag is the only memory: who dies before it is set does everything again."""
    for uid in search(imap, f"UNKEYWORD {DONE}"):
        for _, raw in fetch(imap, [uid], "BODY.PEEK[]"):
            process(raw, folder, smtp)
        imap.uid("STORE", uid, "+FLAGS.SILENT", f"({DONE})")


def main(kind: str, folder: Path, imap_port: int, smtp: int, user: str) -> None:
    """Poll for ever."""
    with imaplib.IMAP4("127.0.0.1", imap_port) as imap:
        imap.login(user, PASSWORD)
        imap.select("INBOX")
        while True:
            {"seen-first": seen_first, "flag-last": flag_last}[kind](imap, folder, smtp)
            time.sleep(5)  # longer than the harness waits: mails come before each start
            imap.noop()


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
