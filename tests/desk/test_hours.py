"""Business time against tables, and against a slow count of wall-clock minutes."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from maildesk.desk.clocks import hours
from maildesk.desk.clocks.hours import ALWAYS, Calendar, Duration

OFFICE_WEEK = hours.parse_week({"mon-fri": ["09:00-12:00", "13:30-18:00"]})
OFFICE = Calendar(timezone="Asia/Shanghai", week=OFFICE_WEEK)
CHINA = Calendar(timezone="Asia/Shanghai", week=OFFICE_WEEK, country="CN")
BERLIN_NIGHT = Calendar(timezone="Europe/Berlin", week=hours.parse_week({"mon-sun": ["22:00-06:00"]}))
BERLIN_ROUND = Calendar(timezone="Europe/Berlin", week=hours.parse_week({"mon-sun": ["00:00-24:00"]}))
KATHMANDU = Calendar(timezone="Asia/Kathmandu", week=hours.parse_week({"mon-fri": ["09:15-17:45"]}))
CHATHAM = Calendar(
    timezone="Pacific/Chatham", week=hours.parse_week({"mon-fri": ["08:00-24:00"], "sat": ["00:00-04:00"]})
)
LORD_HOWE = Calendar(timezone="Australia/Lord_Howe", week=hours.parse_week({"mon-sun": ["01:00-05:00", "20:00-23:00"]}))
SHORT_SATURDAY = Calendar(week=hours.parse_week({"mon-fri": ["09:00-18:00"], "sat": ["10:00-14:00"]}))
CALENDARS = [
    ALWAYS,
    OFFICE,
    CHINA,
    BERLIN_NIGHT,
    BERLIN_ROUND,
    KATHMANDU,
    CHATHAM,
    LORD_HOWE,
    SHORT_SATURDAY,
]


def local(calendar: Calendar, text: str, fold: int = 0) -> datetime:
    """What clocks show in the calendar's zone, as a moment."""
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(calendar.timezone), fold=fold).astimezone(UTC)


calendars = st.sampled_from(CALENDARS)
moments = st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2026, 12, 1)).map(  # noqa: DTZ001
    lambda at: at.replace(microsecond=0, tzinfo=UTC)
)
changes = st.sampled_from(
    [datetime(2025, 3, 30, 1), datetime(2025, 10, 26, 1), datetime(2025, 4, 5, 14), datetime(2025, 10, 4, 15)]  # noqa: DTZ001
).map(lambda at: at.replace(tzinfo=UTC))
near_changes = st.builds(lambda at, by: at + timedelta(minutes=by), changes, st.integers(-2000, 2000))
any_moment = st.one_of(moments, near_changes)
works = st.integers(0, 60 * 3600).map(lambda seconds: timedelta(seconds=seconds))


class TestDurations:
    @pytest.mark.parametrize(
        ("text", "seconds", "days"),
        [
            ("30m", 1800, 0),
            ("4h", 14400, 0),
            ("1h30m", 5400, 0),
            ("90s", 90, 0),
            ("2d", 0, 2),
            (" 1H 30M ", 5400, 0),
            ("1h5s", 3605, 0),
        ],
    )
    def test_is_read(self, text: str, seconds: int, days: int) -> None:
        assert hours.parse_duration(text) == Duration(seconds=seconds, days=days)

    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("4", "write a unit, 4m for minutes or 4h for hours"),
            ("", "30m, 4h, 1h30m or 2d"),
            ("soon", "30m, 4h, 1h30m or 2d"),
            ("4.5h", "30m, 4h, 1h30m or 2d"),
            ("-4h", "30m, 4h, 1h30m or 2d"),
            ("٤h", "30m, 4h, 1h30m or 2d"),
            ("2d4h", "business days cannot be mixed with hours"),
            ("0h", "longer than nothing"),
            ("9" * 5000, "30m, 4h, 1h30m or 2d"),
        ],
    )
    def test_nonsense_is_refused_with_the_right_form(self, text: str, says: str) -> None:
        with pytest.raises(ValueError, match="(?i)" + says) as refused:
            hours.parse_duration(text)
        assert len(str(refused.value)) < 200

    @settings(deadline=None)
    @given(
        st.one_of(
            st.integers(1, 900_000).map(lambda s: Duration(seconds=s)),
            st.integers(1, 999).map(lambda d: Duration(days=d)),
        )
    )
    def test_what_is_written_is_read_back(self, duration: Duration) -> None:
        assert hours.parse_duration(hours.format_duration(duration)) == duration

    def test_nothing_is_written_as_minutes(self) -> None:
        assert hours.format_duration(Duration()) == "0m"


