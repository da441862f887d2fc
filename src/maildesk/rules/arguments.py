"""The arguments of conditions and actions: annotations that are schema and manual at once."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, StringConstraints

from maildesk.mail.ids import fold_address
from maildesk.rules.patterns import Pattern
from maildesk.rules.words import Phrase
from maildesk.rules.written import checked, text_once

_UNITS = {"B": 1, "KB": 1_000, "MB": 1_000_000}
_SIZE = re.compile(r"(\d{1,12})\s*(B|KB|MB)", re.ASCII | re.IGNORECASE)
_ADDRESS = re.compile(
    r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?", re.ASCII
)
_DOMAIN = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]{0,253}[A-Za-z0-9])?", re.ASCII)
_LANGUAGE = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?", re.ASCII)
_FIELD = re.compile(r"[\w-]{1,40}")
_VARIANT = re.compile(r"[a-z0-9][a-z0-9-]{0,39}", re.ASCII)
_NUMBER = re.compile(r"(?:[A-Za-z]{1,10}-)?([1-9]\d{0,8})", re.ASCII)
_HEADER = re.compile(r"[!-9;-~]{1,80}", re.ASCII)


def address(text: str) -> str:
    """A bare ASCII addr-spec (RFC 5322 section 3.4.1, dot-atom). Raises ValueError."""
    if not _ADDRESS.fullmatch(text) or ".." in text:
        raise ValueError(f'"{text}" is not a bare mail address such as it@corp.example')
    return text


def domain(text: str) -> str:
    """A domain name, folded; a leading `@` or `*.` is taken as meant. Raises ValueError."""
    bare = text.removeprefix("@").removeprefix("*.")
    if not _DOMAIN.fullmatch(bare) or ".." in bare:
        raise ValueError(f'"{text}" is not a domain such as corp.example')
    return fold_address(bare)


def size(text: str) -> int:
    """Bytes from `500 KB` or `10MB` (powers of ten). Raises ValueError."""
    match = _SIZE.fullmatch(text)
    if match is None:
        raise ValueError(f'"{text}" is not a size such as 500 KB or 10 MB')
    return int(match[1]) * _UNITS[match[2].upper()]


def header_name(text: str) -> str:
    """A header field name (RFC 5322 section 2.2). Raises ValueError."""
    if not _HEADER.fullmatch(text):
        raise ValueError(f'"{text}" is not the name of a header')
    return text


def field_name(text: str) -> str:
    """The name of a field of a ticket. Raises ValueError."""
    if not _FIELD.fullmatch(text):
        raise ValueError(f'"{text}" is not a name of 1 to 40 letters, digits, _ and -')
    return text


def language(text: str) -> str:
    """A language tag (BCP 47) as maildesk detects it. Raises ValueError."""
    if not _LANGUAGE.fullmatch(text):
        raise ValueError(f'"{text}" is not a language such as zh, zh-Hant or en')
    return text


def variant(text: str) -> str:
    """The name of a variant of a template, a part of a file's name: nothing that could lead elsewhere.

    Raises ValueError.
    """
    if not _VARIANT.fullmatch(text):
        raise ValueError(f'"{text}" is not a name of 1 to 40 small letters, digits and dashes')
    return text


def number(text: str) -> int:
    """A ticket's number, with or without the desk's prefix. Raises ValueError."""
    match = _NUMBER.fullmatch(text)
    if match is None:
        raise ValueError(f'"{text}" is not the number of a ticket such as 1042 or MD-1042')
    return int(match[1])


def glob(text: str) -> str:
    """A shell pattern, case folded. Raises ValueError when empty."""
    if not text or len(text) > 100:
        raise ValueError("must be 1 to 100 characters")
    return text.casefold()


Once = BeforeValidator(text_once)
NotEmpty = Field(min_length=1)
Text = Annotated[str, StringConstraints(min_length=1, max_length=200, strip_whitespace=True)]
Address = Annotated[str, AfterValidator(address)]
Domain = Annotated[str, AfterValidator(domain)]

Phrases = Annotated[
    tuple[Annotated[Phrase, checked(Phrase.of)], ...], Once, NotEmpty, Field(description="a word or a list of words")
]
Regex = Annotated[Pattern, checked(Pattern.of), Field(description="a regular expression (RE2)")]
HeaderRegexes = Annotated[
    dict[Annotated[str, AfterValidator(header_name)], Regex],
    NotEmpty,
    Field(description="a mapping of header names to regular expressions"),
]
Globs = Annotated[
    tuple[Annotated[str, AfterValidator(glob)], ...],
    Once,
    NotEmpty,
    Field(description="a shell pattern (`*`, `?`, `[abc]`) or a list of them"),
]
Addresses = Annotated[tuple[Address, ...], Once, NotEmpty, Field(description="an address or a list of addresses")]
Domains = Annotated[tuple[Domain, ...], Once, NotEmpty, Field(description="a domain or a list of domains")]
Names = Annotated[tuple[Text, ...], Once, NotEmpty, Field(description="a name or a list of names")]
Size = Annotated[int, checked(size), Field(description="a size such as `500 KB` or `10 MB`")]
YesNo = Annotated[bool, Field(strict=True, description="`true` or `false`")]
Languages = Annotated[
    tuple[Annotated[str, AfterValidator(language)], ...],
    Once,
    NotEmpty,
    Field(description="a language or a list of them: `zh`, `zh-Hans`, `zh-Hant`, `en`, `ja`, ..."),
]
Origins = Annotated[
    tuple[Literal["human", "automatic", "bulk", "bounce"], ...],
    Once,
    NotEmpty,
    Field(description="one or a list of: human, automatic, bulk, bounce"),
]
Statuses = Annotated[
    tuple[Literal["new", "assigned", "in progress", "pending", "resolved", "closed"], ...],
    Once,
    NotEmpty,
    Field(description="one or a list of: new, assigned, in progress, pending, resolved, closed"),
]
Kinds = Annotated[
    tuple[Literal["incident", "service request", "change", "alert", "information"], ...],
    Once,
    NotEmpty,
    Field(description="one or a list of: incident, service request, change, alert, information"),
]
Priorities = Annotated[
    tuple[Literal["P1", "P2", "P3", "P4"], ...], Once, NotEmpty, Field(description="one or a list of P1, P2, P3, P4")
]
Repliers = Annotated[
    tuple[Literal["requester", "staff", "vendor", "other"], ...],
    Once,
    NotEmpty,
    Field(description="one or a list of: requester, staff, vendor, other"),
]
Verdicts = Annotated[
    tuple[Literal["pass", "fail", "none"], ...],
    Once,
    NotEmpty,
    Field(description="one or a list of: pass, fail, none"),
]
Openings = Annotated[
    dict[Text, Literal["open", "closed"]],
    NotEmpty,
    Field(description="a mapping of `calendars` to `open` or `closed`"),
]
FieldRegexes = Annotated[
    dict[Annotated[str, AfterValidator(field_name)], Regex],
    NotEmpty,
    Field(description="a mapping of fields to regular expressions"),
]
Urgent = Annotated[Literal["P1", "P2", "P3", "P4"], Field(description="P1, P2, P3 or P4")]
Reader = Annotated[Literal["zh", "en"], Field(description="zh or en")]
Variant = Annotated[str, AfterValidator(variant), Field(description="a name of small letters, digits and dashes")]
Number = Annotated[int, checked(number), Field(description="a ticket's number: 1042 or MD-1042")]
Note = Annotated[
    str,
    StringConstraints(min_length=1, max_length=4000, strip_whitespace=True),
    Field(description="a text of one or more lines"),
]
Level = Annotated[Literal["low", "medium", "high"], Field(description="low, medium or high")]
Extent = Annotated[Literal["low", "medium", "high", "major"], Field(description="low, medium, high or major")]
Kind = Annotated[
    Literal["incident", "service request", "change", "alert", "information"],
    Field(description="incident, service request, change, alert or information"),
]
Name = Annotated[Text, Field(description="a name")]
Reason = Annotated[Text, Field(description="the reason, in a few words")]
Fields = Annotated[
    dict[Annotated[str, AfterValidator(field_name)], Text],
    NotEmpty,
    Field(description="a mapping of field names to texts"),
]
