"""Days and times as people write them: 2026-10-08 14:00, 周五 10:00, 明早9点, 月底, tomorrow 9am, Dec 24."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_B = r"[ \t\u3000\xa0]*"
_FULL = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})[日号]?(?![\d])")
_SHORT = re.compile(
    r"(\d{1,2})(?:[-/](\d{1,2})(?![\w.%/-])(?!\s*(?:(?:days?|hours?|weeks?|h|d)(?![a-z])|天|个|小时|次))|月(\d{1,2})[日号]?)"
)
_DAYS = {
    **dict.fromkeys(("today", "tonight", "今天", "今日", "今晚", "今早"), 0),
    **dict.fromkeys(("tomorrow", "明天", "明日", "明晚", "明早"), 1),
    **dict.fromkeys(("the day after tomorrow", "后天", "後天"), 2),
    "大后天": 3,
}
_NAMED = re.compile(rf"(?:{'|'.join(sorted(_DAYS, key=len, reverse=True))})(?![a-z])", re.I)
_ENGLISH = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAY = re.compile(
    rf"(?:on{_B})?(?P<next>next{_B}|this{_B})?(?P<day>mon|tue|wed|thu|fri|sat|sun)(?:day|sday|nesday|rsday|urday|s|rs?)?\.?(?![a-z])"
    rf"|(?P<far>下+|本|这|這)?(?:个|個)?(?:周|週|星期|礼拜|禮拜)(?P<tag>[一二三四五六日天])",
    re.IGNORECASE,
)
_MONTH_NAMES = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = rf"(?:{'|'.join(_MONTH_NAMES)})[a-z]{{0,6}}\.?"
_TH = r"(?:st|nd|rd|th)?(?![\w:.])"
_WRITTEN = re.compile(
    rf"(?:on{_B})?(?:(?P<month>{_MONTH}){_B}(?P<day>\d{{1,2}}){_TH}"
    rf"|(?:the{_B})?(?P<first>\d{{1,2}}){_TH}{_B}(?:of{_B})?(?P<later>{_MONTH})(?![a-z]))",
    re.IGNORECASE,
)
_IN_MONTH = re.compile(
    rf"(?:(?P<next>下个?月)|本月|这个?月)?{_B}(?P<day>\d{{1,2}})(?:号|號|日)(?!内)|(?:on{_B})?the{_B}(?P<th>\d{{1,2}})(?:st|nd|rd|th)(?![a-z])",
    re.IGNORECASE,
)
_SPAN = re.compile(
    rf"(?:the{_B})?(?P<end>end{_B}of{_B}(?:the{_B}|this{_B})?)?(?P<next>next{_B}|下一?个?|下)?(?:the{_B}|this{_B}|本|这个?)?"
    r"(?:(?P<month>month|月)|(?P<year>year|年)|(?P<week>week|周|星期|礼拜))(?P<last>[底末])?(?![a-z一二三四五六日天\d])",
    re.IGNORECASE,
)
_PART = r"(?P<part>凌晨|早上|早晨|上午|中午|下午|傍晚|晚上|夜里|晚)"
_CLOCK = re.compile(
    rf"[ ,，T]{{0,2}}(?:at{_B}|的{_B})?(?:{_PART}{_B})?"
    rf"(?:(?P<hour>\d{{1,2}})(?:{_B}(?:[:：.](?P<minute>\d{{2}}))?{_B}(?P<half>[ap]\.?m\.?)(?![a-z])|[:：](?P<minutes>\d{{2}})(?![\d:：])"
    rf"|{_B}[点點时時](?P<spoken>半|\d{{1,2}}分?)?整?)|at{_B}(?P<bare>\d{{1,2}})(?![\w:：.%])|(?P<noon>noon|midday|中午)(?![a-z]))",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"初|之前|以前|前(?!天)")  # 月初, 月底前
_NOON = _MONTHS = 12
_PARTS_ALONE = re.compile(
    rf"{_B}(?:in{_B}the{_B})?(?P<part>一?大?早上?|早晨|上午|中午|下午|傍晚|下班[前后]?|晚上|晚|(?:morning|afternoon|evening|eod)(?![a-z]))[前后]?",
    re.IGNORECASE,
)
_USUAL = {"早": 9, "上午": 9, "中午": 12, "下午": 14, "傍晚": 18, "下班": 18, "晚": 20} | {
    "morning": 9,
    "afternoon": 14,
    "evening": 18,
    "eod": 18,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A moment, how many characters it was written with, and whether a time was among them."""

    at: datetime
    length: int
    timed: bool


def read(text: str, zone: str, now: datetime) -> Read | None:
    """The moment that a text begins with, on the clock of a zone; a day alone begins at midnight. None without one.

    A time without a day is the next one. Raises ValueError for a day or a time that does not exist.
    """
    where = ZoneInfo(zone)
    today = now.astimezone(where).date()
    found = day(text, today)
    if found is None:
        return _next(text, today, where, now)
    first, length = found
    if behind := _ABOUT.match(text, length):
        length = behind.end()
    evening = text[length - 1] == "晚" or text[:length].casefold() == "tonight"
    clock = _CLOCK.match(text, length)
    if clock is not None:
        moment = datetime.combine(first, _time(clock, evening=evening), tzinfo=where)
        return Read(at=moment.astimezone(UTC), length=clock.end(), timed=True)
    part = _PARTS_ALONE.match(text, length)
    early = 9 if text[length - 1] == "早" else 0
    usual = _usual(part["part"]) if part else 20 if evening else early
    moment = datetime.combine(first, time(usual), tzinfo=where)
    return Read(at=moment.astimezone(UTC), length=part.end() if part else length, timed=bool(usual))


