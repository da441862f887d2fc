"""One mail from standard input or a file."""

import io
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from maildesk.errors import PermanentError, TemporaryError
from maildesk.sources import stdin
from maildesk.sources.base import EXCERPT, LARGEST

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
MAIL = b"Subject: hello\r\n\r\n\xff\x00 as it is\r\n"


def taken(source: Any) -> Any:
    return stdin.read(source, uid="u1", arrived=NOON)


def test_mail_is_taken_as_it_is_from_a_stream_and_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "mail.eml").write_bytes(MAIL)
    for source in (io.BytesIO(MAIL), tmp_path / "mail.eml"):
        raw = taken(source)
        assert (raw.data, raw.size, raw.state) == (MAIL, len(MAIL), "whole")
        assert (raw.account, raw.uidvalidity, raw.uid, raw.arrived) == ("ingest", 0, "u1", NOON)


class Endless(io.RawIOBase):
    """A mail of so many octets, made while it is read."""

    def __init__(self, size: int) -> None:
        self.left = size
        self.header = b"Subject: large\r\n\r\n"

    def read(self, size: int = -1) -> bytes:
        chunk, self.header = self.header, b""
        chunk += b"x" * (min(size, self.left) - len(chunk))
        self.left -= len(chunk)
        return chunk


@pytest.mark.parametrize("size", [LARGEST + 1, 5 * LARGEST])
def test_oversize_mail_is_read_to_its_end_and_kept_in_part(size: int) -> None:
    stream = Endless(size)
    raw = taken(stream)
    assert stream.left == 0
    assert (raw.state, raw.size) == ("oversize", size)
    assert raw.data == b"Subject: large" + b"\r\n\r\n" + b"x" * (EXCERPT - 4)


def test_largest_mail_is_whole() -> None:
    raw = taken(Endless(LARGEST))
    assert (raw.state, raw.size, len(raw.data)) == ("whole", LARGEST, LARGEST)


def test_header_without_an_end_is_cut_too() -> None:
    raw = taken(io.BytesIO(b"X-Long: " + b"x" * LARGEST))
    assert raw.state == "oversize"
    assert len(raw.data) == 2 * EXCERPT


def test_stream_that_never_ends_is_no_mail() -> None:
    with pytest.raises(PermanentError, match="are no mail"):
        taken(Endless(10**12))


@pytest.mark.parametrize("data", [b"", b" \r\n\n\t"])
def test_nothing_is_no_mail(data: bytes) -> None:
    with pytest.raises(PermanentError, match="the input is empty"):
        taken(io.BytesIO(data))


def test_file_that_is_not_there_or_no_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(PermanentError, match=r"none\.eml cannot be read: No such file"):
        taken(tmp_path / "none.eml")
    with pytest.raises(PermanentError, match="cannot be read: Is a directory"):
        taken(tmp_path)


def test_read_that_fails_may_be_tried_again() -> None:
    class Broken(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise OSError(5, "Input/output error")

    with pytest.raises(TemporaryError, match="Input/output error"):
        taken(Broken())
