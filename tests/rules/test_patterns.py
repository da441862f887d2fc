"""The operator's regular expressions."""

import pytest

from maildesk.rules.patterns import Pattern, Patterns
from maildesk.rules.words import LONGEST

REFUSED = [
    (r"(?<=a)b", r"RE2 has no look-ahead and look-behind: (?<=a)b"),
    (r"a(?!b)", r"RE2 has no look-ahead and look-behind: a(?!b)"),
    (r"(a)\1", r"RE2 has no back-references: (a)\1"),
    (r"(?P<q>['x])(?P=q)", r"RE2 has no back-references: (?P<q>['x])(?P=q)"),
    (r"a++b", r"RE2 has no possessive and atomic groups: a++b"),
    (r"(?>a)", r"RE2 has no possessive and atomic groups: (?>a)"),
    (r"(a)?(?(1)b|c)", r"RE2 has no conditional groups: (a)?(?(1)b|c)"),
    (r"end\Z", r"RE2 has no \Z and \u (write \z and \x{...}): end\Z"),
    (r"\u65ad", r"RE2 has no \Z and \u (write \z and \x{...}): \u65ad"),
    (r"a(b", r"not a regular expression: missing ): a(b"),
    (r"\\1(", r"not a regular expression: missing ): \\1("),
    (r"[z-a]", r"not a regular expression: invalid character class range: z-a"),
    (r"a{2000}", r"not a regular expression: invalid repetition size: {2000}"),
    (r"", r"must not be empty"),
]


@pytest.mark.parametrize(("source", "message"), REFUSED)
def test_what_re2_cannot_do_is_refused_in_plain_words(source: str, message: str) -> None:
    with pytest.raises(ValueError, match=r".") as refused:
        Pattern.of(source)
    assert str(refused.value) == message


def test_letter_case_is_ignored_unless_asked_for() -> None:
    assert Pattern.of("vpn").search("my VPN") == ("VPN", {})
    assert Pattern.of("(?-i)vpn").search("my VPN") is None


def test_named_groups_are_captured_and_absent_ones_left_out() -> None:
    pattern = Pattern.of(r"(?P<asset>PC-\d+)|(?P<room>房间 ?\d+)")
    assert pattern.search("我的 pc-123 坏了") == ("pc-123", {"asset": "pc-123"})
    assert pattern.search("房间 12") == ("房间 12", {"room": "房间 12"})


def test_a_pattern_that_backtracks_elsewhere_is_quick_on_hostile_text() -> None:
    assert Pattern.of("(a+)+$").search("a" * 60_000 + "!") is None
    assert Pattern.of(".*urgent.*fault.*down").search("urgent fault " * 5_000) is None


def test_only_the_beginning_of_a_huge_text_is_searched() -> None:
    assert Pattern.of("vpn").search("x" * LONGEST + "vpn") is None


def test_no_patterns_make_nothing_possible() -> None:
    assert Patterns([]).possible(["anything"]) == frozenset()


def test_every_pattern_that_matches_is_among_the_possible() -> None:
    sources = [
        "vpn|wi-?fi",
        "^abc$",
        ".*",
        "ünter",
        "k",
        "断网",
        "^$",
        "(?-i)ABC",
        r"\d{3}",
        "网?络中",
        "disk (full|error)",
    ]
    patterns = [Pattern.of(source) for source in sources]
    together = Patterns(patterns)
    for text in ["VPN x", "ÜNTER", "\u212a", "断网了", "", "abc", "ABC", "络中 123", "DISK ERROR", "wifi\nabc"]:
        matching = {pattern for pattern in patterns if pattern.search(text) is not None}
        assert matching <= together.possible([text])
        assert matching <= together.possible(["other", text])


def test_a_pattern_whose_words_are_missing_is_not_possible() -> None:
    together = Patterns([Pattern.of("printer.*jam"), Pattern.of("断网")])
    assert together.possible(["the printer is fine"]) == frozenset()


@pytest.mark.parametrize(
    ("source", "text", "found"),
    [
        (r"\bvpn\b", "VPN无法连接", "VPN"),
        (r"\bvpn\b", "vpnx", None),
        (r"\b断网\b", "今天断网了", None),
        (r"\büber", "das Über-Netz", None),
        ("über", "das Über-Netz", "Über"),
    ],
)
def test_raw_word_borders_are_those_of_ascii_as_the_manual_says(source: str, text: str, found: str | None) -> None:
    match = Pattern.of(source).search(text)
    assert (match[0] if match else None) == found


@pytest.mark.parametrize("source", ["(a+)+$", "(a|aa)+$", "(.*)*x", "(a*)*b", "((a{1,9}){1,9}){1,9}$", "(x+x+)+y"])
def test_no_pattern_hangs_on_a_text_made_for_it(source: str) -> None:
    text = "a" * 60_000 + "x" * 5_000 + "!"
    Pattern.of(source).search(text)  # a backtracking engine would not come back in a lifetime
