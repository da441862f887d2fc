"""HTML to readable text (FEATURES B4), in bounded time on any input (B5)."""

import pytest

from maildesk.mail.html import to_text


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("", ""),
        ("plain", "plain"),
        ("<p>one</p><p>two</p>", "one\n\ntwo"),
        ('<p class="MsoNormal">one</p><p class=MsoNormal>two</p>', "one\ntwo"),
        ("<div>one</div><div><br></div><div>two</div>", "one\n\ntwo"),
        ("one<br>two<br><br><br><br>three", "one\ntwo\n\nthree"),
        ("a <b>bold</b>&nbsp;&amp; <i>x</i>\n  word", "a bold & x word"),
        ("打印机<b>坏了</b>，请处理", "打印机坏了，请处理"),
        ("<h1>Title</h1>text", "Title\ntext"),
        ("<pre>a\n  b\n\nc</pre>d", "a\n  b\n\nc\nd"),
        ("a<hr>b", "a\n--------------------\nb"),
        ("<ul><li>a<li>b<ol><li>c<li>d</ol></ul>", "- a\n- b\n  1. c\n  2. d"),
        ("<li>alone", "- alone"),
        ("<dl><dt>term<dd>meaning</dl>", "term\nmeaning"),
        ("<table><tr><th>host<th>state<tr><td>db01<td>down</table>", "host | state\ndb01 | down"),
        ("<table><tr><td><p>db01</p><td><p>down</p></table>", "db01 | down"),
        ("<table><tr><td>a<br>b<td>c</table>", "a\nb\nc"),
        ("<table><tr><td><table><tr><td>x<td>y</table><td>z</table>", "x | y | z"),
        (f"<table><tr><td>{'long ' * 60}<td>b</table>", ("long " * 60).strip() + "\nb"),
        ("<table><tr><td></td><td> </td></tr></table>x", "x"),
        ('<a href="https://x.example/a">look</a>', "look <https://x.example/a>"),
        ('<a href="https://x.example/a">https://x.example/a</a>', "https://x.example/a"),
        ('<a href="https://x.example/">x.example</a>', "x.example"),
        ('<a href="mailto:li@corp.example?subject=x">Li</a>', "Li <li@corp.example>"),
        ('<a href="mailto:li@corp.example">li@corp.example</a>', "li@corp.example"),
        ('<a href="javascript:alert(1)">x</a><a>y</a><a href="#z">z</a>', "xyz"),
        ('<a href="https://x.example/a"><div>two</div><div>lines</div></a>', "two\nlines <https://x.example/a>"),
        (f'<a href="https://x.example/{"y" * 3000}">x</a>', "x"),
        ('<img alt="logo" src=x><img src=y><img alt=" ">', "[logo]"),
        ("<blockquote>q1<blockquote>q2</blockquote></blockquote>mine", "> q1\n> > q2\nmine"),
        ("<blockquote></blockquote>x", "x"),
        ('<blockquote style="margin: 0 0 0 40px; border: none; padding: 0px">mine</blockquote>', "mine"),
        ("<head><title>t</title><style>p{}</style></head><script>x()</script><p>y", "y"),
        ('<div style="display:none; font-size:1px">preheader</div>hello', "hello"),
        ('<span style="mso-hide:all">a</span><div hidden>b</div><p style="opacity: 0">c</p>d', "d"),
        ('<div style="max-height:0px;overflow:hidden">a</div><div style="overflow:hidden;max-height:0">b</div>c', "c"),
        ('<div style="color:red">kept</div><div style="visibility: hidden">x</div>', "kept"),
        ("<!-- comment --><![if x]>a<![endif]>", "a"),
        ("<o:p>office</o:p>", "office"),
        ("a\0b\ud800c", "ab?c"),
        ("<textarea>x</textarea><select><option>y</select><button>z</button>", "z"),
        ("</p></div></td>x", "x"),
        ("<frameset><frame></frameset>", ""),
    ],
)
def test_a_page_reads_like_text(markup: str, text: str) -> None:
    assert to_text(markup) == text


def test_at_most_the_limit_is_returned() -> None:
    assert len(to_text("<p>word</p>" * 10_000, limit=1_000)) <= 1_000
    assert to_text("<table><tr><td>" + "word " * 1_000, limit=100).startswith("word word")


def test_a_page_of_very_many_tags_is_still_read() -> None:
    rows = "".join(f"<tr><td>host{i}</td><td><b>down</b> &amp; out</td></tr>" for i in range(3_000))
    text = to_text(f"<head><title>t</title></head><script>x</script><!-- c --><table>{rows}</table>")
    assert text.splitlines()[0] == "host0 | down & out"
    assert len(text.splitlines()) == 3_000
    assert "t\n" not in text[:3]


def test_style_tags_of_a_long_page_leave_no_trace() -> None:
    assert to_text("<p><b>a</b></p>" * 400) == "\n\n".join(["a"] * 400)


@pytest.mark.parametrize(
    "markup",
    [
        "<div>" * 100_000,
        "<div>" * 14_000 + "x",
        "<div>" * 7_000 + "<p>x" * 7_000,
        "".join(f"<b id={i}><p>" for i in range(490)),
        "<blockquote>x<br>" * 7_000,
        "<ul><li>x" * 7_000,
        "<table><tr><td>" * 4_900,
        "<a " * 300_000,
        "<" * 300_000,
        "<!--" * 300_000,
        "<script>" * 300_000,
        "<p " + " ".join(f"b{i}=1" for i in range(100_000)) + ">x",
        '="<p ' + " ".join(f"b{i}" for i in range(100_000)) + '">x',
        "&amp;" * 200_000,
        "<a><table>" * 5_000 + "</a>" * 4_000,
    ],
)
@pytest.mark.timeout(10)
def test_a_hostile_page_ends_soon(markup: str) -> None:
    assert len(to_text(markup)) <= 500_000
