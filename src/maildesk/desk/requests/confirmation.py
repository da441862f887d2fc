"""What a short answer to "is it solved?" says, in Chinese or English: solved, not solved, thanks, or more than that."""

import re
import unicodedata
from typing import Literal

from maildesk.desk.requests import confirmation_words as words

Confirmation = Literal["solved", "not solved", "thanks", ""]

_LONGEST = 120  # characters of a text that can be no more than a confirmation
_PATTERNS = [
    (kind, re.compile(rf"(?:{phrase})(?![a-z'])")) for kind, phrases in words.PHRASES.items() for phrase in phrases
]
_SEPARATORS = re.compile(r"[\s,.;:!~…、。\-—()]*")
_SIMPLIFIED = str.maketrans(
    "謝問題決沒還復處煩現對確認應幫們師瞭經連網無錄開後關單試腦號統碼頁’",
    "谢问题决没还复处烦现对确认应帮们师了经连网无录开后关单试脑号统码页'",
)
_NAMED = re.compile(
    r"\b([Tt]hanks?(?: you)?|[Cc]heers|THANKS),?[ ](?!Anyway|For|But|And)[A-Z][a-z]{1,14}\b(?=\s*(?:[.!,]|$))"
)
_REST = 6  # lines of a signature without a mark in front of it
_REACHED = re.compile(r"\d{5}|@|www\.|[|｜]|\d[ -]\d{3}", re.IGNORECASE)
_TITLED = re.compile(r"[A-Z][\w.'-]*(?: (?:[A-Z&][\w.'-]*|of|and|van|de)){0,4}")
_HAN_NAME = re.compile(r"[\u4e00-\u9fff]{2,4}(?:[ \u3000]?[\u4e00-\u9fff]{2,10}(?:部|组|中心|公司|处|科|室))?")


def confirms(text: str) -> Confirmation:
    """What a short answer to "is it solved?" says; "" for anything that says more than that.

    Only for what a requester writes on a resolved or closed ticket. "thanks" is any courtesy that neither confirms
    nor objects, such as 好的 or OK. A question, a doubt, both answers at once or one unknown word give "".
    """
    kinds = _kinds(unsigned(text))
    if not kinds or kinds == {"greeting"} or {"no", "thanks"} <= kinds or {"no", "courtesy"} <= kinds:
        return ""
    objects, agrees = bool(kinds & {"not solved", "no"}), bool(kinds & {"solved", "yes"})
    if objects:
        return "" if agrees else "not solved"
    return "solved" if agrees else "thanks"


def unsigned(text: str) -> str:
    """A text without the name, department and telephone below it that no mark sets apart."""
    first, blank, rest = text.strip().partition("\n\n")
    lines = [line.strip() for line in rest.splitlines() if line.strip()]
    if not blank or not 0 < len(lines) <= _REST or words.DOUBT.search(rest):
        return text
    return first if all(signs(line) for line in lines) else text


def signs(line: str) -> bool:
    """Whether a line is a greeting, a name, a function or a way to reach somebody."""
    said = _kinds(line)
    if said:
        return said == {"greeting"}
    return len(line) <= 80 and any((_REACHED.search(line), _TITLED.fullmatch(line), _HAN_NAME.fullmatch(line)))


def _kinds(text: str) -> set[str]:
    """The kinds of phrases that make up the whole text; none when there is anything else in it."""
    if len(text) > _LONGEST:
        return set()
    rest = unicodedata.normalize("NFKC", _NAMED.sub(r"\1", text)).casefold().translate(_SIMPLIFIED)
    rest = "".join(c for c in rest if unicodedata.category(c) not in ("Cf", "Mn", "Sk"))
    found: set[str] = set()
    position = _skip(rest, 0)
    while position < len(rest):
        fits = ((match.end(), kind) for kind, pattern in _PATTERNS if (match := pattern.match(rest, position)))
        end, kind = max(fits, default=(position, ""))
        if end == position:
            return set()
        found.add(kind)
        position = _skip(rest, end)
    return found


def _skip(text: str, position: int) -> int:
    match = _SEPARATORS.match(text, position)
    return match.end() if match else position
