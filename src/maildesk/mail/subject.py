"""Subjects: reply and forward marks, our ticket reference, the numbers of other trackers."""

import re

_REPLY = "re aw sv vs antw antwort res rif odp ynt yanıt vá vast respuesta réponse 回复 回覆 答复 答覆 回信 返信 답장"
_FORWARD = "fw fwd wg tr rv enc vb doorst vl pd ilt továbbítás přeposláno videresendt 转发 轉寄 轉發 转寄 転送 전달"


def _marks(words: str) -> str:
    """One alternation; a mark ends with a colon, half or full width, after an optional counter (RFC 5256 2.1)."""
    longest_first = sorted(map(re.escape, words.split()), key=len, reverse=True)
    return rf"(?:{'|'.join(longest_first)})(?:\s?[\[(]\w{{1,4}}[\])]|\^\d{{1,3}})?\s{{0,3}}[:：]"


_BLOB = r"\[[^\[\]]{0,100}\]|【[^【】]{0,100}】"
_MARK = re.compile(rf"\s*{_marks(_REPLY + ' ' + _FORWARD)}", re.IGNORECASE)
_FORWARD_MARK = re.compile(rf"\s*{_marks(_FORWARD)}", re.IGNORECASE)
_LEADING_BLOB = re.compile(rf"\s*({_BLOB})")
_LEADING_BLOBS = re.compile(rf"(?:\s*(?:{_BLOB}))+\s*")
_WRAPPED = re.compile(r"\[\s*fwd?\s*[:：](.*)\]", re.IGNORECASE | re.DOTALL)
_TRAILING = re.compile(r"\((?:fwd?|doorst|wg|tr)\)$", re.IGNORECASE)
_TRACKER = re.compile(r"\[\s*(?:([^\[\]#]{1,80}?)\s+)?#([0-9]{1,9})\s*\]")
_SCHEME = re.compile(r"[a-z]{2,10}://", re.IGNORECASE)
_LONGEST = 2_000  # characters of a subject that are looked at


def _wide(character: str) -> str:
    """The full-width form of an ASCII letter."""
    return chr(ord(character) + 0xFEE0)


def _reference_pattern(prefix: str) -> re.Pattern[str]:
    """Our reference in any letter case and width; explicit classes, since re.IGNORECASE lets U+212A pass for K."""
    letters = "".join(f"[{c.upper()}{c.lower()}{_wide(c.upper())}{_wide(c.lower())}]" for c in prefix if c.isascii())
    return re.compile(rf"[\[【［]\s?{letters}\s?[-－‐‑–—]\s?([0-9０-９]{{1,9}})\s?[\]】］]")


def reference(number: int, prefix: str) -> str:
    """How a ticket is named in subjects: `[MD-1042]`."""
    return f"[{prefix}-{number}]"


def references(subject: str, prefix: str) -> tuple[int, ...]:
    """The ticket numbers a subject names, each once, in order; in any letter case, and in full width."""
    found = _reference_pattern(prefix).findall(subject[:_LONGEST])
    return tuple(dict.fromkeys(map(int, found)))


def base(subject: str, prefix: str = "MD") -> str:
    """A subject's own text: no reply or forward marks in front, none of our references anywhere.

    Tags such as `[URGENT]` or `【外部】` are the sender's words and stay, each once.
    """
    rest = _reference_pattern(prefix).sub(" ", subject[:_LONGEST])
    tags: dict[str, None] = {}
    while found := _MARK.match(rest) or _LEADING_BLOB.match(rest):
        if found.lastindex:
            tags[found[1]] = None
        rest = rest[found.end() :]
    return " ".join(" ".join((*tags, rest)).split())


def with_reference(subject: str, number: int, prefix: str) -> str:
    """`[MD-1042] base`: the subject of every mail about a ticket."""
    return f"{reference(number, prefix)} {base(subject, prefix)}".rstrip()


def thread_base(subject: str) -> str:
    """The base subject of RFC 5256 section 2.1, in all the languages of the marks: list tags and `(fwd)` go too."""
    rest = subject[:_LONGEST].strip()
    before = None
    while before != rest:
        before = rest
        while found := _MARK.match(rest):
            rest = rest[found.end() :]
        rest = _TRAILING.sub("", rest.rstrip()).strip()
        wrapped = _WRAPPED.fullmatch(rest)
        if wrapped and "]" not in wrapped[1]:
            rest = wrapped[1].strip()
        elif (tags := _LEADING_BLOBS.match(rest)) and tags.end() < len(rest):
            rest = rest[tags.end() :]
    return rest


def is_forward(subject: str) -> bool:
    """Whether the outermost mark says that the mail was passed on."""
    return bool(_FORWARD_MARK.match(subject[:_LONGEST]) or _WRAPPED.match(subject[:_LONGEST].strip()))


def tracker_numbers(subject: str, name: str = "") -> tuple[int, ...]:
    """The numbers in another tracker's tags: `[name #12]`; any name, or none at all, when `name` is "".

    Letter case and a URL scheme in front of the name do not count.
    """
    found = _TRACKER.findall(subject[:_LONGEST])
    wanted = name.lower()
    numbers = (int(number) for tag, number in found if not wanted or _SCHEME.sub("", tag).lower() == wanted)
    return tuple(dict.fromkeys(numbers))
