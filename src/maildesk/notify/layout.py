"""The look: Markdown with marks in the place of values, to the text part and to an HTML page that mail clients show.

Styles are inline, since Outlook and Gmail drop the rest; the style sheet only adds dark mode and small screens. No
image, no script, nothing remote.
"""

import re
from collections.abc import Mapping

from markdown_it import MarkdownIt

VALUE, BLOCK, LAST = "\U000f0000", "\U00100000", "\U0010ffff"  # marks: planes 15 and 16, private, never in a value
WRITTEN = "\U00108000"  # from here on marks stand for HTML of several blocks
VALUE_CODE, BLOCK_CODE, WRITTEN_CODE = ord(VALUE), ord(BLOCK), ord(WRITTEN)
REFERENCE = chr(VALUE_CODE + 1)

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "linkify": False, "typographer": False})
_MARKDOWN.enable("table").disable(["image", "autolink", "reference"])

_COLOURS: Mapping[str, str] = {"P1": "#b42318", "P2": "#b54708", "P3": "#175cd3", "P4": "#475467"}
_NEUTRAL, _ALARM = "#344054", "#b42318"
_FONT = (
    "font-family:-apple-system,'Segoe UI','PingFang SC','Microsoft YaHei','Noto Sans CJK SC',Helvetica,Arial,sans-serif"
)
_MONO = "font-family:Consolas,Menlo,'DejaVu Sans Mono','Microsoft YaHei',monospace"
_INK, _SOFT, _LINE = "#1d2939", "#667085", "#e4e7ec"
_TABLE = '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"'

_STYLES: Mapping[str, str] = {
    "p": "margin:0 0 14px",
    "h1": "margin:0 0 14px;font-size:20px;line-height:28px",
    "h2": "margin:22px 0 8px;font-size:16px;line-height:24px",
    "h3": "margin:18px 0 6px;font-size:15px;line-height:22px",
    "ul": "margin:0 0 14px;padding:0 0 0 22px",
    "ol": "margin:0 0 14px;padding:0 0 0 22px",
    "li": "margin:0 0 4px",
    "a": "color:#175cd3",
    "code": f"{_MONO};font-size:13px;background:#eef1f5;color:{_INK};padding:1px 5px;border-radius:4px",
    "pre": "margin:0 0 14px",
    "blockquote": f"margin:0 0 14px;padding:0 0 0 12px;border-left:3px solid {_LINE}",
    "table": "border-collapse:collapse;margin:0 0 14px",
    "th": f"border:1px solid {_LINE};padding:6px 10px;text-align:left",
    "td": f"border:1px solid {_LINE};padding:6px 10px;text-align:left",
}
_MARK = f"[{VALUE}-{LAST}]"
_TAG_WITH_MARK = re.compile(f"<[^<>]*{_MARK}[^<>]*>")
_OPENING = re.compile(rf'<({"|".join(_STYLES)})(?: style="[^"]*")?(?=[ >])')
# One way to match a line only: with two, a long list that is no table takes time without end.
_FACTS = re.compile(r"<ul[^>]*>\n((?:<li[^>]*><strong>(?:(?!</strong>)[^\n])*</strong>[^\n]*</li>\n)+)</ul>")
_FACT = re.compile(r"<li[^>]*><strong>([^\n]*?)[:：]?</strong> ?([^\n]*)</li>\n")
_ALONE = re.compile(f"<p[^>]*>([{BLOCK}-{LAST}])</p>")

_DARK = (
    ":root{color-scheme:light dark}"
    "@media (max-width:480px){.pad{padding-left:18px!important;padding-right:18px!important}}"
    "@media (prefers-color-scheme:dark){.ground{background:#14171c!important}"
    ".card{background:#1f242c!important;border-left-color:#39414d!important;border-right-color:#39414d!important;"
    "border-bottom-color:#39414d!important}"
    ".ink,.ink p,.ink td,.ink li,.ink h1,.ink h2,.ink h3{color:#e6e9ee!important}"
    ".ink .soft,.soft,.soft p,.soft li{color:#9aa4b2!important}"
    ".ink .label{color:#e6e9ee!important}.ink .track{background:#39414d!important}"
    ".ink .tile{background:#2a303a!important}"
    ".quote{background:#2a303a!important;color:#e6e9ee!important}.facts,.foot{border-color:#39414d!important}"
    "code{background:#2f3641!important;color:#e6e9ee!important}a{color:#84adff!important}}"
)


def page(shape: str, *, language: str, priority: str, alarming: bool, letter: bool) -> str:
    """The HTML part of a shape. What stands under the last `---` becomes the footer.

    The first mark is the desk's name, the second the ticket's reference: the head line of a card. A letter has none.
    """
    body, _, foot = _blocks(shape).rpartition("<hr />\n")
    if not body:
        body, foot = foot, ""
    accent = _ALARM if alarming else _COLOURS.get(priority, _NEUTRAL)
    framed = _letter(body, foot) if letter else _card(body, foot, accent, pill(priority, priority) if priority else "")
    return (
        f'<!DOCTYPE html>\n<html lang="{"zh-CN" if language == "zh" else "en"}">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width,initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        f"<style>{_DARK}</style>\n</head>\n{framed}</html>\n"
    )


def styled(tag: str) -> str:
    """The style attribute of a tag."""
    return f' style="{_STYLES[tag]}"'


def pill(priority: str, text: str) -> str:
    """A priority as a coloured label. The text is escaped already."""
    return (
        f'<span style="background:{_COLOURS.get(priority, _NEUTRAL)};color:#ffffff;font-size:12px;font-weight:600;'
        f'line-height:18px;padding:2px 5px;border-radius:9px;white-space:nowrap">&nbsp;{text}&nbsp;</span>'
    )


