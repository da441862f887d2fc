"""What the sender of a mail wrote: its text without quoted mails and without a signature.

Losing a word is the worse fault: what is unsure stays. One pass over the lines, each looked at a bounded number of
times, so the time is linear in the length of the mail.
"""

import re
from collections.abc import Sequence

from maildesk.mail import attribution, citation, signature
from maildesk.mail.html import to_text

_QUOTED = re.compile(r"\s{0,3}[>＞] ?")
_ARROWS = re.compile(r"\s*>.*<\s*")
_LINK = re.compile(r"\s*(?:\(https?://[^\s()]{1,2000}\)|<https?://[^\s<>]{1,2000}>)\s*>?\s*")
_SENTENCE_END = (".", "?", "!", ":", ";", "。", "？", "！", "：", "；", "…")
_EXAMINED = 500_000  # characters in which quotes are looked for; what is longer is no letter but a log
_LINES = 5_000
_FULL_LINE = 72  # columns at which programs wrap what they quote


def new_text(text: str, *, is_answer: bool = False) -> str:
    """The sender's own words: inline answers stay, quotes, signature and "Sent from my phone" go.

    A reply of nothing but quotes is ""; a forward without a comment, or a mail that is all signature, stays whole.
    So does what stands below a header block that begins the mail, unless the mail answers another (`is_answer`).
    """
    lines = re.split(r"\r\n|\r|\n", text[:_EXAMINED])
    lines[-1] += text[_EXAMINED:]
    head = 0 if is_answer else _leading_block(lines)
    fragments, quoted = _fragments(lines, head)
    kept = _joined(fragments)
    if kept or quoted:
        return kept
    all_quoted = all(_is_quoted(line) or not line.strip() for line in lines)
    return _tidy([_QUOTED.sub("", line, count=1) for line in lines] if all_quoted else lines)


def _joined(fragments: Sequence[list[str]]) -> str:
    """One text; a blank line between two answers when the sender left one above the quote."""
    text, gap = "", ""
    for fragment in fragments:
        own = _tidy(signature.without(fragment))
        if own:
            text = f"{text}{gap}{own}" if text else own
            gap = "\n" if fragment[-1].strip() else "\n\n"
    return text


def _leading_block(lines: Sequence[str]) -> int:
    """How many lines the header block takes that begins the mail: there, no words of the sender stand above it."""
    start = next((index for index, line in enumerate(lines) if line.strip()), 0)
    block = citation.header_block(lines, start)
    return start + block[0] if block is not None and not _quote_follows(lines, start + block[0]) else 0


def _fragments(lines: Sequence[str], head: int) -> tuple[list[list[str]], bool]:
    """The runs of the sender's lines between quotes, and whether another mail is answered, not only passed on.

    The first `head` lines are the sender's, whatever they look like.
    """
    fragments: list[list[str]] = [list(lines[:head])]
    answered = False
    index = head
    while index < min(len(lines), _LINES):
        line = lines[index]
        if citation.is_forward(line):
            _drop_rules(fragments[-1])
            return fragments, answered
        length, sure, own = _introduction(lines, index)
        if length and (sure or _quote_follows(lines, index + length)):
            answered = True
            if own:
                fragments[-1].append(own)
            _drop_rules(fragments[-1])
            if not _quote_follows(lines, index + length):
                return fragments, True
            fragments.append([])
            index += length
        elif _is_quoted(line) or _is_carried_on(lines, index):
            if fragments[-1]:
                fragments.append([])
            index += 1
        else:
            fragments[-1].append(line)
            index += 1
    fragments[-1].extend(lines[index:])
    return fragments, answered


def _introduction(lines: Sequence[str], index: int) -> tuple[int, bool, str]:
    """(lines, sure, the sender's words on the same line) of what introduces a quoted mail; 0 lines: nothing does."""
    line = lines[index]
    if not line.strip() or _is_quoted(line):
        return 0, False, ""
    if citation.is_divider(line):
        return 1, True, ""
    block = citation.header_block(lines, index)
    if block is not None:
        return block[0], True, ""
    found = attribution.at(lines, index)
    if found is not None:
        return found.lines, found.sure, ""
    own = attribution.shared(line)
    return (1, False, own) if own is not None else (0, False, "")


