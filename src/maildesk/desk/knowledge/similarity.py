"""How alike two mails are, in Chinese and English alike, and why: character grams, concepts, numbers.

A text becomes a profile of weighed grams: pairs of Chinese characters, pieces of four letters, concepts
(concepts.py) and numbers that name something. Rare ones count more. Everything is plain arithmetic that can be shown.
"""

import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from maildesk.desk.knowledge import concepts

READ = 1_500  # characters of a text that count: what is wrong stands at the beginning
MOST_GRAMS = 160
_FEWEST = 1_000  # texts that a small index counts as: five like mails must not make their own words common
_TELLING = 5.6  # the rarity of what one text in 270 holds
_PIECE = 4
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]+")
_LATIN = re.compile(r"[a-zà-öø-ÿ][a-zà-öø-ÿ0-9.+#-]*")
_NUMBER = re.compile(r"(?<![\d.:/-])(?:[a-z]{1,6}-?)?\d{1,8}[a-z]?(?![\d.:/-])")
_PLACE = re.compile(
    r"(\d+|[一二三四五六七八九十]+)(?:楼|层|号楼|栋|号会议室|号(?:机|线|终端|工位|车间|门|仓|打印机|服务器))"
    r"|(?:floor|room|building|terminal|line|machine|station|unit|gate|desk|seat) ?([a-z]?\d+)"
    r"|(\d+)(?:st|nd|rd|th) floor|(?<![\d-])(\d{1,2}-\d{3,4})(?![\d-])"
)
_TIMES = re.compile(
    r"\d{1,4}[-/年]\d{1,2}(?:[-/月]\d{1,2}日?)?|\d{1,2}[:：点]\d{0,2}(?:分|半)?\s*(?:am|pm)?|\d+\s*(?:am|pm|%|percent|天|小时|分钟|minutes?|"
    r"hours?|days?|weeks?|次|times|个|位|人|people|users|年|月|日|号)|\+?\d[\d -]{8,}"
)
_PERSON = re.compile(  # whose first or last day it is
    "[王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶余潘杜戴夏钟汪田任姜"
    "范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟万段雷钱汤尹黎易常武乔贺赖龚文][\u4e00-\u9fff]{1,2}?"
    "(?=[ 本这上下周月今明最于底末初号日\\d]{0,9}.{0,2}(?:入职|离职|转岗|调动))"
)
_CHINESE_NUMBERS = str.maketrans("一二三四五六七八九", "123456789")
_FILLER = re.compile(
    "您好|你好|大家好|各位|老师|同事们?|麻烦|请问|请|帮忙|帮我|帮|谢谢|感谢|多谢|看一下|看看|处理一下|处理|尽快|"
    "今天|昨天|早上|上午|下午|现在|刚才|刚刚|突然|一直|已经|我们|我的|我|你们|你|是不是|怎么回事|怎么办|什么|一下|"
    "这个|那个|一个|有点|的时候|时候|不知道|可以|可能|应该|因为|所以|但是|就是|还是|也|都|就|了|吗|呢|吧|啊|的|地|在|是|和|与|"
    "it|部门|公司"
)
_STOP = frozenset(
    (
        "a an the and or but if of to in on at by for from with without about as is are was were be been being am "
        "do does did done have has had having i me my we us our you your he she it its they them their this that "
        "these those there here what which who when where why how not no nor so than too very can could will "
        "would shall should may might must please thanks thank hello hi dear team all help need anyone just now "
        "today yesterday morning since again also any some get got getting regards best kind still after before "
        "while since always every time try tried trying see re fw fwd aw cannot can't don't doesn't didn't won't "
        "isn't it's i'm i've hey good day sorry issue problem ticket urgent asap someone something anything into "
        "up out off over under then only even ever know like make made let "
    ).split()
)
Idf = Callable[[str], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a text is compared by. `grams` are weighed by how they occur, not yet by how rare they are."""

    grams: Mapping[str, float]
    things: frozenset[str]
    ills: frozenset[str]
    names: frozenset[str]  # numbers that name something: a floor, a room, a device, an error code
    products: frozenset[str]  # Latin words in a Chinese text: mostly names of products
    words: frozenset[str]  # as a person reads them, to explain
    han: bool  # whether it speaks Chinese, and a Latin language
    latin: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Likeness:
    """How alike two texts are, from 0 to 1, and by what."""

    score: float
    words: tuple[str, ...] = ()  # shared ones, the most telling first


def fold(text: str) -> str:
    """Text as it is compared: one width, one case, without what says no more than politeness."""
    return unicodedata.normalize("NFKC", text[:READ]).casefold()


def profile(subject: str, text: str = "") -> Profile:
    """The profile of a mail."""
    return _profile(fold(subject), fold(text))


@lru_cache(maxsize=256)
def _profile(subject: str, text: str) -> Profile:
    whole = f"{subject}\n{text}"
    grams: dict[str, float] = {}
    for part, weight in ((subject, 1.5), (text, 1.0)):
        for gram, share in _grams(part):
            grams[gram] = max(grams.get(gram, 0.0), weight * share)
    things, ills = concepts.things(whole), concepts.ills(whole)
    words = frozenset(_words(whole))
    latin = frozenset(word for word in words if word.isascii())
    han = len(_HAN.sub("", whole)) + 3 < len(whole)
    kept = dict(sorted(grams.items(), key=lambda one: -one[1])[:MOST_GRAMS])
    kept |= {f"={name}": 2.0 for name in things} | {f"!{name}": 1.2 for name in ills}
    return Profile(
        grams=kept,
        things=things,
        ills=ills,
        names=_names(whole),
        products=frozenset(word for word in latin if len(latin) < 4 and not concepts.things(word))
        if han
        else frozenset(),
        words=words,
        han=han,
        latin=len(latin) > 3 or not han,
    )


def _grams(text: str) -> Iterator[tuple[str, float]]:
    for run in _HAN.findall(_FILLER.sub(" ", text)):
        yield from ((run[at : at + 2], 1.0) for at in range(max(1, len(run) - 1)))
    for word in _LATIN.findall(text):
        if word in _STOP or len(word) > 40:
            continue
        count = max(1, len(word) - _PIECE + 1)
        yield from ((word[at : at + _PIECE], 1.5 / count) for at in range(count))


def _names(text: str) -> frozenset[str]:
    """Numbers that tell one thing from another of its kind; times and counts do not."""
    found = {f"@{next(filter(None, m.groups())).translate(_CHINESE_NUMBERS)}" for m in _PLACE.finditer(text)}
    found |= {m[0] for m in _PERSON.finditer(text)}
    rest = _PLACE.sub(" ", _TIMES.sub(" ", text))
    return frozenset(found | {m[0] for m in _NUMBER.finditer(rest) if len(m[0]) > 1})


def _words(text: str) -> Iterator[str]:
    yield from (word for word in _LATIN.findall(text) if word not in _STOP and len(word) > 1)
    for run in _HAN.findall(_FILLER.sub(" ", text)):
        yield from (run[at : at + 2] for at in range(len(run) - 1))


def compare(one: Profile, other: Profile, idf: Idf) -> Likeness:
    """How alike two profiles are: the weight of what they share, against the whole and against the shorter one.

    A gram of a script that the other text does not use says nothing: two languages meet in their concepts and names.
    """
    han, latin = one.han and other.han, one.latin and other.latin
    first, second = _comparable(one, idf, han=han, latin=latin), _comparable(other, idf, han=han, latin=latin)
    common = sum(min(weight, second[gram]) for gram, weight in first.items() if gram in second)
    if not common:
        return Likeness(score=0.0)
    mine, theirs = sum(first.values()), sum(second.values())
    if not any(gram in second and gram[0] != "!" for gram in first):
        common *= 0.3  # to be broken, or to be asked for, is no matter by itself
    score = 0.45 * common / math.sqrt(mine * theirs) + 0.55 * common / min(mine, theirs)
    return Likeness(score=min(1.0, score * _agreement(one, other)), words=_shared_words(one, other, idf))


def telling(one: Profile, other: Profile, idf: Idf) -> float:
    """How much a likeness says, from 0 to 1: little where all that can be compared of one text is a common concept.

    So it is where the two are of different languages and one of them names a single thing.
    """
    if one.names & other.names:
        return 1.0
    han, latin = one.han and other.han, one.latin and other.latin
    worth = 1.0
    for whole in (one, other):
        left = _comparable(whole, idf, han=han, latin=latin)
        if len(left) == 1 < len(whole.grams):
            worth *= min(1.0, (idf(next(iter(left))) / _TELLING) ** 3)
    return worth


def _comparable(of: Profile, idf: Idf, *, han: bool, latin: bool) -> dict[str, float]:
    """The weights of the grams that the other text could hold as well."""
    both = han and latin
    return {
        gram: weight * idf(gram)
        for gram, weight in of.grams.items()
        if both or gram[0] in "=!" or (latin if gram.isascii() else han)
    }


def _agreement(one: Profile, other: Profile) -> float:
    """What speaks for or against the same matter besides the words: other things, other ills, other numbers."""
    factor = 1.0
    if one.things and other.things:
        factor *= 0.4 + 0.8 * _overlap(one.things, other.things) ** 0.7
    if one.ills and other.ills:
        factor *= 1.15 if one.ills & other.ills else 0.6
    elif one.ills or other.ills:
        factor *= 0.85
    for mine, theirs in ((one.names, other.names), (one.products, other.products)):
        if mine and theirs:
            factor *= 1.1 if mine & theirs else 0.4
    return factor


def _overlap(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other)


def _shared_words(one: Profile, other: Profile, idf: Idf) -> tuple[str, ...]:
    """At most six words that both hold, the rarest first; of pairs that overlap only the first."""
    both = sorted(one.words & other.words, key=lambda word: (-idf(word[:_PIECE]), word))
    found: list[str] = []
    for word in both:
        if not any(word[0] == got[-1] or word[-1] == got[0] for got in found if len(word) == len(got) == 2):
            found.append(word)
    if not found:  # two languages: what they speak of, by its name
        found = sorted(one.things & other.things) + sorted(one.ills & other.ills)
    return tuple(found[:6])


def rarity(counts: Mapping[str, int], documents: int) -> Idf:
    """How telling a gram is: the logarithm of how many texts there are for each that holds it."""
    most = max(documents, _FEWEST)
    return lambda gram: math.log(1 + most / (1 + counts.get(gram, 0)))
