"""HTML mail to text: iterative, bounded, with tables, lists, link targets and quote depth."""

import re
from dataclasses import dataclass, field
from html import unescape
from itertools import chain

from selectolax.lexbor import LexborHTMLParser, LexborNode

from maildesk.mail import hidden

_BLOCKS = frozenset(
    "address article aside blockquote body caption center dd details div dl dt fieldset figcaption figure footer form "
    "h1 h2 h3 h4 h5 h6 header hr li main nav ol p pre section summary table tr ul".split()
)
_DROPPED = frozenset(
    "base head iframe link meta noframes noscript object script select style svg template textarea title".split()
)
_SPACES = re.compile(r"[ \t\r\n\f\xa0]+")
_BLANK_LINES = re.compile(r"\n{3,}")
_QUOTED_VALUE = re.compile(r"""=\s*(?:"[^"]*"|'[^']*')""")
_RUN = re.compile(r"[^<>]+")
_LONGEST_RUN = 8_000
_SHORT = 64 * 1024  # characters; up to here no tag can hold too many attributes
_FEW_TAGS = 1_000  # up to here a quadratic tree builder costs nothing
_MANY_TAGS = 15_000  # beyond, the tags are only taken out: nesting could cost the parser seconds
_STYLE_TAGS = re.compile(r"(?i)</?(?:b|big|code|em|font|i|nobr|s|small|strike|strong|tt|u)\b[^<>]{0,2000}>")
_UNREAD = re.compile(r"(?is)<(script|style|head|title)\b(?:.*?</\1\s*>|.*\Z)|<!--(?:.*?-->|.*\Z)")
_BREAK_TAGS = re.compile(r"(?i)</?(?:p|div|br|tr|li|h[1-6]|table|blockquote|pre|hr)\b[^<>]*>")
_CELL_TAGS = re.compile(r"(?i)</t[dh]\s*>")
_TAGS = re.compile(r"<[!/?a-zA-Z][^<>]*>")
_LONGEST_URL = 2_000
_WIDEST_CELL = 200
_DEEPEST_QUOTE = 20


@dataclass(slots=True)
class _Page:
    """Where the walk stands: the finished lines, the one being written, and what encloses it."""

    lines: list[str] = field(default_factory=list)
    line: list[str] = field(default_factory=list)
    quote: int = 0
    pre: int = 0
    size: int = 0
    lists: list[int] = field(default_factory=list)  # the next number of an ordered list, 0 for a plain one
    outer: list[list[str]] = field(default_factory=list)  # lines around the open cells and rows
    links: list[tuple[int, int]] = field(default_factory=list)
    hiding: frozenset[str] = frozenset()  # classes that a style sheet hides

    @property
    def mark(self) -> str:
        """What stands before a line at this depth of quoting."""
        return "> " * min(self.quote, _DEEPEST_QUOTE)

    def end_line(self, force: bool = False) -> None:
        """Finish the line; an empty one only counts with `force`."""
        text = "".join(self.line)
        text = text.rstrip() if self.pre or text.startswith("  ") else _SPACES.sub(" ", text).strip()
        if text or force:
            self.lines.append(self.mark + text)
        self.line.clear()

    def blank(self) -> None:
        """An empty line after what stands there."""
        if self.lines and self.lines[-1].strip("> "):
            self.lines.append(self.mark)


def to_text(html: str, limit: int = 500_000) -> str:
    """What a person reads of an HTML mail, at most `limit` characters. Bounded time on any input; never raises."""
    html = html[: limit * 4].replace("\0", "").encode("utf-8", "replace").decode("utf-8")
    tags = html.count("<")
    if tags > _MANY_TAGS or (len(html) > _SHORT and _has_endless_tag(html)):
        return _stripped(html)[:limit]
    if tags > _FEW_TAGS:
        html = _STYLE_TAGS.sub("", html)
    tree = LexborHTMLParser(html)
    root = tree.body or tree.root
    page = _Page()
    if root is not None:
        page.hiding = hidden.classes(html)
        _walk(root, page, limit, hidden.possible(html))
    page.end_line()
    page.lines = [line for lines in (*page.outer, page.lines) for line in lines]
    text = "\n".join(line.rstrip() for line in page.lines)
    return _BLANK_LINES.sub("\n\n", text).strip("\n")[:limit]


def _walk(root: LexborNode, page: _Page, limit: int, may_hide: bool) -> None:
    """Visit every node in order without recursion: `path` holds the open elements."""
    path: list[tuple[LexborNode, str]] = []
    node = root
    while page.size < limit:
        tag = node.tag or ""
        if tag == "-text":
            _write(node.text_content or "", page)
        elif _enter(node, tag, page, may_hide):
            if (child := node.child) is not None:
                path.append((node, tag))
                node = child
                continue
            _leave(node, tag, page)
        while (following := node.next) is None or not path:
            if not path:
                return
            node, tag = path.pop()
            _leave(node, tag, page)
        node = following