def _is_quoted(line: str) -> bool:
    return _QUOTED.match(line) is not None and _ARROWS.fullmatch(line) is None


def _quote_follows(lines: Sequence[str], index: int) -> bool:
    """Whether the next line that is not blank is quoted with `>`."""
    while index < len(lines) and not lines[index].strip():
        index += 1
    return index < len(lines) and _is_quoted(lines[index])


def _is_carried_on(lines: Sequence[str], index: int) -> bool:
    """Whether a line between two quoted ones is the end of the first, which a program has wrapped, and no answer."""
    if index == 0 or index + 1 >= len(lines) or not lines[index].strip():
        return False
    before, line, below = lines[index - 1].rstrip(), lines[index].strip(), lines[index + 1]
    if not (_is_quoted(before) and _is_quoted(below)):
        return False
    if _LINK.fullmatch(line):
        return True
    open_link = before.rfind("(http")
    if open_link >= 0 and ")" not in before[open_link:] and ")" in line:
        return True
    return len(before) + len(line.split(maxsplit=1)[0]) >= _FULL_LINE and not before.endswith(_SENTENCE_END)


def _drop_rules(fragment: list[str]) -> None:
    """Take off the ruled lines that a program puts between an answer and the quote.

    Dashes at the margin with a blank line below them may be the sender's, and stay.
    """
    blank = False
    while fragment and (not fragment[-1].strip() or citation.is_rule(fragment[-1])):
        if blank and fragment[-1].startswith("-"):
            break
        blank = blank or not fragment[-1].strip()
        fragment.pop()
    if fragment and blank:
        fragment.append("")


def _tidy(lines: Sequence[str]) -> str:
    """One text, without blanks at line ends and at most one blank line in a row."""
    text = "\n".join(line.rstrip() for line in lines)
    return re.sub(r"\n{3,}", "\n\n", text).strip("\n")


# Containers in which programs put the mail that is answered: the text at their top may hold no word we know.
_REFERENCE = re.compile(
    r"""<[a-z]{1,20}\s[^<>]{0,500}?(?:id|class)\s?=\s?["']?(?:[^"'<>]{0,100}\s)?(?:divRplyFwdMsg|OLK_SRC_BODY_SECTION|"""
    r"isReplyContent|mail-editor-reference-message-container|ms-outlook-mobile-reference-message|yahoo_quoted|"
    r"""protonmail_quote|zmail_extra|__aliyun_previous_beginning_wrap)["'\s>]|<includetail>""",
    re.IGNORECASE,
)
_MARKER = "<div>-----Original Message-----</div>"
_BLOCKQUOTE = re.compile(r"<(/?)blockquote\b([^<>]{0,2000})>|<div\s[^<>]{0,300}gmail_(?:quote|extra)", re.IGNORECASE)
_CITED = re.compile(r"""\bcite\s?=|type\s?=\s?["']?cite|border-left[^;"']{0,60}(?:solid|\dpx)""", re.IGNORECASE)
_INDENT = re.compile(r"border\s?:\s?(?:none|0)|margin(?:-left)?\s?:\s?(?:0(?:px)? ){0,3}40px", re.IGNORECASE)


def new_text_html(html: str, *, is_answer: bool = False) -> str:
    """The same of an HTML mail, as text."""
    marked = _REFERENCE.sub(lambda found: _MARKER + found[0], html)
    return new_text(to_text(_without_indents(marked)), is_answer=is_answer)


def _without_indents(html: str) -> str:
    """Blockquotes by which the sender only indents become plain blocks: html.to_text would mark them as quotes."""
    pieces: list[str] = []
    own: list[bool] = []
    end, in_reply = 0, False
    for found in _BLOCKQUOTE.finditer(html):
        closing, attributes = found[1], found[2]
        if attributes is None:
            in_reply = True
            continue
        if not closing:
            gmail = "gmail_quote" in attributes and not in_reply
            own.append(gmail or (_INDENT.search(attributes) is not None and not _CITED.search(attributes)))
        if own.pop() if closing and own else bool(own) and own[-1] and not closing:
            pieces.append(f"{html[end : found.start()]}<{closing}div>")
            end = found.end()
    return "".join((*pieces, html[end:]))