class TestWeeks:
    def test_ranges_lists_and_single_days(self) -> None:
        week = hours.parse_week({"mon-wed, fri": ["13:00-17:00", "8:00-12:00"], "Sat,Sunday": "10:00-14:00"})
        weekday, weekend = ((480, 720), (780, 1020)), ((600, 840),)
        assert week == (weekday, weekday, weekday, (), weekday, weekend, weekend)

    def test_a_range_may_run_over_the_end_of_the_week(self) -> None:
        assert [bool(spans) for spans in hours.parse_week({"sat-mon": ["10:00-11:00"]})] == [
            True,
            False,
            False,
            False,
            False,
            True,
            True,
        ]

    def test_a_span_past_midnight_ends_on_the_next_day(self) -> None:
        assert hours.parse_week({"mon": ["22:00-06:00"]})[0] == ((1320, 1800),)

    def test_24_00_is_the_end_of_the_day(self) -> None:
        assert hours.parse_week({"mon": ["00:00-24:00"]})[0] == ((0, 1440),)

    def test_full_width_signs_and_a_dash_are_read(self) -> None:
        assert hours.parse_week({"mon": ["０９：００－12:00", "13:00 – 14:00"]})[0] == ((540, 720), (780, 840))

    def test_spans_may_touch(self) -> None:
        assert hours.parse_week({"mon": ["09:00-12:00", "12:00-13:00"]})[0] == ((540, 720), (720, 780))

    @pytest.mark.parametrize(
        ("written", "says"),
        [
            ({"mon": ["09:00-12:00", "11:00-13:00"]}, "hours of mon.* overlap those of mon"),
            ({"mon": ["22:00-06:00"], "tue": ["05:00-09:00"]}, "hours of mon.* overlap those of tue"),
            ({"sun": ["22:00-06:00"], "mon": ["05:00-09:00"]}, "hours of sun.* overlap those of mon"),
            ({"mon-fri": ["09:00-12:00"], "fri": ["09:00-10:00"]}, "fri.* is named twice"),
            ({"someday": ["09:00-12:00"]}, "no weekday; write mon"),
            ({"mon-": ["09:00-12:00"]}, "no weekday"),
            ({"mon": [570]}, 'write it in quotes as "09:00-12:00"'),
            ({"mon": None}, 'write it in quotes as "09:00-12:00"'),
            ({"mon": ["nine to five"]}, "no span of time"),
            ({"mon": ["09:00-25:00"]}, "no clock shows"),
            ({"mon": ["09:75-10:00"]}, "no clock shows"),
            ({"mon": ["24:00-06:00"]}, "no clock shows"),
            ({"mon": ["09:00-09:00"]}, 'a whole day is "00:00-24:00"'),
        ],
    )
    def test_a_mistake_is_named(self, written: dict[str, object], says: str) -> None:
        with pytest.raises(ValueError, match=says):
            hours.parse_week(written)