def day(text: str, today: date) -> tuple[date, int] | None:
    """The day that a text begins with, and its length. A day without a year is the next of its kind."""
    if match := _FULL.match(text):
        return date(*map(int, match.groups())), match.end()
    if (match := _SHORT.match(text)) and int(match[1]) <= _MONTHS:
        month, number = int(match[1]), int(match[2] or match[3])
        this = date(today.year, month, number) if (month, number) != (2, 29) else _leap(today.year)
        return (this if this >= today else _later(this)), match.end()
    if found := _written(text, today) or _span(text, today):
        return found
    if match := _NAMED.match(text):
        return today + timedelta(days=_DAYS[match[0].casefold()]), match.end()
    if match := _WEEKDAY.match(text):
        return _weekday(match, today), match.end()
    return None


def _written(text: str, today: date) -> tuple[date, int] | None:
    """Dec 24, 24 December, the 25th, 25号, 下月3日."""
    if match := _WRITTEN.match(text):
        name = (match["month"] or match["later"])[:3].casefold()
        month, number = _MONTH_NAMES.index(name) + 1, int(match["day"] or match["first"])
        this = date(today.year, month, number) if (month, number) != (2, 29) else _leap(today.year)
        return (this if this >= today else _later(this)), match.end()
    if match := _IN_MONTH.match(text):
        number, first = int(match["day"] or match["th"]), today.replace(day=1)
        return (first if not match["next"] and number >= today.day else _next_month(first)).replace(
            day=number
        ), match.end()
    return None


def _span(text: str, today: date) -> tuple[date, int] | None:
    """The last day of a month or year, the first of the next one, the Saturday of a week, the Monday of the next."""
    match = _SPAN.match(text)
    if match is None:
        return None
    last, coming = bool(match["end"] or match["last"]), bool(match["next"])
    if not last and not coming:
        return None
    if match["week"]:
        monday = today - timedelta(days=today.weekday()) + timedelta(weeks=coming)
        return (
            monday + timedelta(days=5) if match["last"] else monday + timedelta(days=4) if last else monday
        ), match.end()
    first = today.replace(day=1) if match["month"] else date(today.year, 1, 1)
    after = _next_month if match["month"] else _next_year
    begins = after(first) if coming else first
    return (after(begins) - timedelta(days=1) if last else begins), match.end()


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)


def _next_year(first: date) -> date:
    return first.replace(year=first.year + 1)


def _usual(part: str) -> int:
    """The hour that a part of the day begins with."""
    return next((hour for name, hour in _USUAL.items() if name in part.casefold()), 0)


def _leap(year: int) -> date:
    return next(date(y, 2, 29) for y in range(year, year + 9) if y % 4 == 0 and (y % 100 or y % 400 == 0))


def _later(this: date) -> date:
    return _leap(this.year + 1) if (this.month, this.day) == (2, 29) else this.replace(year=this.year + 1)


def _weekday(match: re.Match[str], today: date) -> date:
    """Friday is the next one from tomorrow on, 周五 that of this week or, when it has passed, of the next;
    next Friday and 下周五 are those of the week after, 下下周五 a week later still."""
    if match["tag"]:
        wanted, weeks = "一二三四五六日天".index(match["tag"]) % 7 if match["tag"] != "天" else 6, 0
        weeks = (match["far"] or "").count("下")
        fixed = bool(match["far"])
    else:
        wanted = _ENGLISH.index(match["day"].casefold())
        said = (match["next"] or "").strip().casefold()
        weeks, fixed = int(said == "next"), bool(said)
    monday = today - timedelta(days=today.weekday())
    that = monday + timedelta(days=wanted, weeks=weeks)
    return that if fixed or that > today else that + timedelta(weeks=1)


def _next(text: str, today: date, where: ZoneInfo, now: datetime) -> Read | None:
    """A time of today, or of tomorrow when it has passed."""
    clock = _CLOCK.match(text)
    if clock is None:
        return None
    at = datetime.combine(today, _time(clock), tzinfo=where)
    if at <= now:
        at = datetime.combine(today + timedelta(days=1), _time(clock), tzinfo=where)
    return Read(at=at.astimezone(UTC), length=clock.end(), timed=True)


def _time(clock: re.Match[str], *, evening: bool = False) -> time:
    """A time on a 24-hour clock, 12am and 下午3点 included."""
    if clock["noon"]:
        return time(_NOON)
    hour, spoken = int(clock["hour"] or clock["bare"]), clock["spoken"] or ""
    minute = 30 if spoken == "半" else int(clock["minute"] or clock["minutes"] or spoken.rstrip("分") or 0)
    half, part = (clock["half"] or "").casefold()[:1], clock["part"] or ""
    if half and not 1 <= hour <= _NOON:
        raise ValueError(f"{hour}{half}m")
    later = half == "p" or evening or part in ("下午", "傍晚", "晚上", "晚") or (part == "中午" and hour < 6)
    if later and hour < _NOON:
        hour += _NOON
    elif hour == _NOON and (half == "a" or part == "凌晨"):
        hour = 0
    return time(hour, minute)
