"""An engineer's words as HTML: what he wrote is what is seen, and nothing in it is ever more than text."""

import random
import re

import pytest

from maildesk.notify import written


def bare(text: str) -> str:
    return re.sub(r' style="[^"]*"', "", written.html(text)).replace("\n", "")


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("one\ntwo\n\nthree", "<p>one<br>two</p><p>three</p>"),
        ("- a\n- b", "<ul><li>a</li><li>b</li></ul>"),
        ("1. a\n2. b\n  - c\n3. d", "<ol><li>a</li><li>b<ul><li>c</li></ul></li><li>d</li></ol>"),
        ("3. go on", '<ol start="3"><li>go on</li></ol>'),
        ("1、重启\n2、再试", "<p>1、重启<br>2、再试</p>"),
        ("a | b\nc | d", "<table><tr><td>a</td><td>b</td></tr><tr><td>c</td><td>d</td></tr></table>"),
        ("this | is no table", "<p>this | is no table</p>"),
        ("  dir\n    /s", "<p>&nbsp;&nbsp;dir<br>&nbsp;&nbsp;&nbsp;&nbsp;/s</p>"),
        ("see https://a.example/x?b=1&c=2.", '<p>see <a href="https://a.example/x?b=1&amp;c=2">https://a.example/x?b=1&amp;c=2</a>.</p>'),
        ("请看 https://a.example/说明，然后", '<p>请看 <a href="https://a.example/说明">https://a.example/说明</a>，然后</p>'),
        ("the guide <https://a.example/>", '<p>the guide <a href="https://a.example/">https://a.example/</a></p>'),
        ("javascript:alert(1) <b>x</b>", "<p>javascript:alert(1) &lt;b&gt;x&lt;/b&gt;</p>"),
        ("2026-11-09 is no item\n-5 degrees", "<p>2026-11-09 is no item<br>-5 degrees</p>"),
    ],
)  # fmt: skip
def test_text_is_shown_as_it_was_meant(text: str, html: str) -> None:
    assert bare(text) == html


def test_whatever_stands_in_a_text_makes_no_tag_of_its_own() -> None:
    source = random.Random(7)
    pieces = [
        "<",
        ">",
        '"',
        "'",
        "&",
        "- ",
        "1. ",
        " | ",
        "\n",
        "  ",
        "https://",
        "a.example",
        "<img src=x>",
        "](",
        "on=",
    ]
    allowed = {"p", "br", "ul", "ol", "li", "table", "tr", "td", "a"}
    for _ in range(3_000):
        html = written.html("".join(source.choices(pieces, k=source.randint(1, 40))))
        for tag in re.findall(r"<[^>]*>", html):
            name = re.fullmatch(r"</?([a-z]+)((?: [a-z]+=\"[^\"<>]*\")*)>", tag)
            assert name, tag
            assert name[1] in allowed
            assert set(re.findall(r' ([a-z]+)="', name[2])) <= {"style", "href", "start"}
        assert html.count("<ul") == html.count("</ul>")
        assert html.count("<li") == html.count("</li>")