class TestHoursOfWork:
    @pytest.mark.parametrize(
        ("start", "seconds", "due"),
        [
            ("2026-07-01T09:00", 3 * 3600, "2026-07-01T12:00"),  # a filled morning ends at the closing
            ("2026-07-01T11:00", 2 * 3600, "2026-07-01T14:30"),
            ("2026-07-01T12:30", 60, "2026-07-01T13:31"),
            ("2026-07-03T17:00", 2 * 3600, "2026-07-06T10:00"),
            ("2026-07-04T11:11", 0, "2026-07-06T09:00"),
            ("2026-07-01T18:00", 0, "2026-07-01T18:00"),
            ("2026-07-01T00:00", 7 * 3600 + 1800, "2026-07-01T18:00"),
        ],
    )
    def test_deadline(self, start: str, seconds: int, due: str) -> None:
        assert hours.add(OFFICE, local(OFFICE, start), Duration(seconds=seconds)) == local(OFFICE, due)

    def test_24_hours_a_day_is_plain_addition_also_over_a_change_of_clocks(self) -> None:
        start = datetime(2025, 3, 29, 12, tzinfo=ZoneInfo("Europe/Berlin"))
        assert hours.add(ALWAYS, start, Duration(seconds=86400)) == start.astimezone(UTC) + timedelta(hours=24)
        end = datetime(2025, 3, 30, 12, tzinfo=ZoneInfo("Europe/Berlin"))
        assert hours.between(ALWAYS, start, end) == 23 * 3600
        assert hours.between(BERLIN_ROUND, start, end) == 23 * 3600

    def test_a_night_shift_loses_the_skipped_hour_and_works_the_repeated_one_twice(self) -> None:
        spring, autumn = local(BERLIN_NIGHT, "2025-03-29T22:00"), local(BERLIN_NIGHT, "2025-10-25T22:00")
        assert hours.between(BERLIN_NIGHT, spring, spring + timedelta(hours=12)) == 7 * 3600
        assert hours.between(BERLIN_NIGHT, autumn, autumn + timedelta(hours=12)) == 9 * 3600
        assert hours.add(BERLIN_NIGHT, autumn, Duration(seconds=9 * 3600)) == local(BERLIN_NIGHT, "2025-10-26T06:00")

    def test_spans_that_meet_inside_a_repeated_hour_count_no_second_twice(self) -> None:
        halves = Calendar(timezone="Europe/Berlin", week=hours.parse_week({"mon-sun": ["00:00-02:30", "02:30-06:00"]}))
        start = local(halves, "2025-10-26T00:00")
        assert hours.between(halves, start, local(halves, "2025-10-26T06:00")) == 7 * 3600

    def test_a_day_that_a_zone_skipped_has_no_working_time(self) -> None:
        apia = Calendar(timezone="Pacific/Apia", week=hours.parse_week({"mon-sun": ["09:00-17:00"]}))
        start, end = local(apia, "2011-12-29T17:00"), local(apia, "2011-12-31T09:00")
        assert hours.between(apia, start, end) == 0
        assert hours.add(apia, start, Duration(seconds=60)) == end + timedelta(minutes=1)

    def test_the_night_before_a_holiday_is_worked_to_its_end(self) -> None:
        night = Calendar(week=BERLIN_NIGHT.week, holidays=frozenset({date(2026, 7, 2)}))
        assert hours.between(night, datetime(2026, 7, 2, tzinfo=UTC), datetime(2026, 7, 3, tzinfo=UTC)) == 6 * 3600

    def test_a_makeup_day_after_a_night_shift_counts_no_second_twice(self) -> None:
        week = hours.parse_week({"mon": ["00:00-08:00"], "fri": ["22:00-06:00"]})
        calendar = Calendar(week=week, workdays=frozenset({date(2026, 7, 4)}))
        start = datetime(2026, 7, 3, 22, tzinfo=UTC)
        assert hours.between(calendar, start, start + timedelta(days=1)) == 10 * 3600
        inside = Calendar(
            week=hours.parse_week({"mon": ["00:00-05:00"], "fri": ["22:00-06:00"]}), workdays=calendar.workdays
        )
        assert hours.between(inside, start, start + timedelta(days=1)) == 8 * 3600

    def test_opening_and_closing(self) -> None:
        assert hours.is_open(OFFICE, local(OFFICE, "2026-07-01T09:00"))
        assert not hours.is_open(OFFICE, local(OFFICE, "2026-07-01T12:00"))
        assert hours.is_open(ALWAYS, local(OFFICE, "2026-07-04T03:00"))
        assert hours.next_open(OFFICE, local(OFFICE, "2026-07-01T12:00")) == local(OFFICE, "2026-07-01T13:30")
        assert hours.next_open(OFFICE, local(OFFICE, "2026-07-01T10:00")) == local(OFFICE, "2026-07-01T10:00")
        assert hours.next_open(ALWAYS, local(OFFICE, "2026-07-04T03:00")) == local(OFFICE, "2026-07-04T03:00")

    def test_a_calendar_without_working_time_says_so(self) -> None:
        empty, start = Calendar(), datetime(2026, 7, 1, tzinfo=UTC)
        assert not hours.has_time(empty)
        assert hours.has_time(OFFICE)
        assert hours.has_time(ALWAYS)
        assert not hours.is_open(empty, start)
        assert hours.between(empty, start, start + timedelta(days=30)) == 0
        for work in (Duration(seconds=1), Duration(days=1)):
            with pytest.raises(OverflowError):
                hours.add(empty, start, work)
            with pytest.raises(OverflowError):
                hours.back(empty, start, work)

    def test_more_days_than_ten_years_hold_are_refused(self) -> None:
        with pytest.raises(OverflowError):
            hours.add(OFFICE, datetime(2026, 7, 1, tzinfo=UTC), Duration(days=3000))


