"""The commands in a mail: whole lines in the first or the last block of its new text (FORMATS, What counts).

A line is `#word value`, `#1042 word value` for another ticket, or without any sign `word: value` and `1042 word`.
The last two look like prose, so they count only at the very top of the mail, or where the last block is all commands.
A mail that is nothing but `ack`, `reassign li` or the like needs no sign at all: nobody writes that to a requester.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

from maildesk.desk.requests import confirmation
from maildesk.desk.staff.command import Order, nearest
from maildesk.desk.staff.commands import COMMANDS, WORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """The commands of a mail, the text that is left, and the lines that look like commands but are none."""

    orders: tuple[Order, ...] = ()
    text: str = ""
    errors: tuple[str, ...] = ()
    preview: bool = False  # a question mark stands in front of a command or behind it: nothing may change


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """What a line says: commands, or what is wrong with it, or neither."""

    orders: tuple[Order, ...] = ()
    error: str = ""
    loose: bool = False  # without a # it may be prose
    asks: bool = False  # with a question mark

    @property
    def commands(self) -> bool:
        return bool(self.orders) or self.asks


_PROSE = _Line()
MOST = 50  # tickets that one mail may change
_BLANK = r"[ \t\u3000\xa0]*"
_LINE = re.compile(
    rf"(?P<before>[?？]?){_BLANK}(?P<sign>[#＃]?){_BLANK}(?P<within>[?？]?){_BLANK}(?P<word>[^\W\d_][\w-]*)"
    rf"(?P<behind>{_BLANK}[?？](?=\s|$))?{_BLANK}[:：,，]?{_BLANK}(?P<rest>.*)"
)
_COLON = re.compile(rf"(?P<word>[^\W\d_]\w*){_BLANK}[:：]{_BLANK}(?P<rest>.*)")
_ALL = re.compile(r"[#＃][ \t\u3000\xa0]*[?？]")
_SPACED = re.compile(r"^[#＃][ \t\u3000\xa0]")
_LAST = re.compile(r"(?:^|[ \t\u3000\xa0])[?？]$")
_THANKS = re.compile(r"(?:\s|[,，.。!！]){1,3}(?:please|pls|thanks|thank you|thx|谢谢|多谢)$", re.IGNORECASE)
_END = " .。!！~"
_SHORT = 200  # characters of a command that may do without its sign
_SIGNATURE = 6  # lines below commands
_TOLD = ("lead", "manager", "owner")  # who hears of a ticket that others work on
# What stands behind a # in programs and in other trackers' mails: engineers paste both.
_NO_WORD = re.compile(
    r"(?:include|define|undef|if|ifdef|ifndef|else|elif|endif|pragma|region|endregion|error|warning)|[a-z]+-\d+",
    re.IGNORECASE | re.ASCII,
)


def read(text: str, language: str = "en", reference: str = "MD", answers: str = "") -> Orders:
    """The commands in a mail's new text, and what is left of it; what is wrong is said in a language, zh or en.

    `answers` is the audience of the mail that it answers: OK or 收到 from whoever was told of a ticket that others work
    on says that he knows. It is not for the requester, who asked nothing of him.
    """
    if answers in _TOLD and confirmation.confirms(text) == "thanks":
        return Orders(orders=(Order(word="ack"),))
    alone = _alone(text)
    if alone:
        return Orders(
            orders=tuple(order for line in alone for order in line.orders), preview=any(line.asks for line in alone)
        )
    lines = text.strip().splitlines()
    blocks = _blocks(lines)
    near = [bool(line.strip()) and block in (0, blocks[-1]) for line, block in zip(lines, blocks, strict=True)]
    found = [_read_line(line, language, reference) if n else _PROSE for line, n in zip(lines, near, strict=True)]
    prose = [line.loose and not _counts(found, blocks, near, place) for place, line in enumerate(found)]
    found = [_PROSE if no else line for line, no in zip(found, prose, strict=True)]
    orders = tuple(order for line in found for order in line.orders)
    left = [line for line, what in zip(lines, found, strict=True) if not what.commands and not what.error]
    asks = any(line.asks for line in found)
    return Orders(
        orders=orders,
        text="\n".join(left).strip(),
        errors=(*(line.error for line in found if line.error), *_too_many(orders, language)),
        preview=asks,
    )


def _alone(text: str) -> tuple[_Line, ...]:
    """The lines of a mail that is nothing but commands without a sign, and at most a signature below them."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    found = tuple(takewhile(lambda line: line.orders, map(_bare, lines)))
    below = lines[len(found) :]
    return found if len(below) <= _SIGNATURE and all(map(confirmation.signs, below)) else ()


def _bare(line: str) -> _Line:
    match = _LINE.fullmatch(_THANKS.sub("", line.rstrip(_END)).rstrip(_END)) if len(line) <= _SHORT else None
    if match is None or match["sign"]:
        return _PROSE
    key, argument = _command(match["word"], match["rest"].strip())
    if key is None:
        return _PROSE
    read, allowed = _ordered(key, argument, match), COMMANDS[key].bare
    fits = allowed is not None and re.fullmatch(allowed, unicodedata.normalize("NFKC", read.orders[0].argument))
    return read if fits else _PROSE


