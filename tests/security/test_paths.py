"""No name from a mail, and nothing that is put into a Maildir, leads the desk to another file."""

import os
from pathlib import Path

import pytest

from fixtures.stage import Stage, letter
from maildesk.mail.parse import parse
from maildesk.store import figures
from maildesk.store.database import reading

NAMES = (
    "../../../etc/passwd",
    "..\\..\\windows\\system32\\cmd.exe",
    "/etc/shadow",
    "C:\\boot.ini",
    "....//....//x",
    ".",
    "..",
    "",
    "a/b",
    "nul\0.txt",
    "-rf",
    "$(touch PWNED)",
    "`touch PWNED`",
    "；rm -rf ~",
    "\u202etxt.exe",
    "x" * 5_000,
    "con",
    ".htaccess",
    "a\r\nContent-Type: text/html",
)


def with_file(name: str) -> bytes:
    """A mail with one attachment of that name, as plainly as MIME allows."""
    quoted = "".join(f"%{octet:02X}" for octet in name.encode())
    return (
        "From: sarah@corp.example\r\nTo: it@corp.example\r\nSubject: file\r\n"
        "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\ntext\r\n--b\r\nContent-Type: application/x\r\n"
        f"Content-Disposition: attachment; filename*=utf-8''{quoted}\r\n\r\nx\r\n--b--\r\n"
    ).encode()


@pytest.mark.parametrize("name", NAMES)
def test_a_file_name_names_a_file_and_nothing_else(name: str) -> None:
    (file,) = parse(with_file(name)).attachments
    assert file.filename
    assert len(file.filename) <= 120
    assert not set(file.filename) & set('/\\\0\r\n\u202e:"')
    assert file.filename not in (".", "..")
    assert not file.filename.startswith(".")


def files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def test_mails_with_hostile_names_write_no_file_anywhere(stage: Stage, tmp_path: Path) -> None:
    stage.step()
    before = files(tmp_path)
    for name in NAMES:
        stage.post(with_file(name))
    stage.step()
    with reading(stage.desk.engine) as connection:
        assert figures.desk(connection, stage.now)["standing"]["decided"] == len(NAMES)
    fresh = files(tmp_path) - before
    assert {path.parent for path in fresh} <= {stage.home / "inbox" / "cur", stage.home / "state"}
    assert not list(Path.cwd().glob("PWNED"))


def test_links_and_pipes_in_a_maildir_are_never_followed(stage: Stage, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(letter("sarah@corp.example", "Secret", "canary")[0])
    new = stage.home / "inbox" / "new"
    (new / "1.link.test").symlink_to(tmp_path / "secret")
    (new / "2.dir.test").mkdir()
    os.mkfifo(new / "3.pipe.test")
    (new / "4.device.test").symlink_to("/dev/zero")
    stage.write("sarah@corp.example", "Printer", "It jams.")
    stage.step()
    assert [ticket.subject for ticket in stage.tickets()] == ["Printer"]


def test_a_place_that_became_a_link_meanwhile_is_not_read(stage: Stage, tmp_path: Path) -> None:
    stage.step()
    elsewhere = tmp_path / "elsewhere"
    (stage.home / "inbox" / "new").rename(elsewhere)
    (elsewhere / "1.other.test").write_bytes(letter("sarah@corp.example", "Secret", "canary")[0])
    (stage.home / "inbox" / "new").symlink_to(elsewhere)
    with pytest.raises(AssertionError, match="no Maildir"):
        stage.step()
    assert stage.tickets() == []