class TestBusinessDays:
    @pytest.mark.parametrize(
        ("start", "days", "due"),
        [
            ("2026-07-01T10:20", 2, "2026-07-03T10:20"),
            ("2026-07-02T10:20", 2, "2026-07-06T10:20"),
            ("2026-07-01T20:00", 1, "2026-07-03T09:00"),  # counts from the next opening
            ("2026-07-04T11:00", 1, "2026-07-07T09:00"),
            ("2026-07-01T12:00", 1, "2026-07-02T12:00"),
            ("2026-07-01T18:00", 1, "2026-07-02T18:00"),
        ],
    )
    def test_deadline_at_the_same_time_of_day(self, start: str, days: int, due: str) -> None:
        assert hours.add(OFFICE, local(OFFICE, start), Duration(days=days)) == local(OFFICE, due)

    def test_a_shorter_day_is_over_at_its_closing_and_not_before_its_opening(self) -> None:
        def friday(hour: int) -> datetime:
            return datetime(2026, 7, 3, hour, tzinfo=UTC)

        assert hours.add(SHORT_SATURDAY, friday(16), Duration(days=1)) == datetime(2026, 7, 4, 14, tzinfo=UTC)
        assert hours.add(SHORT_SATURDAY, friday(9), Duration(days=1)) == datetime(2026, 7, 4, 10, tzinfo=UTC)
        monday = datetime(2026, 7, 6, 9, tzinfo=UTC)
        assert hours.back(SHORT_SATURDAY, monday, Duration(days=1)) == datetime(2026, 7, 4, 10, tzinfo=UTC)
        evening = datetime(2026, 7, 6, 18, tzinfo=UTC)
        assert hours.back(SHORT_SATURDAY, evening, Duration(days=1)) == datetime(2026, 7, 4, 14, tzinfo=UTC)

    def test_the_small_hours_belong_to_the_shift_of_the_evening_before(self) -> None:
        week = hours.parse_week({"mon-fri": ["22:00-06:00"]})
        night = Calendar(timezone="Europe/Berlin", week=week)
        assert hours.add(night, local(night, "2026-07-04T03:00"), Duration(days=1)) == local(night, "2026-07-07T03:00")

    def test_round_the_clock_a_day_is_24_hours(self) -> None:
        start = datetime(2026, 7, 1, 3, 4, 5, tzinfo=UTC)
        assert hours.add(ALWAYS, start, Duration(days=2)) == start + timedelta(hours=48)
        assert hours.back(ALWAYS, start, Duration(days=2)) == start - timedelta(hours=48)

    def test_same_time_of_day_over_a_change_of_clocks(self) -> None:
        start = local(BERLIN_ROUND, "2025-10-25T15:00")
        assert hours.add(BERLIN_ROUND, start, Duration(days=1)) == local(BERLIN_ROUND, "2025-10-26T15:00")
        in_gap = local(BERLIN_ROUND, "2025-03-29T02:30")
        assert hours.add(BERLIN_ROUND, in_gap, Duration(days=1)) == local(BERLIN_ROUND, "2025-03-30T03:00")
        second = local(BERLIN_ROUND, "2025-10-26T02:30", fold=1)
        assert hours.add(BERLIN_ROUND, second, Duration(days=1)) == local(BERLIN_ROUND, "2025-10-27T03:00")