def _write(text: str, page: _Page) -> None:
    page.size += len(text)
    if not page.pre:
        page.line.append(text)
        return
    *lines, last = text.split("\n")
    for line in lines:
        page.line.append(line)
        page.end_line(force=True)
    page.line.append(last)


def _enter(node: LexborNode, tag: str, page: _Page, may_hide: bool) -> bool:
    """Open an element; False when nothing of it is to be read."""
    if tag in _DROPPED or not tag[:1].isalpha() or (may_hide and hidden.is_hidden(node, page.hiding)):
        return False
    if tag == "br":
        page.end_line(force=True)
    elif tag == "img":
        if alt := _SPACES.sub(" ", node.attributes.get("alt") or "").strip():
            page.line.append(f"[{alt[:200]}]")
    elif tag == "a":
        page.links.append((len(page.lines), len(page.line)))
    elif tag in ("td", "th", "tr"):
        page.end_line()
        page.outer.append(page.lines)
        page.lines = []
    elif tag in _BLOCKS:
        page.end_line()
        _open_block(node, tag, page)
    return True


def _open_block(node: LexborNode, tag: str, page: _Page) -> None:
    if tag == "blockquote":
        page.quote += not _is_indent(node)
    elif tag == "pre":
        page.pre += 1
    elif tag in ("ul", "ol"):
        page.lists.append(1 if tag == "ol" else 0)
    elif tag == "hr":
        page.lines.append(page.mark + "-" * 20)
    elif tag == "li":
        indent = "  " * min(len(page.lists) - 1, 10)
        number = page.lists[-1] if page.lists else 0
        page.line.append(f"{indent}{number}. " if number else f"{indent}- ")
        if number:
            page.lists[-1] += 1


def _leave(node: LexborNode, tag: str, page: _Page) -> None:
    if tag == "a":
        _close_link(node, page)
    elif tag in ("td", "th"):
        page.end_line()
        cell = "\n".join(page.lines)
        page.lines = page.outer.pop()
        page.lines.append(cell)
    elif tag == "tr":
        page.end_line()
        cells = page.lines
        page.lines = page.outer.pop()
        page.lines += _row(cells)
    elif tag in _BLOCKS:
        page.end_line()
        _close_block(node, tag, page)


def _row(cells: list[str]) -> list[str]:
    """A row of short cells on one line; anything larger is layout, and read one cell after the other."""
    filled = [cell.strip("\n") for cell in cells if cell.strip()]
    if len(filled) > 1 and not any("\n" in cell or len(cell) > _WIDEST_CELL or cell.startswith(">") for cell in filled):
        return [" | ".join(filled)]
    return filled


def _close_block(node: LexborNode, tag: str, page: _Page) -> None:
    if tag == "blockquote":
        page.quote -= not _is_indent(node)
    elif tag == "pre":
        page.pre -= 1
    elif tag in ("ul", "ol"):
        page.lists.pop()
    elif tag == "p" and not (node.attributes.get("class") or "").lower().startswith("mso"):
        page.blank()


def _close_link(node: LexborNode, page: _Page) -> None:
    """Show where a link leads, unless its text is the target."""
    lines, pieces = page.links.pop()
    target = "".join((node.attributes.get("href") or "").split())
    scheme, _, rest = target.partition(":")
    if scheme.lower() not in ("http", "https", "mailto") or len(target) > _LONGEST_URL:
        return
    inside = page.line[pieces:] if len(page.lines) == lines else [*page.lines[lines:], *page.line]
    shown = "".join(inside).strip().lower()
    if not shown or rest.strip("/").lower() in shown:
        return
    mark = f" <{rest.partition('?')[0] if scheme.lower() == 'mailto' else target}>"
    if page.line or len(page.lines) == lines:
        page.line.append(mark)
    else:
        page.lines[-1] += mark


def _is_indent(node: LexborNode) -> bool:
    """Whether a blockquote only moves the writer's own words to the right, as webmail editors do."""
    style = "".join((node.attributes.get("style") or "").lower().split())
    return "border:none" in style and "margin:00040px" in style


def _has_endless_tag(html: str) -> bool:
    """Whether something may be one tag with thousands of attributes, which cost a tree builder quadratic time."""
    unquoted = _QUOTED_VALUE.sub("=", html)
    found = chain(_QUOTED_VALUE.finditer(html), _RUN.finditer(unquoted))
    return any(match.end() - match.start() > _LONGEST_RUN for match in found)


def _stripped(html: str) -> str:
    """The text of a page that is too much for a tree."""
    html = _BREAK_TAGS.sub("\n", _CELL_TAGS.sub(" | ", _UNREAD.sub("", html)))
    lines = (_SPACES.sub(" ", line).strip(" |") for line in unescape(_TAGS.sub("", html)).split("\n"))
    return "\n".join(filter(None, lines))
