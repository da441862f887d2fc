"""The commands in a mail: whole lines in the first or the last block of its new text (FORMATS, What counts)."""

import re
import unicodedata
from dataclasses import dataclass

from maildesk.desk.command import Order, nearest
from maildesk.desk.commands import COMMANDS, WORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """The commands of a mail, the text that is left, and the lines that look like commands but are none."""

    orders: tuple[Order, ...] = ()
    text: str = ""
    errors: tuple[str, ...] = ()


_BLANK = r"[ \t\u3000\xa0]*"
_LINE = re.compile(rf"^[#＃]{_BLANK}([^\W\d_][\w-]*){_BLANK}[:：,，]?{_BLANK}(.*)$")
_SPACED = re.compile(r"^[#＃][ \t\u3000\xa0]")
# What stands behind a # in programs and in other trackers' mails: engineers paste both.
_NO_WORD = re.compile(
    r"(?:include|define|undef|if|ifdef|ifndef|else|elif|endif|pragma|region|endregion|error|warning)|[a-z]+-\d+",
    re.IGNORECASE | re.ASCII,
)


def read(text: str, language: str = "en") -> Orders:
    """The commands in a mail's new text, and what is left of it; what is wrong is said in a language, zh or en."""
    lines = text.strip().splitlines()
    orders: list[Order] = []
    errors: list[str] = []
    left: list[str] = []
    for line, near in zip(lines, _near_an_end(lines), strict=True):
        order, error = _read_line(line, language) if near else (None, "")
        if order is not None:
            orders.append(order)
        elif error:
            errors.append(error)
        else:
            left.append(line)
    return Orders(orders=tuple(orders), text="\n".join(left).strip(), errors=tuple(errors))


def _near_an_end(lines: list[str]) -> list[bool]:
    """For each line, whether it stands in the first or the last block; blocks are parted by blank lines."""
    blocks, number = [], 0
    for line in lines:
        number += not line.strip()
        blocks.append(number)
    return [bool(line.strip()) and block in (0, number) for line, block in zip(lines, blocks, strict=True)]


def _read_line(line: str, language: str) -> tuple[Order | None, str]:
    bare = "".join(c for c in line if unicodedata.category(c) != "Cf").strip()
    match = _LINE.match(bare)
    if match is None:
        return None, ""
    word, argument = match.group(1), match.group(2).strip()
    key = WORDS.get(word.casefold())
    if key is None and not word.isascii():
        key, argument = _glued(word, argument)
    if key is not None:
        return Order(word=key, argument=argument), ""
    if _SPACED.match(bare) or _NO_WORD.fullmatch(word):
        return None, ""  # "# heading", "#include": no command
    close = nearest(word, WORDS, language)
    return None, f"没有 #{word} 这个命令{close}" if language == "zh" else f"#{word} is no command{close}"


def _glued(word: str, argument: str) -> tuple[str | None, str]:
    """Chinese is written without blanks: 转派李雷 is 转派 with 李雷. But 关闭防火墙 is not 关闭, nor 解决方案 解决."""
    for known, key in WORDS.items():
        if not known.isascii() and word.startswith(known) and COMMANDS[key].glued:
            return key, f"{word[len(known) :]} {argument}".strip()
    return None, argument