class TestHolidays:
    def test_own_holidays_in_a_row_and_a_makeup_day(self) -> None:
        calendar = Calendar(
            timezone="Asia/Shanghai",
            week=OFFICE_WEEK,
            holidays=frozenset(date(2026, 7, day) for day in (1, 2, 3)),
            workdays=frozenset({date(2026, 7, 4), date(2026, 7, 2)}),
        )
        worked = [day for day in range(1, 8) if hours.working_day(calendar, date(2026, 7, day))]
        assert worked == [2, 4, 6, 7]
        assert hours.next_open(calendar, local(calendar, "2026-07-04T00:00")) == local(calendar, "2026-07-04T09:00")

    def test_spring_festival_2026_with_its_makeup_days(self) -> None:
        off = [date(2026, 2, day) for day in range(15, 24)]
        assert not any(hours.working_day(CHINA, day) for day in off)
        assert hours.working_day(CHINA, date(2026, 2, 14))
        assert hours.working_day(CHINA, date(2026, 2, 28))
        due = hours.add(CHINA, local(CHINA, "2026-02-14T17:00"), Duration(seconds=2 * 3600))
        assert due == local(CHINA, "2026-02-24T10:00")

    def test_own_days_go_before_the_countrys(self) -> None:
        calendar = Calendar(
            week=OFFICE_WEEK,
            country="CN",
            holidays=frozenset({date(2026, 2, 14)}),
            workdays=frozenset({date(2026, 2, 16)}),
        )
        assert not hours.working_day(calendar, date(2026, 2, 14))
        assert hours.working_day(calendar, date(2026, 2, 16))

    def test_a_makeup_day_has_the_hours_of_the_first_working_day(self) -> None:
        week = hours.parse_week({"tue-fri": ["08:00-16:00"], "sat": ["10:00-12:00"]})
        calendar = Calendar(week=week, workdays=frozenset({date(2026, 7, 4)}))
        start = datetime(2026, 7, 4, tzinfo=UTC)
        assert hours.between(calendar, start, start + timedelta(days=1)) == 8 * 3600

    def test_a_subdivision_adds_its_own(self) -> None:
        bavaria = Calendar(week=OFFICE_WEEK, country="DE", subdivision="BY")
        berlin = Calendar(week=OFFICE_WEEK, country="DE", subdivision="BE")
        assert [hours.working_day(each, date(2026, 1, 6)) for each in (bavaria, berlin)] == [False, True]

    def test_a_year_is_known_when_it_was_announced(self) -> None:
        assert hours.known_year(CHINA, 2026)
        assert not hours.known_year(CHINA, 2050)
        assert hours.known_year(Calendar(country="DE"), 2050)
        assert not hours.known_year(Calendar(country="DE"), 1800)
        assert hours.known_year(OFFICE, 2050)
        assert hours.known_year(Calendar(country="CN", always=True), 2050)

    @pytest.mark.parametrize(("country", "subdivision"), [("XX", ""), ("DE", "ZZ"), ("China!", "")])
    def test_an_unknown_country_is_named(self, country: str, subdivision: str) -> None:
        calendar = Calendar(week=OFFICE_WEEK, country=country, subdivision=subdivision)
        with pytest.raises(ValueError, match=f"no public holidays are known for {country}"):
            hours.working_day(calendar, date(2026, 1, 6))

    def test_always_works_on_every_day(self) -> None:
        assert hours.working_day(Calendar(always=True, country="CN"), date(2026, 2, 17))


