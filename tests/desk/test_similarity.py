"""How alike mails are: on labelled pairs, the second half of which nobody looked at while the score was tuned."""

import re
from collections import Counter

import pytest

from likeness.pairs import Pair, pairs
from maildesk.desk.knowledge import concepts, similarity
from maildesk.desk.knowledge.knowing import Duplicates
from maildesk.desk.knowledge.similarity import Weighed, compare, profile, weigh


def uncounted(text: str) -> Weighed:
    """A text where no others were counted: every gram tells as much."""
    return weigh(profile(text), {}, 0)


def scores(found: list[Pair]) -> list[tuple[float, bool]]:
    texts = {text for pair in found for text in (pair.one, pair.other)}
    counts = Counter(gram for text in texts for gram in profile(*text).grams)
    weighed = {text: weigh(profile(*text), counts, len(texts)) for text in texts}
    return [(compare(weighed[pair.one], profile(*pair.other)).score, pair.same) for pair in found]


@pytest.mark.parametrize("half", ["first", "second"])
def test_like_mails_are_found_and_look_alikes_are_not(half: str) -> None:
    found = scores(list(pairs(half)))
    assert len(found) >= 140
    said = [same for score, same in found if 100 * score >= Duplicates().at_least]
    assert sum(said) / len(said) >= 0.95  # precision
    assert sum(said) / sum(same for _, same in found) >= 0.70  # recall


def test_a_third_set_written_without_a_look_at_the_others_brings_no_false_likeness_and_all_together_are_found() -> None:
    third = scores(list(pairs("third")))
    least = Duplicates().at_least
    assert sum(100 * score >= least and not same for score, same in third) <= 1
    every = [one for part in ("first", "second", "third") for one in scores(list(pairs(part)))]
    assert len(every) >= 350
    said = [same for score, same in every if 100 * score >= least]
    assert sum(said) / len(said) >= 0.95
    assert sum(said) / sum(same for _, same in every) >= 0.70


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("2号终端连不上MES", "7号终端连不上MES"),
        ("工位 5-118 网口不亮", "工位 5-132 网口不亮"),
        ("孙浩 11月30日离职", "马丽月底离职"),
    ],
)
def test_another_machine_seat_or_person_is_another_matter(one: str, other: str) -> None:
    assert compare(uncounted(one), profile(other)).score < 0.58


def test_width_case_and_politeness_make_no_difference() -> None:
    one, other = uncounted("ＶＰＮ 连不上"), profile("您好，麻烦看一下，vpn连不上，谢谢")
    assert compare(one, other).score == 1.0


def test_other_things_other_floors_and_nothing_are_not_alike() -> None:
    jam = uncounted("3楼打印机卡纸")
    for other in ("5楼打印机卡纸", "VPN 连不上", "", "!!!"):
        assert compare(jam, profile(other)).score < 0.58


def test_what_makes_two_alike_is_told_in_words() -> None:
    found = compare(uncounted("VPN error 809 at home"), profile("error 809 from VPN client"))
    assert set(found.words) == {"vpn", "error"}
    assert compare(uncounted("打印机卡纸"), profile("printer jam")).words == ("printer", "jam")


def test_a_text_of_any_length_gives_a_small_profile() -> None:
    assert len(profile("x" * 10_000, "词" * 100_000 + " word" * 100_000).grams) < 200


def test_the_gate_of_concepts_lets_through_what_the_patterns_find() -> None:
    texts = {
        similarity.fold(f"{one}\n{two}")
        for part in ("first", "second", "third")
        for p in pairs(part)
        for one, two in (p.one, p.other)
    }
    rows = {**concepts._THINGS, **concepts._ILLS}
    for text in texts:
        plain = {name for name, pattern in rows.items() if re.search(concepts._bounded(pattern), text)}
        assert concepts.things(text) | concepts.ills(text) == plain