def _blocks(shape: str) -> str:
    """Markdown to HTML with our styles; a mark inside a tag (a link's target, say) is dropped.

    Our Markdown has two turns of its own: a list whose items all begin with bold words is a table of facts, and a
    block mark alone in its paragraph is somebody's words: set off, or as he wrote them.
    """
    html = str(_MARKDOWN.render(shape))
    html = _TAG_WITH_MARK.sub(lambda tag: re.sub(_MARK, "", tag[0]), html)
    html = _OPENING.sub(lambda tag: f'<{tag[1]} style="{_STYLES[tag[1]]}"', html)
    html = _FACTS.sub(lambda found: _facts(found[1]), html)
    return _ALONE.sub(lambda found: _quote(found[1]) if found[1] < WRITTEN else found[1], html)


def _facts(items: str) -> str:
    rows = _FACT.sub(
        f'<tr><td class="soft" valign="top" style="padding:4px 16px 4px 0;color:{_SOFT};font-size:14px;'
        r'line-height:22px;white-space:nowrap">\1</td>'
        f'<td valign="top" width="99%" style="padding:4px 0;color:{_INK};font-size:14px;line-height:22px;'
        r'word-break:break-word">\2</td></tr>' + "\n",
        items,
    )
    edge = '<tr><td colspan="2" height="6" style="height:6px;line-height:6px;font-size:1px">&nbsp;</td></tr>'
    line = f"margin:4px 0 18px;border-top:1px solid {_LINE};border-bottom:1px solid {_LINE}"
    return f'{_TABLE} class="facts" style="{line}">{edge}\n{rows}{edge}</table>'


def _quote(mark: str) -> str:
    style = f"background:#f5f6f8;border-left:4px solid #98a2b3;padding:12px 16px;color:{_INK}"
    return (
        f'{_TABLE} style="margin:0 0 18px"><tr><td class="quote" style="{style};{_FONT};font-size:15px;'
        f'line-height:23px;word-break:break-word;overflow-wrap:anywhere">\n{mark}\n</td></tr></table>'
    )


def _card(body: str, foot: str, accent: str, label: str) -> str:
    soft = f"color:{_SOFT};font-size:13px;line-height:20px"
    return (
        '<body class="ground" style="margin:0;padding:0;background:#f2f4f7">\n'
        f'{_TABLE} class="ground" bgcolor="#f2f4f7"><tr><td align="center" style="padding:20px 8px">\n'
        '<!--[if mso]><table role="presentation" width="600"><tr><td><![endif]-->\n'
        f'{_TABLE} class="card" bgcolor="#ffffff" style="max-width:600px;background:#ffffff;border:1px solid {_LINE};'
        f'border-top:4px solid {accent};border-radius:6px;text-align:left">\n'
        f'<tr><td class="pad" style="padding:16px 28px 0;{_FONT}">{_TABLE}><tr>'
        f'<td class="soft" style="{soft}">{VALUE}</td>\n'
        f'<td class="soft" align="right" style="{soft};white-space:nowrap">{REFERENCE}&nbsp; {label}</td>'
        "</tr></table></td></tr>\n"
        f'<tr><td class="pad ink" style="padding:18px 28px 6px;{_FONT};font-size:15px;line-height:24px;color:{_INK};'
        f'word-break:break-word">\n{body}</td></tr>\n{_card_foot(foot) if foot else ""}</table>\n'
        "<!--[if mso]></td></tr></table><![endif]-->\n</td></tr></table>\n</body>\n"
    )


def _card_foot(foot: str) -> str:
    return (
        f'<tr><td class="pad soft foot" style="padding:14px 28px 4px;border-top:1px solid {_LINE};{_FONT};'
        f'font-size:12px;line-height:19px;color:{_SOFT}">\n{foot}</td></tr>\n'
    )


def _letter(body: str, foot: str) -> str:
    small = f"margin:20px 0 0;padding:10px 0 0;border-top:1px solid {_LINE};font-size:12px;line-height:19px"
    return (
        f'<body style="margin:0;padding:12px">\n<div style="max-width:680px;{_FONT};font-size:15px;line-height:24px;'
        f'word-break:break-word">\n{body}'
        + (f'<div class="soft foot" style="{small};color:{_SOFT}">\n{foot}</div>\n' if foot else "")
        + "</div>\n</body>\n"
    )


_PLAIN = (
    (re.compile(r"[ \t]+$", re.MULTILINE), ""),
    (re.compile(r"^- \*\*`([^\n*`]+)`\*\* *", re.MULTILINE), r"\1  "),
    (re.compile(r"^- \*\*([^\n*]+?):?\*\* *(?<!：\*\*)(?<!：\*\* )", re.MULTILINE), r"\1: "),
    (re.compile(r"^- (?=\*\*)|(?<=：)\*\* +|\*\*|^#{1,6} +|`", re.MULTILINE), ""),
    (re.compile(r"\[([^\[\]\n]+)\]\(([^()\s]+)\)"), r"\1 (\2)"),
    (re.compile(r"\\(?=[!-/:-@\[-`{-~])"), ""),
    (re.compile(r"\n{3,}"), "\n\n"),
    (re.compile(r"^ {0,3}[-*_]{3,}\n+", re.MULTILINE), "-- \n"),  # the footer is a signature: replies leave it out
)


def plain(shape: str) -> str:
    """The text part of a shape: the Markdown without the signs that only the HTML part needs."""
    for pattern, instead in _PLAIN:
        shape = pattern.sub(instead, shape)
    return f"{shape.strip()}\n"