class TestLaws:
    @settings(deadline=None)
    @given(calendars, any_moment, works, works)
    def test_adding_twice_is_adding_the_sum(
        self, calendar: Calendar, at: datetime, one: timedelta, two: timedelta
    ) -> None:
        assert hours.advance(calendar, hours.advance(calendar, at, one), two) == hours.advance(calendar, at, one + two)

    @settings(deadline=None)
    @given(calendars, any_moment, works)
    def test_the_time_until_a_deadline_is_what_was_added(
        self, calendar: Calendar, at: datetime, work: timedelta
    ) -> None:
        assert hours.worked(calendar, at, hours.advance(calendar, at, work)) == work

    @settings(deadline=None)
    @given(calendars, any_moment, st.integers(0, 40 * 86400), st.integers(0, 40 * 86400))
    def test_time_between_adds_up(self, calendar: Calendar, at: datetime, first: int, second: int) -> None:
        middle = at + timedelta(seconds=first)
        end = middle + timedelta(seconds=second)
        parts = hours.between(calendar, at, middle) + hours.between(calendar, middle, end)
        assert parts == hours.between(calendar, at, end)
        assert hours.between(calendar, end, at) == 0 or end == at

    @settings(deadline=None)
    @given(calendars, any_moment, st.integers(0, 200_000), st.integers(0, 100_000), st.integers(0, 6))
    def test_a_later_start_is_never_due_earlier(
        self, calendar: Calendar, at: datetime, later: int, seconds: int, days: int
    ) -> None:
        length = Duration(days=days) if days else Duration(seconds=seconds)
        after = at + timedelta(seconds=later)
        assert hours.add(calendar, at, length) <= hours.add(calendar, after, length)
        assert hours.back(calendar, at, length) <= hours.back(calendar, after, length)

    @settings(deadline=None)
    @given(calendars, any_moment, st.integers(1, 200_000))
    def test_going_back_undoes_adding(self, calendar: Calendar, at: datetime, seconds: int) -> None:
        begin = hours.next_open(calendar, at)
        due = hours.add(calendar, begin, Duration(seconds=seconds))
        assert hours.between(calendar, hours.back(calendar, due, Duration(seconds=seconds)), due) == seconds
        assert hours.back(calendar, due, Duration(seconds=seconds)) <= begin or not hours.between(
            calendar, begin, hours.back(calendar, due, Duration(seconds=seconds))
        )

    @settings(deadline=None)
    @given(calendars, any_moment, st.integers(1, 12))
    def test_a_deadline_in_days_falls_into_working_time(self, calendar: Calendar, at: datetime, days: int) -> None:
        due = hours.add(calendar, at, Duration(days=days))
        just_before, just_after = due - timedelta(seconds=1), due + timedelta(seconds=1)
        assert hours.worked(calendar, just_before, just_after)
        assert due > at

    @settings(max_examples=25, deadline=None)
    @given(st.sampled_from([OFFICE, BERLIN_NIGHT, BERLIN_ROUND, KATHMANDU, CHATHAM]), any_moment)
    def test_it_agrees_with_counting_the_minutes_that_clocks_show(self, calendar: Calendar, at: datetime) -> None:
        begin = at.replace(second=0)
        minutes = range(60 * 30)
        slow = sum(_shown_as_working(calendar, begin + timedelta(minutes=minute)) for minute in minutes)
        assert hours.between(calendar, begin, begin + timedelta(minutes=len(minutes))) == slow * 60


def _shown_as_working(calendar: Calendar, at: datetime) -> bool:
    """Whether a wall clock in the zone shows working time, counted the slow way."""
    shown = at.astimezone(ZoneInfo(calendar.timezone))
    minute = shown.hour * 60 + shown.minute
    today, yesterday = calendar.week[shown.weekday()], calendar.week[(shown.weekday() - 1) % 7]
    return any(start <= minute < end for start, end in today) or any(minute + 1440 < end for _, end in yesterday)


def test_the_two_hours_that_clocks_show_alike_are_kept_apart() -> None:
    zone = ZoneInfo("Europe/Berlin")
    calendar = Calendar(timezone="Europe/Berlin", week=(((0, 1440),),) * 7)
    first, second = (datetime(2026, 10, 25, 2, 30, tzinfo=zone, fold=fold) for fold in (0, 1))
    end = datetime(2026, 10, 25, 12, 0, tzinfo=UTC)
    assert first == second  # to Python, whose zone is the same
    assert hours.worked(calendar, first, end) - hours.worked(calendar, second, end) == timedelta(hours=1)
    hour = Duration(seconds=3600)
    assert hours.add(calendar, second, hour) - hours.add(calendar, first, hour) == timedelta(hours=1)