def _blocks(lines: Sequence[str]) -> list[int]:
    """The block that each line stands in; blocks are parted by blank lines."""
    blocks, number = [], 0
    for line in lines:
        number += not line.strip()
        blocks.append(number)
    return blocks


def _counts(found: Sequence[_Line], blocks: Sequence[int], near: Sequence[bool], place: int) -> bool:
    """Whether a line that may be prose is a command by where it stands.

    A note counts at the top alone: a closing "Note: ..." is meant for whoever reads the answer.
    """
    if blocks[place] == 0:
        return all(line.commands for line in found[:place])
    if any(order.word == "note" and not order.ticket for order in found[place].orders):
        return False
    own = (n and block == blocks[place] for n, block in zip(near, blocks, strict=True))
    return all(line.commands for line, mine in zip(found, own, strict=True) if mine)


def _too_many(orders: Sequence[Order], language: str) -> tuple[str, ...]:
    if len({order.ticket for order in orders}) <= MOST:
        return ()
    return (f"一封邮件最多改 {MOST} 张工单" if language == "zh" else f"one mail may change {MOST} tickets at most",)


def _read_line(line: str, language: str, reference: str) -> _Line:
    bare = "".join(c for c in line if unicodedata.category(c) != "Cf").strip()
    if _ALL.fullmatch(bare):
        return _Line(asks=True)
    named = _numbers(reference).match(bare)
    if named is not None:
        numbers = dict.fromkeys(int(n) for n in re.findall(r"\d+", unicodedata.normalize("NFKC", named[0])))
        return _about(bare[named.end() :], tuple(numbers), language, signed=bare[0] in "#＃")
    match = _LINE.fullmatch(bare)
    if match is None:
        return _PROSE
    if not match["sign"]:
        return _colon(bare)
    key, argument = _command(match["word"], match["rest"].strip())
    if key is not None:
        return _ordered(key, argument, match)
    if _SPACED.match(bare) or _NO_WORD.fullmatch(match["word"]):
        return _PROSE  # "# heading", "#include": no command
    close, word = nearest(match["word"], WORDS, language), match["word"]
    return _Line(error=f"没有 #{word} 这个命令{close}" if language == "zh" else f"#{word} is no command{close}")


def _numbers(reference: str) -> re.Pattern[str]:
    """The tickets that a line begins with: #1042, MD-1042, 1042, or several."""
    one = rf"(?:[#＃]{_BLANK})?(?:{re.escape(reference)}-)?\d{{3,9}}(?![\d.:：/-])"
    return re.compile(rf"{one}(?:{_BLANK}(?:[,，、和]|and|und)?{_BLANK}{one})*", re.IGNORECASE)


def _about(rest: str, numbers: tuple[int, ...], language: str, *, signed: bool) -> _Line:
    """A command for the tickets that stand in front of it."""
    match = _LINE.fullmatch(rest.strip().lstrip(":：,，").strip())
    if match is None:
        return _PROSE
    key, argument = _command(match["word"], match["rest"].strip())
    if key is not None:
        line = _ordered(key, argument, match)
        return replace(
            line,
            orders=tuple(replace(order, ticket=n) for order in line.orders for n in numbers),
            loose=not signed and not match["sign"],
        )
    close = nearest(match["word"], WORDS, language)
    if not (signed or match["sign"]) or match["rest"] or not ("mean" in close or "是不是" in close):
        return _PROSE
    word = match["word"]
    return _Line(error=f"没有 #{word} 这个命令{close}" if language == "zh" else f"#{word} is no command{close}")


def _colon(bare: str) -> _Line:
    """`word: value` without any sign, as far as the value is one that the command can have."""
    match = _COLON.fullmatch(bare)
    key = WORDS.get(match["word"].casefold()) if match else None
    if match is None or key is None or not COMMANDS[key].colon:
        return _PROSE
    value = match["rest"].strip()
    if not re.fullmatch(COMMANDS[key].colon, unicodedata.normalize("NFKC", value)):
        return _PROSE
    return _Line(orders=(Order(word=key, argument=value),), loose=True)


def _ordered(key: str, argument: str, match: re.Match[str]) -> _Line:
    """A command, and whether it is only asked what it would do."""
    asks = bool(match["before"] or match["within"] or match["behind"] or _LAST.search(argument))
    return _Line(orders=(Order(word=key, argument=_LAST.sub("", argument).strip()),), asks=asks)


def _command(word: str, argument: str) -> tuple[str | None, str]:
    """The command that a word is, and its argument.

    Chinese is written without blanks: 转派李雷 is 转派 with 李雷. But 关闭防火墙 is not 关闭, nor 解决方案 解决.
    """
    key = WORDS.get(word.casefold())
    if key is not None or word.isascii():
        return key, argument
    for known, key in WORDS.items():
        if not known.isascii() and word.startswith(known) and COMMANDS[key].glued:
            return key, f"{word[len(known) :]} {argument}".strip()
    return None, argument
