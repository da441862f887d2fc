"""A directory of requesters as other systems export it: CSV with a header, or LDIF (RFC 2849)."""

import base64
import binascii
import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from maildesk.desk.people.requesters import Requester
from maildesk.mail.ids import fold_address
from maildesk.rules.arguments import address

_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "mail": ("mail", "email", "e-mail", "address", "addresses", "邮箱", "邮件", "邮箱地址", "电子邮件"),
    "name": ("name", "displayname", "cn", "姓名", "名字"),
    "department": ("department", "ou", "departmentnumber", "部门"),
    "vip": ("vip", "重要", "贵宾"),
    "language": ("language", "preferredlanguage", "语言"),
    "timezone": ("timezone", "时区"),
}
_NAMES = {name: column for column, names in _COLUMNS.items() for name in names}
_MORE_MAIL = frozenset({"proxyaddresses", "mailalternateaddress", "rfc822mailbox"})
_YES = frozenset({"yes", "y", "true", "1", "x", "是", "vip", "√"})
_NO = frozenset({"", "no", "n", "false", "0", "否"})
_LANGUAGES = {"zh": "zh", "中": "zh", "en": "en", "英": "en"}
_MOST_WRONG = 20  # mistakes that are named


class DirectoryError(ValueError):
    """What is wrong with a directory file, and on which line."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, slots=True)
class Directory:
    """The requesters of a file by folded address, and the first of its mistakes, each with its line."""

    requesters: Mapping[str, Requester]
    wrong: tuple[DirectoryError, ...] = ()


def read(text: str, *, ldif: bool = False) -> Directory:
    """The requesters of a file. Rows that are wrong are left out and named."""
    found: dict[str, Requester] = {}
    lines: dict[str, int] = {}
    wrong: list[DirectoryError] = []
    try:
        for line, row in _entries(text) if ldif else _rows(text):
            try:
                keys = _take(row, line, lines)
                for key in keys:
                    found[key] = _requester(row, line, tuple(keys) if len(keys) > 1 else ())
                    lines[key] = line
            except DirectoryError as error:
                wrong.append(error)
                if len(wrong) >= _MOST_WRONG:
                    break
    except DirectoryError as error:
        wrong.append(error)
    return Directory(found, tuple(wrong))


def _take(row: Mapping[str, str], line: int, lines: Mapping[str, int]) -> list[str]:
    """The folded addresses of a row; a row without any is nobody who writes."""
    keys = []
    for written in row.get("mail", "").replace(",", " ").replace(";", " ").split():
        try:
            key = fold_address(address(written))
        except ValueError as error:
            raise DirectoryError(line, str(error)) from None
        if key in lines:
            raise DirectoryError(line, f"{key} stands on line {lines[key]} already")
        keys.append(key)
    return keys


def _requester(row: Mapping[str, str], line: int, addresses: tuple[str, ...]) -> Requester:
    vip = row.get("vip", "").casefold()
    if vip not in _YES | _NO:
        raise DirectoryError(line, f'"{vip}" is neither yes nor no')
    language = row.get("language", "").casefold()
    known = next((code for start, code in _LANGUAGES.items() if language.startswith(start)), "")
    return Requester(
        name=row.get("name", ""),
        department=row.get("department", ""),
        vip=vip in _YES,
        language=known,
        timezone=row.get("timezone", ""),
        addresses=addresses,
    )


def _rows(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The rows of a CSV file by our names of the columns, each with its line. What stands in others is left out."""
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    try:
        header = [_NAMES.get(cell.strip().casefold(), "") for cell in next(reader, [])]
        if "mail" not in header:
            raise DirectoryError(1, "the first line must name the columns, and one of them `mail` (or 邮箱)")
        for cells in reader:
            if len(cells) > len(header):
                raise DirectoryError(reader.line_num, f"has {len(cells)} cells, the header has {len(header)}")
            yield reader.line_num, {k: cell.strip() for k, cell in zip(header, cells, strict=False) if k}
    except csv.Error as error:
        raise DirectoryError(reader.line_num, f"is not CSV: {error}") from None


def _entries(text: str) -> Iterator[tuple[int, dict[str, str]]]:
    """The entries of an LDIF file by our names of the attributes; of several values the first, of addresses all."""
    entry: dict[str, str] = {}
    start = 0
    for line, unfolded in _unfolded(text):
        if not unfolded:
            if entry:
                yield start, entry
            entry, start = {}, 0
            continue
        if unfolded.startswith("#"):
            continue
        name, colon, value = unfolded.partition(":")
        if not colon:
            raise DirectoryError(line, "is no `attribute: value`")
        start = start or line
        _put(entry, name.partition(";")[0].strip().casefold(), _value(value, line))
    if entry:
        yield start, entry


def _put(entry: dict[str, str], name: str, value: str) -> None:
    if name in _MORE_MAIL:
        scheme, colon, rest = value.partition(":")
        if colon and scheme.casefold() != "smtp":
            return
        name, value = "mail", rest if colon else value
    column = _NAMES.get(name)
    if column == "mail":
        held = entry.get("mail", "").split()
        if fold_address(value) not in map(fold_address, held):
            entry["mail"] = " ".join((*held, value))
    elif column:
        entry.setdefault(column, value)


def _value(value: str, line: int) -> str:
    if not value.startswith(":"):
        return value.strip()
    try:
        return base64.b64decode(value[1:].strip(), validate=True).decode("utf-8").strip()
    except (binascii.Error, UnicodeDecodeError):
        raise DirectoryError(line, "is not UTF-8 in base64") from None


def _unfolded(text: str) -> Iterator[tuple[int, str]]:
    """Each line with those that continue it (they begin with a blank), and its number."""
    held, number = "", 0
    for at, line in enumerate(text.splitlines(), 1):
        if line.startswith(" "):
            held += line[1:]
            continue
        if number:
            yield number, held
        held, number = line, at
    if number:
        yield number, held
