"""What a page hides from its reader: preheaders, tracking words, variants for other screens."""

import re

from selectolax.lexbor import LexborNode

_HIDDEN = re.compile(
    r"display:none|mso-hide:all|visibility:hidden|(?:^|;)opacity:0(?:;|$)"
    r"|max-height:0(?:px)?;(?:.*;)?overflow:hidden|overflow:hidden;(?:.*;)?max-height:0(?:px)?(?:;|$)"
)
_MAY_HIDE = re.compile(
    r"(?i)display\s*:\s*none|mso-hide|visibility\s*:|opacity\s*:|max-height\s*:|font-size\s*:\s*0|\shidden\b"
)
_NO_SIZE = re.compile(r"(?:^|;)font-size:0(?:px|pt|em)?(?:;|!|$)")
_MEDIA = re.compile(r"@[^{}]{0,500}\{(?:[^{}]{0,5000}\{[^{}]{0,5000}\}){0,300}[^{}]{0,5000}\}")
_HIDING_RULE = re.compile(r"([^{}]{1,500})\{[^{}]{0,2000}?display\s*:\s*none[^{}]{0,2000}\}")
_CLASS = re.compile(r"\s*[a-z]{0,20}\.([\w-]{1,60})\s*")
_LONGEST_STYLE = 2_000
_LONGEST_HEAD = 64 * 1024  # characters that are searched for style sheets
_MOST_SHEETS = 20


def is_hidden(node: LexborNode, hiding: frozenset[str]) -> bool:
    """Whether nothing of an element is shown; `hiding` are the classes that hide."""
    attributes = node.attributes
    if not attributes:
        return False
    if "hidden" in attributes or (hiding and not hiding.isdisjoint((attributes.get("class") or "").lower().split())):
        return True
    style = attributes.get("style")
    if not style:
        return False
    bare = "".join(style[:_LONGEST_STYLE].lower().split())
    return _HIDDEN.search(bare) is not None or (_NO_SIZE.search(bare) is not None and _holds_only_text(node))


def _holds_only_text(node: LexborNode) -> bool:
    """Whether nothing inside can have a size of its own again, as the cells of a table without gaps have."""
    child = node.child
    return child is not None and child.tag == "-text" and child.next is None


def possible(html: str) -> bool:
    """Whether anything in a page could be hidden: most pages need no look at each element."""
    return _MAY_HIDE.search(html) is not None


def classes(html: str) -> frozenset[str]:
    """The classes that the style sheets of a page hide everywhere, not only on some screens."""
    if "display" not in html[:_LONGEST_HEAD]:
        return frozenset()
    pieces = html[:_LONGEST_HEAD].lower().split("<style")[1 : _MOST_SHEETS + 1]
    sheets = "".join(piece.partition(">")[2].partition("</style")[0] for piece in pieces)
    rules = _HIDING_RULE.finditer(_MEDIA.sub("", sheets))
    names = (_CLASS.fullmatch(selector) for rule in rules for selector in rule[1].split(","))
    return frozenset(name[1] for name in names if name)
