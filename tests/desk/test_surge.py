"""Surges among the usual noise: twenty scripted days, ten of them with a real one."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import pytest

from fixtures.desk_samples import NOW, TICKET
from likeness.pairs import blocks, pairs
from maildesk.desk.knowledge import surge
from maildesk.desk.knowledge.knowing import Near, Sameness, Surging
from maildesk.desk.knowledge.similarity import Profile, compare, profile, weigh
from maildesk.desk.knowledge.surge import Arrival

WISH = Surging(mails=5, people=3)
DAYS, NOISE, MINUTE = 20, 150, timedelta(minutes=1)
SURGES = (
    "VPN连不上",
    "邮件发不出去",
    "共享盘访问不了",
    "ERP登录不了",
    "网页打不开",
    "网速慢",
    "Teams meeting",
    "客户系统报错",
    "Certificate warning",
    "报销系统提交失败",
)


@dataclass(frozen=True, slots=True)
class Letter:
    at: datetime
    sender: str
    text: tuple[str, str]
    scripted: bool = False


def noise(day: datetime, chance: random.Random) -> Iterator[Letter]:
    """What comes in anyway; one person who writes six times; three like mails of three people; five over two hours."""
    texts = [text for half in ("first", "second") for pair in pairs(half) for text in (pair.one, pair.other)]
    for _ in range(NOISE):
        at = day + chance.random() * timedelta(hours=9)
        yield Letter(at, f"user{chance.randrange(300)}", chance.choice(texts))
    same, three, slow = (chance.choice(blocks("first")) for _ in range(3))
    yield from (Letter(day + timedelta(minutes=60 + i), "impatient", same[i % len(same)]) for i in range(6))
    yield from (Letter(day + timedelta(minutes=200 + i), f"three{i}", three[i % len(three)]) for i in range(3))
    yield from (Letter(day + timedelta(minutes=300 + 30 * i), f"slow{i}", slow[i % len(slow)]) for i in range(5))


def real(day: datetime, number: int, chance: random.Random) -> list[Letter]:
    """Eight mails of eight people about one thing, within ten minutes."""
    block = next(b for half in ("first", "second") for b in blocks(half) if b[0][0] == SURGES[number])
    begin = day + chance.uniform(0.5, 8) * timedelta(hours=1)
    texts = [block[i % len(block)] for i in range(8)]
    return [
        Letter(begin + i * timedelta(seconds=75), f"hit{i}", (subject, f"{body} {'谢谢' if i % 2 else '您好'}"), True)
        for i, (subject, body) in enumerate(texts)
    ]


def found(letters: list[Letter]) -> list[Letter]:
    """The mails at which a surge was noticed, each surge once."""
    seen: list[tuple[Letter, Profile, int]] = []
    counts: Counter[str] = Counter()
    noticed: list[Letter] = []
    for number, letter in enumerate(sorted(letters, key=lambda one: one.at), 1):
        mine = profile(*letter.text)
        weighed = weigh(mine, counts, number)
        seen = [one for one in seen if letter.at - one[0].at <= timedelta(seconds=WISH.within)]
        near = [
            _near(other, compare(weighed, theirs).score, place, marks)
            for place, (other, theirs, marks) in enumerate(seen)
        ]
        wave = surge.found(Arrival(at=letter.at, requester=letter.sender), near, WISH)
        if wave is not None and not wave.number:
            noticed.append(letter)
            seen = [(a, b, number if place in wave.tickets else c) for place, (a, b, c) in enumerate(seen)]
        seen.append((letter, mine, number if wave is not None else 0))
        counts.update(mine.grams)
    return noticed


def _near(letter: Letter, score: float, place: int, marked: int) -> Near:
    return Near(
        ticket=place, at=letter.at, requester=letter.sender, service="", department="", score=score, surge=marked
    )


def test_ten_real_surges_are_found_in_time_and_nothing_else() -> None:
    hits, false = 0, 0
    for day in range(DAYS):
        chance = random.Random(day)
        begin = NOW + timedelta(days=day)
        wave = real(begin, day // 2, chance) if day % 2 == 0 else []
        noticed = found([*noise(begin, chance), *wave])
        mine = [letter for letter in noticed if letter.scripted]
        hits += bool(mine) and bool(wave) and mine[0].at <= wave[WISH.mails - 1].at + 3 * MINUTE
        false += len(noticed) - bool(mine)
    assert hits == 10
    assert false <= 1


def near(number: int, **fields: object) -> Near:
    known = {"at": NOW, "requester": f"r{number}", "service": "vpn", "department": "sales", "score": 0.2}
    return Near(ticket=number, **{**known, **fields})  # type: ignore[arg-type]


ARRIVAL = Arrival(at=NOW + MINUTE, requester="me", service="vpn", department="sales")


@pytest.mark.parametrize(
    ("by", "others", "counts"),
    [
        (("similarity",), {"score": 0.2}, False),
        (("similarity",), {"score": 0.5}, True),
        (("service",), {}, True),
        (("service",), {"service": "mail"}, False),
        (("department",), {}, True),
        (("department",), {"department": "finance"}, False),
        (("similarity", "department"), {"department": "finance", "score": 0.9}, True),
    ],
)
def test_what_counts_as_like_is_what_the_policy_names(
    by: tuple[Sameness, ...], others: dict[str, object], counts: bool
) -> None:
    wish = replace(WISH, by=by)
    wave = surge.found(ARRIVAL, [near(number, **others) for number in range(4)], wish)
    assert (wave is not None) is counts


def test_too_few_mails_too_few_people_or_too_long_a_time_are_no_surge() -> None:
    like = {"score": 0.9}
    assert surge.found(ARRIVAL, [near(n, **like) for n in range(3)], WISH) is None
    assert surge.found(ARRIVAL, [near(n, requester="one", **like) for n in range(9)], WISH) is None
    assert surge.found(ARRIVAL, [near(n, at=NOW - 15 * MINUTE, **like) for n in range(9)], WISH) is None
    assert surge.found(ARRIVAL, [near(n, **like) for n in range(9)], Surging()) is None


def test_a_mail_long_after_belongs_to_the_open_major_incident_all_the_same() -> None:
    parent = replace(TICKET, number=7, major=True, surge=7)
    late = [near(1, at=NOW - timedelta(hours=5), score=0.9, surge=7)]
    assert surge.belongs_to(ARRIVAL, late, {7: parent}, WISH) == parent
    assert surge.belongs_to(ARRIVAL, late, {7: replace(parent, status="resolved")}, WISH) is None
