"""Reading what the operator wrote, bounded: a file too large or not UTF-8 is a problem with a place, not a crash."""

from pathlib import Path

from maildesk.errors import ConfigError, Problem


def text_of(file: Path, most: int) -> str:
    """The text of a file of at most `most` bytes. Raises ConfigError."""
    try:
        with file.open("rb") as opened:
            octets = opened.read(most + 1)
    except OSError as error:
        raise refused(file, 0, f"cannot be read: {error.strerror or error}") from None
    if len(octets) > most:
        raise refused(file, 0, f"is larger than {most // 1024} KiB")
    try:
        return octets.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        line = octets.count(b"\n", 0, error.start) + 1
        raise refused(file, line, "is not UTF-8: save it in that encoding") from None


def refused(file: Path | str, line: int, message: str) -> ConfigError:
    """The error of a file that cannot be taken at all."""
    return ConfigError([Problem(file=str(file), line=line, key="", message=message)])
