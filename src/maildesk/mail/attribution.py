"""Attribution lines: "On ... wrote:", "在 ... 写道：", "Am ... schrieb ...:" and the like, over several lines."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from maildesk.mail.citation import ADDRESS

_LINES = 6  # a program may wrap an attribution over so many
_LONGEST = 500  # characters of one

_VERB = (
    r"(?:wrote|writes|sent|schrieb|geschrieben|a ?écrit|écrit|escribió|escribio|escreveu|ha scritto|schreef|geschreven|"
    r"skrev|kirjoitti|napisał(?:\(?a\)?)?|napsal(?:\(?a\)?)?|написала?|пишет|írta|yazdı|viết|menulis|"
    r"写道|寫道|写到|のメール|작성)"
)
_MONTH = (
    r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mär|mai|okt|dez|janv|févr|avr|juin|juil|août|déc|ene|abr|ago|"
    r"dic|gen|mag|giu|lug|set|ott|maj|mrt|mei|янв|фев|мар|апр|мая|июн|июл|авг|сен|окт|ноя|дек|sty|lut|kwi|cze|lip|sie|"
    r"wrz|paź|lis|gru)"
)
_WEEKDAY = (
    r"(?:(?:mon|tue|wed|thu|fri|sat|sun)\w{0,6}|mo|di|mi|do|fr|sa|so|lun|mar|mer|jeu|ven|sam|dim|mié|jue|vie|sáb|dom|gio|"
    r"man|tirs?|ons?|tors?|fre|lør|lör|søn|sön|tis|ma|ti|ke|to|pe|la|su|пн|вт|ср|чт|пт|сб|вс)"
)
_TIME = r"(?<!\d)\d{1,2}[:.h]\d{2}(?!\d)"
_DATE = re.compile(
    r"(?<!\d)(?:19|20)\d\d(?!\d)|(?<!\d)\d{1,2}[./-]\d{1,2}[./-]\d{2,4}|\d{1,2}\s?月\s?\d{1,2}|"
    rf"(?<!\d)\d{{1,2}}\.?[ -](?:de )?{_MONTH}|\b{_MONTH}\w{{0,8}}\.? \d{{1,2}}(?!\d)",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"(?:(?:on|at|am|le|el|il|op|den|på|em|in data|w dniu|dnia|dne|в|vào)\s|"
    r"[在于於]\s?(?:\d|[^,，:：]{1,80}[,，]\s?\d)|"
    rf"{_WEEKDAY}[.,]{{0,2}}\s|\d{{1,4}}\s?[./年년-]\s?\d|{_TIME}|\d{{1,2}}\.? {_MONTH})",
    re.IGNORECASE,
)
_ON_WEEKDAY = re.compile(rf"(?:\w{{2,3}} )?{_WEEKDAY}[,，] ", re.IGNORECASE)
_NAME_FIRST = re.compile(rf"[^:：]{{0,120}}{ADDRESS.pattern}\W{{0,3}}(?:[在于於]|{_VERB})", re.IGNORECASE)
_ENDING = re.compile(rf"{_VERB}\s{{0,2}}$|[:：]$", re.IGNORECASE)
_VERB_LAST = re.compile(rf"{_VERB}\s{{0,2}}[:：]$", re.IGNORECASE)
_VERB_ENDS = re.compile(rf"{_VERB}\s{{0,2}}[:：]?$", re.IGNORECASE)
_AFTER_ADDRESS = re.compile(r"[>)\]\"]\s{0,2}[:：]$")
_CLOCK_AND_NAME = re.compile(rf".*{_TIME}[^,，]{{0,20}}[,，]\s?[^,，:：<>]{{1,80}}$", re.IGNORECASE)
_RULED = re.compile(rf"[-—]{{2,80}}\s?\S.{{0,200}}\s{_VERB}\s?[:：]?\s?[-—]{{2,80}}", re.IGNORECASE)
_SHARED = re.compile(rf"(?:-{{2,5}}|(?<=\s))\s?(On {_WEEKDAY},? .{{4,300}}\bwrote:)$", re.IGNORECASE)
_CARRIED_ON = re.compile(rf"\s*(?:[<(>]|{ADDRESS.pattern}|{_VERB}\b|mailto:)", re.IGNORECASE)
_LONGEST_ENDING = 40
_WRAPS_AT = 60  # a line shorter than this was not wrapped by a program


class Attribution(NamedTuple):
    """How many lines it takes, and whether it needs no `>` below it to be believed."""

    lines: int
    sure: bool


def at(lines: Sequence[str], index: int) -> Attribution | None:
    """The attribution that begins at `index`. A sentence with "wrote" in it is none: it takes a date or an address."""
    first = lines[index].strip()
    if len(first) > _LONGEST:
        return None
    if _RULED.fullmatch(first):
        return Attribution(1, sure=True)
    joined = first.strip(" -—=*_")
    if not (_OPENING.match(joined) or ("@" in joined and _NAME_FIRST.match(joined))):
        return None
    count = 1
    while count <= _LINES and len(joined) <= _LONGEST:
        if _ENDING.search(joined[-_LONGEST_ENDING:]) and (found := _judge(joined)) is not None:
            return Attribution(count, found)
        step = _carried_on(lines, index + count)
        if step == 0:
            break
        count += step
        joined = f"{joined} {lines[index + count - 1].strip(' -—=*_')}".strip()
    if first.endswith(">") and _DATE.match(first) and ADDRESS.search(first):
        return Attribution(1, sure=False)
    return None


def _judge(text: str) -> bool | None:
    """True when sure, False when a quote must follow, None when it is no attribution."""
    tail = text[-_LONGEST_ENDING:]
    verb_last = _VERB_LAST.search(tail) is not None
    dated = _DATE.search(text) is not None
    addressed = ADDRESS.search(text) is not None
    after_address = _AFTER_ADDRESS.search(tail) is not None and _OPENING.match(text) is not None
    if dated and addressed and (_VERB_ENDS.search(tail) or after_address):
        return True
    if dated and verb_last and (_CLOCK_AND_NAME.match(text[: text.rfind(text[-1])]) or " you wrote" in text):
        return True
    return False if verb_last and (dated or addressed or _ON_WEEKDAY.match(text)) else None


def _carried_on(lines: Sequence[str], index: int) -> int:
    """How many lines further a wrapped attribution goes on, 0 when it does not."""
    if index >= len(lines):
        return 0
    before, line = lines[index - 1].rstrip(), lines[index]
    if not line.strip():  # some programs leave a blank line before the address
        below = lines[index + 1] if index + 1 < len(lines) else ""
        return 2 if below.lstrip().startswith("<") else 0
    wrapped = before.endswith(("<", "(", "[mailto:")) or len(before) >= _WRAPS_AT
    return 1 if wrapped or _CARRIED_ON.match(line[:_LONGEST]) else 0


def shared(line: str) -> str | None:
    """What the sender wrote in front of an attribution on the same line, None when there is no such line."""
    if len(line) > _LONGEST:
        return None
    match = _SHARED.search(line.rstrip())
    return line[: match.start()].rstrip() if match and match.start() > 0 and _DATE.search(match[1]) else None
