"""A person's plain text as HTML that reads as he meant it: paragraphs, lists, tables, links, indented lines.

Whatever stands in the text is escaped. A link shows the address it leads to, so none can pretend to lead elsewhere.
"""

import re
from collections.abc import Iterator
from html import escape

from maildesk.notify import layout

_ITEM = re.compile(r"( *)(?:([-*•·])|(\d{1,3})[.)、]) +(\S.*)")
_LINK = re.compile(r"<(?P<set>https?://[^\s<>\"']{1,2000})>|https?://[^\s<>\"'，。；、）】》]{1,2000}", re.IGNORECASE)
_TRAILING = ".,;:!?)]}"
_DEEPEST = 5  # lists in lists
_FEWEST_ROWS = 2  # that make a table


def html(text: str) -> str:
    """The HTML of a text."""
    lines = text.strip("\n").split("\n")
    out: list[str] = []
    at = 0
    while at < len(lines):
        if not lines[at].strip():
            at += 1
            continue
        rows = _table(lines, at)
        items = _items(lines, at)
        if rows:
            out.append(_rows(lines[at : at + rows]))
            at += rows
        elif items:
            out.append("".join(_list(lines[at : at + items])))
            at += items
        else:
            end = at + 1
            while end < len(lines) and lines[end].strip() and not _table(lines, end) and not _items(lines, end):
                end += 1
            out.append(_paragraph(lines[at:end]))
            at = end
    return "".join(out)


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split(" | ")]


def _table(lines: list[str], at: int) -> int:
    """How many lines from here on are the rows of a table."""
    columns = len(_cells(lines[at])) if " | " in lines[at] else 0
    end = at
    while columns > 1 and end < len(lines) and " | " in lines[end] and len(_cells(lines[end])) == columns:
        end += 1
    return end - at if end - at >= _FEWEST_ROWS else 0


def _rows(lines: list[str]) -> str:
    style = layout.styled("td")
    rows = "".join(f"<tr>{''.join(f'<td{style}>{_linked(c)}</td>' for c in _cells(line))}</tr>\n" for line in lines)
    return f"<table{layout.styled('table')}>\n{rows}</table>\n"


def _items(lines: list[str], at: int) -> int:
    """How many lines from here on are the items of a list, with the lines that go on under one."""
    end = at
    while end < len(lines) and (_ITEM.fullmatch(lines[end]) or (end > at and lines[end].startswith("  "))):
        end += 1
    return end - at


def _list(lines: list[str]) -> Iterator[str]:
    """Nested lists, by how far each item is indented."""
    opened: list[tuple[int, str]] = []  # indent and tag
    for line in lines:
        match = _ITEM.fullmatch(line)
        if match is None:
            yield f"<br>\n{_linked(line.strip())}"
            continue
        indent, tag = len(match[1]), "ul" if match[2] else "ol"
        while opened and (indent < opened[-1][0] or (indent == opened[-1][0] and tag != opened[-1][1])):
            yield f"</li></{opened.pop()[1]}>\n"
        if not opened or (indent > opened[-1][0] and len(opened) < _DEEPEST):
            opened.append((indent, tag))
            start = f' start="{match[3]}"' if tag == "ol" and match[3] != "1" else ""
            yield f"<{tag}{layout.styled(tag)}{start}>\n"
        else:
            yield "</li>\n"
        yield f"<li{layout.styled('li')}>{_linked(match[4])}"
    for _, tag in reversed(opened):
        yield f"</li></{tag}>\n"


def _paragraph(lines: list[str]) -> str:
    shown = "<br>\n".join(_indented(line.rstrip()) for line in lines)
    return f"<p{layout.styled('p')}>{shown}</p>\n"


def _indented(line: str) -> str:
    """A line whose indent shows, also in Outlook, which ignores `white-space`."""
    bare = line.lstrip(" ")
    return "&nbsp;" * (len(line) - len(bare)) + _linked(bare)


def _linked(text: str) -> str:
    """Escaped text in which every address of the web is a link to itself."""
    out, position = [], 0
    for match in _LINK.finditer(text):
        url = match["set"] or match[0].rstrip(_TRAILING)
        out.append(escape(text[position : match.start()]))
        out.append(f'<a{layout.styled("a")} href="{escape(url)}">{escape(url)}</a>')
        position = match.end() if match["set"] else match.start() + len(url)
    return "".join((*out, escape(text[position:])))
