"""Figures as pictures that every mail client shows: cells of tables with a colour, and blocks in plain text."""

import unicodedata
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

Row = Mapping[str, Any]
_TABLE = '<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0"'
_TONES = {"good": "#067647", "bad": "#b42318"}
_BARS = {"good": "#17b26a", "bad": "#f04438", "": "#2e90fa"}
_INK, _SOFT, _TRACK, _LINE = "#1d2939", "#667085", "#eef1f5", "#e4e7ec"
_PLAIN_LABEL = 26  # columns of a label in plain text
_PLAIN_BAR = 16


def rows(figures: Sequence[Row]) -> tuple[str, str]:
    """One line a figure: label, bar, value, change. Text and HTML."""
    wide = min(_PLAIN_LABEL, max((_width(row["label"]) for row in figures), default=0))
    values = max((_width(row["value"]) for row in figures), default=0)
    bars = any(row.get("share") is not None for row in figures)
    plain = "\n".join(_plain_row(row, wide, values, bars=bars) for row in figures)
    return plain, f'{_TABLE} style="margin:0 0 6px">' + "".join(map(_html_row, figures)) + "</table>\n"


def tiles(figures: Sequence[Row]) -> tuple[str, str]:
    """A few figures in large print. Text and HTML."""
    plain = "\n".join(
        f"{_fit(row['label'], _PLAIN_LABEL)}  {row['value']}" + (f"  ({row['change']})" if row.get("change") else "")
        for row in figures
    )
    width = 100 // max(len(figures), 1)
    cells = "".join(
        f'<td class="tile" valign="top" width="{width}%" bgcolor="#f5f7fa" style="background:#f5f7fa;padding:10px 8px;'
        f'border-right:3px solid #ffffff;text-align:center"><div class="label" style="font-size:22px;line-height:28px;'
        f'font-weight:700;color:{_INK}">{escape(row["value"])}</div>'
        f'<div class="soft" style="font-size:12px;line-height:17px;color:{_SOFT}">{escape(row["label"])}</div>'
        f"{_change(row)}</td>"
        for row in figures
    )
    return plain, f'{_TABLE} style="margin:0 0 14px;table-layout:fixed"><tr>{cells}</tr></table>\n'


def _change(row: Row) -> str:
    if not row.get("change"):
        return ""
    colour = _TONES.get(row.get("tone", ""), _SOFT)
    return f'<div style="font-size:12px;line-height:17px;font-weight:600;color:{colour}">{escape(row["change"])}</div>'


def _html_row(row: Row) -> str:
    change = row.get("change", "")
    colour = _TONES.get(row.get("tone", ""), _SOFT)
    said = f' <span style="font-size:12px;font-weight:400;color:{colour}">{escape(change)}</span>' if change else ""
    return (
        f'<tr><td style="padding:5px 0 0;border-top:1px solid {_LINE}">{_TABLE} style="table-layout:fixed"><tr>'
        f'<td class="label" valign="bottom" width="58%" style="font-size:14px;line-height:20px;color:{_INK};'
        f'word-break:break-word;overflow-wrap:anywhere">{escape(row["label"])}</td>'
        f'<td class="label" valign="bottom" align="right" style="font-size:14px;line-height:20px;font-weight:600;'
        f'color:{_INK}">{escape(row["value"])}{said}</td></tr></table>{_bar(row)}</td></tr>'
    )


def _bar(row: Row) -> str:
    share = row.get("share")
    if share is None:
        return '<div style="height:5px;line-height:5px;font-size:1px">&nbsp;</div>'
    full = max(0, min(100, round(100 * share)))
    colour = _BARS.get(row.get("bar", ""), _BARS[""])
    cell = "height:6px;line-height:6px;font-size:1px"
    filled = f'<td width="{full}%" bgcolor="{colour}" style="{cell};background:{colour}">&nbsp;</td>' if full else ""
    rest = (
        f'<td class="track" width="{100 - full}%" bgcolor="{_TRACK}" style="{cell};background:{_TRACK}">&nbsp;</td>'
        if full < 100
        else ""
    )
    return f'{_TABLE} style="margin:2px 0 7px;table-layout:fixed"><tr>{filled}{rest}</tr></table>'


def _plain_row(row: Row, wide: int, values: int, *, bars: bool) -> str:
    share = row.get("share")
    full = 0 if share is None else max(0, min(_PLAIN_BAR, round(_PLAIN_BAR * share)))
    drawn = "█" * full + "·" * (_PLAIN_BAR - full) if share is not None else " " * _PLAIN_BAR
    value = " " * (values - _width(row["value"])) + row["value"]
    parts = [_fit(row["label"], wide), drawn if bars else "", value, row.get("change", "")]
    return "  ".join(filter(None, parts)).rstrip()


def _width(text: str) -> int:
    """Columns on a screen: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def _fit(text: str, wide: int) -> str:
    """The text in exactly so many columns, cut where it is longer."""
    if _width(text) > wide:
        kept = ""
        for c in text:
            if _width(kept + c) > wide - 1:
                break
            kept += c
        text = f"{kept}…"
    return text + " " * max(0, wide - _width(text))
