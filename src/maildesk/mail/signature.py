"""Signatures: what stands below "-- ", the line a device or a program adds, the footer of a mailing list.

A closing formula goes with the one name below it; thanks, wishes of one's own and telephone numbers stay.
"""

import re
from collections.abc import Sequence

from maildesk.mail.citation import ADDRESS, any_of

_DELIMITER = re.compile(r"--\s?")
_SURE = "-- "  # RFC 3676 section 4.3: everything below is signature
_LINES = 12  # a signature behind "--" without the blank is not longer
_MAILING_LIST = re.compile(r"_{2,80}\s*")
_LIST_NAME = re.compile(r".{0,120}\bmailing list\s*", re.IGNORECASE)
_DASH_NAME = re.compile(r"\s{0,3}[-–—]\s?[^\W\d_a-z][\w.'’]{1,30}(?: [^\W\d_a-z][\w.'’]{0,30}){1,2}\s*")

# NetEase's card: a table of one column.
_CARD_START = re.compile(r"\s*\|\s*\|\s*")
_CARD_END = re.compile(r"[\s|]*签名由.{2,12}定制[\s|]*")
_CARD_LINES = 20

_DEVICE = r"[\w+'’.&()-]{1,30}(?: [\w+'’.&()-]{1,30}){0,5}"
_FOOTERS = any_of(r"""
    sent (?:from|via|using|with) (?:my |an? )?DEVICE / get outlook for DEVICE
    (?:von|gesendet von|diese nachricht wurde von) (?:meinem |outlook für |mail für )?DEVICE
    envoyé (?:de|depuis|à partir de) (?:mon |ma )?DEVICE / (?:télécharger|obtenir) outlook pour DEVICE
    (?:enviado|enviada) (?:desde|do|de|a partir do) (?:mi |meu )?DEVICE / obtener outlook para DEVICE
    inviato da(?:l mio)? DEVICE / (?:verstuurd|verzonden) vanaf (?:mijn )?DEVICE
    skickat från (?:min )?DEVICE / sendt fra (?:min )?DEVICE / lähetetty DEVICE / wysłane z DEVICE
    отправлено (?:с|из) DEVICE / DEVICEから送信 / 나의 DEVICE에서 보냄
    (?:发自|發自|來自|来自|发送自|發送自|傳送自|寄自)\s?(?:我的|于|於)?[\w\s./-]{1,30}
    (?:从|從|由)(?:我的)?\s?[\w .-]{1,20}\s?(?:发送|發送|傳送|寄出) / (?:获取|取得)\s?outlook[\w ]{1,20}
""").replace("DEVICE", _DEVICE)
_FOOTER = re.compile(rf"\s*{_FOOTERS}\s*(?:<?https?://\S{{1,300}}>?|<[^<>]{{1,300}}>)?[.。]?\s*", re.IGNORECASE)
_MACHINE = re.compile(
    any_of(r"""
    phone / pad\b / ipod / android / mobile / tablet / watch / samsung / galaxy / huawei / honor / xiaomi / redmi / oppo
    vivo / nokia / blackberry / htc / sony / pixel / oneplus / wiko / motorola / lenovo / outlook / mail / windows
    yahoo / gmail / qq / foxmail / typeapp / sparrow / spark / acompli / wechat / proton / zoho / smartphone / handy
    téléphone / móvil / 微信 / 手机 / 手機 / 邮箱 / 郵箱 / 钉钉 / 釘釘 / 飞书 / 平板 / 华为 / 小米 / 荣耀 / 三星 / 苹果
"""),
    re.IGNORECASE,
)
_LONGEST_FOOTER = 400
_EMPTY = re.compile(r"(?:&nbsp;|\s)*+")  # QQ writes the entity into plain text
# What Foxmail and QQ put below two or more blank lines: the account's address, above it perhaps a name.
_GAP = 2
_ACCOUNT = re.compile(rf"\s*{ADDRESS.pattern}\s*")
_SHORT_NAME = re.compile(r"\s*[\w·.]{1,12}(?: [\w·.]{1,12}){0,2}\s*")

