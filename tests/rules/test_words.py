"""Words in Chinese and Latin text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maildesk.rules.words import LONGEST, Phrase, Vocabulary, holds, normalise

FOUND = [
    ("vpn", "VPN无法连接"),
    ("vpn", "无法连接vpn"),
    ("VPN", "the vpn, again"),
    ("vpn", "ｖｐｎ 连不上"),
    ("ＶＰＮ", "my vpn"),
    ("vpn", "vpnx vpn"),
    ("vpn", "vpn_gateway"),
    ("断网", "公司断网了"),
    ("断网", "公司断 网了"),
    ("网络中断", "网络\r\n中断"),
    ("网络 中断", "网络中断"),
    ("network down", "Network\r\n  down!"),
    ("network down", "network\u00a0down"),
    ("wi-fi", "no Wi-Fi here"),
    ("straße", "STRASSE 5"),
    ("café", "cafe\u0301 is closed"),
    ("outlook", "out\u200blook"),
    ("c++", "a C++ question"),
    ("p1", "P1: down"),
    ("サーバー", "新サーバーが"),
    ("프린터", "프린터가 고장"),
    ("vpn연결", "VPN연결"),
]
NOT_FOUND = [
    ("vpn", "vpnx"),
    ("vpn", "xvpn"),
    ("vpn", "vpn2"),
    ("p1", "p12"),
    ("über", "darüber"),
    ("network down", "network\nis down"),
    ("断网", "断了网"),
    ("账号", "账户"),
    ("cafe", "café"),
]


@pytest.mark.parametrize(("word", "text"), FOUND)
def test_a_word_is_found(word: str, text: str) -> None:
    assert holds(normalise(text), Phrase.of(word))


@pytest.mark.parametrize(("word", "text"), NOT_FOUND)
def test_a_word_is_not_found_inside_another(word: str, text: str) -> None:
    assert not holds(normalise(text), Phrase.of(word))


@pytest.mark.parametrize("nothing", ["", " ", "!?", "\u200b", "——"])
def test_a_word_without_letters_is_refused(nothing: str) -> None:
    with pytest.raises(ValueError, match="has no letter or digit to look for"):
        Phrase.of(nothing)


def test_only_the_beginning_of_a_huge_text_is_looked_at() -> None:
    assert holds(normalise("x " * 100 + "vpn " + "x " * LONGEST), Phrase.of("vpn"))
    assert not holds(normalise("x " * LONGEST + "vpn"), Phrase.of("vpn"))


def test_a_vocabulary_without_words_finds_nothing() -> None:
    assert Vocabulary([]).possible("anything") == frozenset()


def test_a_vocabulary_is_not_confused_by_characters_of_regular_expressions() -> None:
    assert Vocabulary(["c++", "a.b", "(x)"]).possible("c++ and a.b and axb") == {"c++", "a.b"}


def test_a_text_with_every_word_many_times_gives_every_word() -> None:
    words = [f"{a}{b}{c}" for a in "断网络中密" for b in "码服务器邮" for c in "abcdefgh"]
    assert Vocabulary(words).possible(" ".join(words * 60)) == set(words)


PIECES = st.lists(st.sampled_from(["vpn", "网络", "中断", "x", " ", "\n", "ｖ", "ß", "İ", "-", "1"]), max_size=12).map(
    "".join
)


@given(st.lists(PIECES.filter(lambda word: any(c.isalnum() for c in normalise(word))), max_size=6), PIECES)
def test_what_is_held_is_always_among_the_possible(words: list[str], text: str) -> None:
    phrases = [Phrase.of(word) for word in words]
    normal = normalise(text)
    possible = Vocabulary(phrase.normal for phrase in phrases).possible(normal)
    assert possible == {phrase.normal for phrase in phrases if phrase.normal in normal}
    assert {phrase.normal for phrase in phrases if holds(normal, phrase)} <= possible


@given(st.text(max_size=200))
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
