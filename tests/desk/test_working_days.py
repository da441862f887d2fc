"""Working days in China, 2007 to 2026, against a table of the yearly notices of the State Council.

The table was taken from the package chinese_calendar, which is kept apart from the library that the calendars use.
"""

from datetime import date, timedelta

import pytest

from maildesk.desk.clocks import hours
from maildesk.desk.clocks.hours import Calendar

CHINA = Calendar(timezone="Asia/Shanghai", week=hours.parse_week({"mon-fri": "09:00-18:00"}), country="CN")
# Month and day: days of a weekend that are worked, and days of the week that are off.
MAKE_UP = {
    2007: "0217 0225 0428 0429 0929 0930 1229",
    2008: "0202 0203 0504 0927 0928",
    2009: "0104 0124 0201 0531 0927 1010",
    2010: "0220 0221 0612 0613 0919 0925 0926 1009",
    2011: "0130 0212 0402 1008 1009 1231",
    2012: "0121 0129 0331 0401 0428 0929",
    2013: "0105 0106 0216 0217 0407 0427 0428 0608 0609 0922 0929 1012",
    2014: "0126 0208 0504 0928 1011",
    2015: "0104 0215 0228 0906 1010",
    2016: "0206 0214 0612 0918 1008 1009",
    2017: "0122 0204 0401 0527 0930",
    2018: "0211 0224 0408 0428 0929 0930 1229",
    2019: "0202 0203 0428 0505 0929 1012",
    2020: "0119 0426 0509 0628 0927 1010",
    2021: "0207 0220 0425 0508 0918 0926 1009",
    2022: "0129 0130 0402 0424 0507 1008 1009",
    2023: "0128 0129 0423 0506 0625 1007 1008",
    2024: "0204 0218 0407 0428 0511 0914 0929 1012",
    2025: "0126 0208 0427 0928 1011",
    2026: "0104 0214 0228 0509 0920 1010",
}
OFF = {
    2007: "0101 0102 0103 0219 0220 0221 0222 0223 0501 0502 0503 0504 0507 1001 1002 1003 1004 1005 1231",
    2008: "0101 0206 0207 0208 0211 0212 0404 0501 0502 0609 0915 0929 0930 1001 1002 1003",
    2009: "0101 0102 0126 0127 0128 0129 0130 0406 0501 0528 0529 1001 1002 1005 1006 1007 1008",
    2010: "0101 0215 0216 0217 0218 0219 0405 0503 0614 0615 0616 0922 0923 0924 1001 1004 1005 1006 1007",
    2011: "0103 0202 0203 0204 0207 0208 0404 0405 0502 0606 0912 1003 1004 1005 1006 1007",
    2012: "0102 0103 0123 0124 0125 0126 0127 0402 0403 0404 0430 0501 0622 1001 1002 1003 1004 1005",
    2013: (
        "0101 0102 0103 0211 0212 0213 0214 0215 0404 0405 0429 0430 0501 0610 0611 0612 0919 0920 1001 "
        "1002 1003 1004 1007"
    ),
    2014: "0101 0131 0203 0204 0205 0206 0407 0501 0502 0602 0908 1001 1002 1003 1006 1007",
    2015: "0101 0102 0218 0219 0220 0223 0224 0406 0501 0622 0903 0904 1001 1002 1005 1006 1007",
    2016: "0101 0208 0209 0210 0211 0212 0404 0502 0609 0610 0915 0916 1003 1004 1005 1006 1007",
    2017: "0102 0127 0130 0131 0201 0202 0403 0404 0501 0529 0530 1002 1003 1004 1005 1006",
    2018: "0101 0215 0216 0219 0220 0221 0405 0406 0430 0501 0618 0924 1001 1002 1003 1004 1005 1231",
    2019: "0101 0204 0205 0206 0207 0208 0405 0501 0502 0503 0607 0913 1001 1002 1003 1004 1007",
    2020: "0101 0124 0127 0128 0129 0130 0131 0406 0501 0504 0505 0625 0626 1001 1002 1005 1006 1007 1008",
    2021: "0101 0211 0212 0215 0216 0217 0405 0503 0504 0505 0614 0920 0921 1001 1004 1005 1006 1007",
    2022: "0103 0131 0201 0202 0203 0204 0404 0405 0502 0503 0504 0603 0912 1003 1004 1005 1006 1007",
    2023: "0102 0123 0124 0125 0126 0127 0405 0501 0502 0503 0622 0623 0929 1002 1003 1004 1005 1006",
    2024: "0101 0212 0213 0214 0215 0216 0404 0405 0501 0502 0503 0610 0916 0917 1001 1002 1003 1004 1007",
    2025: "0101 0128 0129 0130 0131 0203 0204 0404 0501 0502 0505 0602 1001 1002 1003 1006 1007 1008",
    2026: "0101 0102 0216 0217 0218 0219 0220 0223 0406 0501 0504 0505 0619 0925 1001 1002 1005 1006 1007",
}


@pytest.mark.parametrize("year", range(2007, 2027))
def test_every_day_of_a_year_is_worked_or_off_as_announced(year: int) -> None:
    days = [
        date(year, 1, 1) + timedelta(days=number) for number in range((date(year + 1, 1, 1) - date(year, 1, 1)).days)
    ]
    make_up, off = MAKE_UP[year].split(), OFF[year].split()
    announced = [f"{day:%m%d}" in make_up if day.weekday() > 4 else f"{day:%m%d}" not in off for day in days]
    wrong = [f"{day}" for day, worked in zip(days, announced, strict=True) if hours.working_day(CHINA, day) != worked]
    assert wrong == []


def test_a_make_up_saturday_has_the_hours_of_a_monday() -> None:
    assert hours.spans_of(CHINA, date(2026, 10, 10)) == hours.spans_of(CHINA, date(2026, 10, 12)) == ((540, 1080),)


@pytest.mark.parametrize(
    ("country", "subdivision", "day", "worked"),
    [
        ("DE", "BY", date(2026, 1, 6), False),  # Epiphany, in Bavaria only
        ("DE", "BE", date(2026, 1, 6), True),
        ("DE", "", date(2026, 10, 3), False),
        ("US", "", date(2026, 11, 26), False),
        ("CH", "ZH", date(2026, 5, 1), False),
        ("CH", "BE", date(2026, 5, 1), True),
        ("GB", "SCT", date(2026, 1, 2), False),
        ("GB", "ENG", date(2026, 1, 2), True),
    ],
)
def test_a_part_of_a_country_has_holidays_of_its_own(country: str, subdivision: str, day: date, worked: bool) -> None:
    calendar = Calendar(week=hours.parse_week({"mon-sun": "09:00-17:00"}), country=country, subdivision=subdivision)
    assert hours.working_day(calendar, day) == worked
