"""One mail from standard input or a file, for `maildesk ingest`."""

from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from maildesk.errors import PermanentError, TemporaryError
from maildesk.mail.model import RawMail
from maildesk.sources.base import EXCERPT, LARGEST, excerpt

_CHUNK = 1024 * 1024
_MOST = 1024 * 1024 * 1024  # octets; what sends more than this is no mail


def read(source: BinaryIO | Path, *, uid: str, arrived: datetime, account: str = "ingest", folder: str = "") -> RawMail:
    """The mail. `uid` must be new each time: the same file taken in twice is two deliveries.

    An oversize mail is read to its end, so that the program that pipes it in sees no broken pipe, but not kept.
    Raises PermanentError for a file that is not there and for no mail at all, TemporaryError for a read that fails.
    """
    try:
        if isinstance(source, Path):
            with source.open("rb") as stream:
                size, data = _drain(stream)
        else:
            size, data = _drain(source)
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        raise PermanentError(f"{source} cannot be read: {error.strerror}") from error
    except OSError as error:
        raise TemporaryError(f"the mail cannot be read: {error.strerror}") from error
    if not data.strip():
        raise PermanentError("there is no mail: the input is empty")
    large = size > LARGEST
    return RawMail(
        account=account,
        folder=folder,
        uidvalidity=0,
        uid=uid,
        arrived=arrived,
        size=size,
        data=excerpt(data) if large else data,
        state="oversize" if large else "whole",
    )


def _drain(stream: BinaryIO) -> tuple[int, bytes]:
    """The size of everything, and everything, or its beginning when it is oversize."""
    kept = bytearray()
    size = 0
    while chunk := stream.read(_CHUNK):
        size += len(chunk)
        if size > _MOST:
            raise PermanentError(f"more than {_MOST} octets are no mail")
        if size <= LARGEST or len(kept) < 2 * EXCERPT:
            kept += chunk
    return size, bytes(kept)