# Whole lines; "Thanks" and "Cheers" say something, and 此致 敬礼 belongs to the letter.
_FORMULAS = any_of(r"""
    (?:(?:with )?(?:best|kind|kindest|warm|warmest|many) )?regards / br / (?:with )?best wishes / sincerely(?: yours)?
    yours (?:sincerely|faithfully|truly) / respectfully(?: yours)? / mfg / vg / lg / hochachtungsvoll
    (?:mit |viele |beste |liebe )?(?:(?:freundliche|beste|liebe|viele|herzliche|schöne)n? )?gr(?:ü|ue)(?:ß|ss)(?:en?)?
    (?:bien |très )?cordialement / bien à (?:vous|toi) / sincèrement / cdt / amicalement
    (?:(?:mes |avec mes )?(?:meilleures|sincères|cordiales) )?salutations(?: distinguées)?
    (?:un )?(?:cordial(?:es)? )?saludos?(?: cordial(?:es)?)? / (?:muy )?atentamente / atte
    (?:(?:cordiali|distinti) )?saluti / (?:com os )?(?:melhores )?cumprimentos / atenciosamente / att
    (?:met )?(?:vriendelijke|hartelijke) groet(?:en)? / (?:groet|groeten|groetjes) / mvg
    (?:med )?(?:vänliga?|bästa) hälsning(?:ar)? / hälsningar / mvh / vh / (?:ystävällisin|parhain)? ?terveisin
    (?:med )?(?:venlige?|vennlig|bedste|beste|kærlige?|hjertelige?|mange) hilsen(?:er)? / hilsen / kh / dbh
    pozdrawiam(?:y)?(?: serdecznie)? / z powa[żz]aniem / s (?:pozdravem|úctou) / üdvözlettel / tisztelettel
    с уважением / с наилучшими пожеланиями / з повагою / saygılarımla
""")
_FORMULA = re.compile(rf"\s{{0,3}}{_FORMULAS}\s?[,.!;:]{{0,2}}\s*", re.IGNORECASE)
_NAME = re.compile(r"\s{0,3}/?[^\W\d_a-z][\w.'’-]{0,30}(?: [^\W\d_][\w.'’-]{0,30}){0,2}\s*")
_SLASH_NAME = re.compile(r"\s{0,3}/ ?[^\W\d_a-z][\w.'’-]{1,30}(?: [^\W\d_a-z][\w.'’-]{0,30}){0,2}\s*")


def without(lines: Sequence[str]) -> list[str]:
    """The lines without a signature at their end."""
    kept = list(lines[: _sure_start(lines)])
    _drop_footers(kept)
    start = next((n for n in range(len(kept) - 1, -1, -1) if _DELIMITER.fullmatch(kept[n])), len(kept))
    if sum(1 for line in kept[start + 1 :] if line.strip()) <= _LINES:
        del kept[start:]
        _drop_footers(kept)
    del kept[_closing(kept) :]
    return kept


def _sure_start(lines: Sequence[str]) -> int:
    """Where a signature or a mailing list's footer begins for sure; the number of lines when nowhere."""
    for index, line in enumerate(lines):
        below = lines[index + 1] if index + 1 < len(lines) else ""
        if line == _SURE or (_MAILING_LIST.fullmatch(line) and _LIST_NAME.fullmatch(below)):
            return index
    return len(lines)


def _drop_footers(lines: list[str]) -> None:
    """Take off the end what the program or the device wrote by itself."""
    while lines and (_EMPTY.fullmatch(lines[-1]) or _is_footer(lines[-1])):
        lines.pop()
    if lines and _CARD_END.fullmatch(lines[-1]):
        first = max(0, len(lines) - _CARD_LINES)
        start = next((n for n in range(first, len(lines)) if _CARD_START.fullmatch(lines[n])), len(lines) - 1)
        del lines[start:]


def _is_footer(line: str) -> bool:
    """Whether a line is a device's: its words, and a device or program among them ("Sent from my desk" is not)."""
    return len(line) <= _LONGEST_FOOTER and _FOOTER.fullmatch(line) is not None and _MACHINE.search(line) is not None


def _closing(lines: Sequence[str]) -> int:
    """Where the closing formula, or the name that signs, begins; the number of lines when the letter ends in none."""
    filled = [index for index, line in enumerate(lines) if line.strip()][-3:]
    if len(filled) < 2:
        return len(lines)
    *above, before, last = filled
    if _ACCOUNT.fullmatch(lines[last]):
        named = above and before == last - 1 and _SHORT_NAME.fullmatch(lines[before])
        start, end = (before, above[-1]) if named else (last, before)
        return start if start - end > _GAP else len(lines)
    if _FORMULA.fullmatch(lines[last]):
        return last
    if above and _FORMULA.fullmatch(lines[before]) and _NAME.fullmatch(lines[last]):
        return before
    apart = before < last - 1 and not lines[before].rstrip().endswith((":", "："))
    slashed = apart and _SLASH_NAME.fullmatch(lines[last])
    return last if slashed or _ends_in_dash_name(lines[: last + 1]) else len(lines)


def _ends_in_dash_name(lines: Sequence[str]) -> bool:
    """Whether "-Joan Miro" in a paragraph of its own ends a letter, and not a list ("I need:", "-Dell Monitor")."""
    if len(lines) < 3 or not _DASH_NAME.fullmatch(lines[-1]) or lines[-2].strip():
        return False
    above = next((line.rstrip() for line in reversed(lines[:-1]) if line.strip()), "")
    return above.endswith((".", "!", "?", ",")) and not above.lstrip().startswith("-")
