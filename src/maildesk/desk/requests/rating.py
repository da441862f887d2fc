"""The score from 0 to 5 that a requester gives, in the dresses that people write it in, and what he says of it."""

import re
import unicodedata
from dataclasses import dataclass

from maildesk.desk.requests.confirmation import unsigned
from maildesk.desk.requests.confirmation_words import DOUBT

CONTENT = 3  # from this score on it says "solved"; below it the team hears of it
_LONGEST = 1_000  # characters of a comment that are kept


@dataclass(frozen=True, slots=True, kw_only=True)
class Rating:
    """What a requester thinks of the work. With a doubt in the comment it is no confirmation."""

    score: int
    comment: str
    doubt: bool


_HAN = {"零": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "满": 5}
_LABEL = r"(?:(?:我的|服务|满意度)?(?:评分|打分|评价|满意度)(?:是|为)?|(?:my )?(?:score|rating)(?: is)?)\s*[:：]?\s*"
_GIVE = (
    r"(?:我)?(?:打|给|评)(?:个|了|你|您|们|出)*\s*|"
    r"(?:i(?:'d| would| will)? )?(?:give|rate)(?: (?:it|this|you|him|her|them))?(?: an?)? "
)
_UNIT = r"\s*(?:分(?![钟之部支机])|颗?星(?![期座])|/\s*5(?!\d)|out of 5\b|stars?\b|points?\b)"
_BREAK = r"\s*[\n,，:：;；!！。]\s*(?!\d)|\s+[-–—]+\s*(?!\d)|[-–—]+\s+(?!\d)"
_SCORE = re.compile(
    rf"(?P<label>{_LABEL})?(?P<give>{_GIVE})?(?P<score>[0-5]|[零一二两三四五满])(?P<unit>{_UNIT})?(?:吧|哦|好评)?[.。]?"
    rf"(?:\s*|(?P<break>{_BREAK})(?P<comment>.*)|\s+(?P<words>.*))",
    re.IGNORECASE | re.DOTALL,
)
_PRAISE = re.compile(
    r"(?:fantastic|great|excellent|good|perfect|very|super|thanks?|well|quick|fast|nice|awesome|amazing|happy|love)\b",
    re.IGNORECASE,
)
_STARS = re.compile(r"(?P<full>[★⭐🌟]{1,5})[☆✩]{0,4}(?P<end>\s*$|\s*[\s,!。:;-]\s*(?P<comment>.*))", re.DOTALL)


def rating(text: str) -> Rating | None:
    """The score that an answer begins with, and what stands behind it; None for anything else.

    A number that goes on as a sentence ("2 of us cannot log in") or as a list ("1. ...") is none.
    """
    bare = unsigned(text).replace("\ufe0f", "").replace("\u20e3", "")
    folded = unicodedata.normalize("NFKC", bare).strip()
    if stars := _STARS.fullmatch(folded):
        return _rating(len(stars["full"]), stars["comment"] or "")
    match = _SCORE.fullmatch(folded)
    if match is None or not _is_score(match):
        return None
    score = match["score"]
    return _rating(_HAN[score] if score in _HAN else int(score), match["comment"] or match["words"] or "")


def _is_score(match: re.Match[str]) -> bool:
    """Whether the number stands for itself: what follows after no more than a blank may make a sentence of it."""
    unit = (match["unit"] or "").strip().lower()
    if match["score"] in _HAN and not unit:
        return False
    if not match["words"] or match["label"]:
        return True
    if unit.startswith(("/", "out")):
        return bool(_PRAISE.match(match["words"]))
    return bool(unit) and not unit.startswith("point")


def _rating(score: int, comment: str) -> Rating:
    said = comment.strip()
    return Rating(score=score, comment=said[:_LONGEST], doubt=bool(DOUBT.search(said)))
