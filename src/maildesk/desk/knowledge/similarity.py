"""How alike two mails are, in Chinese and English alike, and why: character grams, concepts, numbers.

A text becomes a profile of weighed grams: pairs of Chinese characters, pieces of four letters, concepts
(concepts.py) and numbers that name something. Rare ones count more. Everything is plain arithmetic that can be shown.
"""

import math
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from maildesk.desk.knowledge import concepts

READ = 1_500  # characters of a text that count: what is wrong stands at the beginning
MOST_GRAMS = 160
_FEWEST = 1_000  # texts that a small index counts as: five like mails must not make their own words common
_TELLING = 5.6  # the rarity of what one text in 270 holds
_PIECE = 4
_CONCEPT = "=!"  # what the grams of things and of ills begin with
_SHOWN = 6  # words that explain a likeness
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """What a text is compared by. `grams` are weighed by how they occur, not yet by how rare they are."""

    grams: Mapping[str, float]
    sums: "Sums"
    things: frozenset[str]
    ills: frozenset[str]
    names: frozenset[str]  # numbers that name something: a floor, a room, a device, an error code
    products: frozenset[str]  # Latin words in a Chinese text: mostly names of products
    words: frozenset[str]  # as a person reads them, to explain
    han: bool  # whether it speaks Chinese, and a Latin language
    latin: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """The weights of a text's grams together, by what another text may hold of them."""

    concepts: float = 0.0
    latin: float = 0.0
    han: float = 0.0

    def comparable(self, *, han: bool, latin: bool) -> float:
        """The weight of those that a text of these scripts could hold as well."""
        return self.concepts + (self.latin if latin else 0.0) + (self.han if han else 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weighed:
    """A text with its grams weighed by how rare they are: weighed once, compared with many."""

    profile: Profile
    rarity: Mapping[str, float]  # of each of its grams
    usual: float  # what a gram counts that only the other text holds: as one of this text on the average
    sums: Sums


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
        sums=sums(kept),
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


def sums(weights: Mapping[str, float]) -> Sums:
    """The weights of some grams together."""
    concept = latin = han = 0.0
    for gram, weight in weights.items():
        if gram[0] in _CONCEPT:
            concept += weight
        elif gram.isascii():
            latin += weight
        else:
            han += weight
    return Sums(concepts=concept, latin=latin, han=han)


def weigh(profile: Profile, counts: Mapping[str, int], documents: int) -> Weighed:
    """How telling each gram of a text is: the logarithm of how many texts there are for each that holds it."""
    most = max(documents, _FEWEST)
    rarity = {gram: math.log(1 + most / (1 + counts.get(gram, 0))) for gram in profile.grams}
    weighed = {gram: weight * rarity[gram] for gram, weight in profile.grams.items()}
    return Weighed(
        profile=profile,
        rarity=rarity,
        usual=math.fsum(weighed.values()) / max(1.0, math.fsum(profile.grams.values())),
        sums=sums(weighed),
    )


def compare(one: Weighed, other: Profile, *, worded: float = 0.0) -> Likeness:
    """How alike two texts are: the weight of what they share, against the whole and against the shorter one.

    A gram of a script that the other text does not use says nothing: two languages meet in their concepts and names.
    The words are looked for from a score of `worded` on.
    """
    of = one.profile
    han, latin = of.han and other.han, of.latin and other.latin
    shared: Iterable[str] = of.grams.keys() & other.grams.keys()
    if not (han and latin):
        shared = [gram for gram in shared if _comparable(gram, han=han, latin=latin)]
    common = known = 0.0
    matter = False
    for gram in shared:
        mine, theirs, rarity = of.grams[gram], other.grams[gram], one.rarity[gram]
        common += (mine if mine < theirs else theirs) * rarity
        known += theirs * (one.usual - rarity)
        matter = matter or gram[0] != "!"
    if not common:
        return Likeness(score=0.0)
    mine = one.sums.comparable(han=han, latin=latin)
    theirs = one.usual * other.sums.comparable(han=han, latin=latin) - known
    if not matter:
        common *= 0.3  # to be broken, or to be asked for, is no matter by itself
    score = 0.45 * common / math.sqrt(mine * theirs) + 0.55 * common / min(mine, theirs)
    score = round(min(1.0, score * _agreement(of, other)), 6)  # the order of a sum is chance
    return Likeness(score=score, words=_shared_words(one, other) if score >= worded else ())


def telling(one: Weighed, other: Profile) -> float:
    """How much a likeness says, from 0 to 1: little where all that can be compared of one text is a common concept.

    So it is where the two are of different languages and one of them names a single thing.
    """
    of = one.profile
    if of.names & other.names:
        return 1.0
    han, latin = of.han and other.han, of.latin and other.latin
    worth = 1.0
    for whole in () if han and latin else (of, other):
        left = [gram for gram in whole.grams if _comparable(gram, han=han, latin=latin)]
        if len(left) == 1 < len(whole.grams):
            worth *= min(1.0, (one.rarity.get(left[0], one.usual) / _TELLING) ** 3)
    return worth


def _comparable(gram: str, *, han: bool, latin: bool) -> bool:
    """Whether a text that uses these scripts could hold a gram."""
    return gram[0] in _CONCEPT or (latin if gram.isascii() else han)


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


def _shared_words(one: Weighed, other: Profile) -> tuple[str, ...]:
    """At most six words that both hold, the rarest first; of pairs that overlap only the first."""
    rarity, of = one.rarity, one.profile
    both = sorted(of.words & other.words, key=lambda word: (-rarity.get(word[:_PIECE], one.usual), word))
    found: list[str] = []
    for word in both:
        if not any(word[0] == got[-1] or word[-1] == got[0] for got in found if len(word) == len(got) == 2):
            found.append(word)
        if len(found) == _SHOWN:
            break
    if not found:  # two languages: what they speak of, by its name
        found = sorted(of.things & other.things) + sorted(of.ills & other.ills)
    return tuple(found[:_SHOWN])
