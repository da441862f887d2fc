"""Wall-clock times of a zone as moments in UTC, also on the days on which clocks change."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo


def moment(zone: ZoneInfo, day: date, wall: timedelta, *, last: bool = False) -> datetime:
    """The moment at which clocks in `zone` show `wall` after the midnight that begins `day`.

    A time that is skipped is the moment of the jump. One that comes twice is the first, with `last` the second.
    """
    local = datetime.combine(day, time()) + wall
    found = local.replace(tzinfo=zone, fold=int(last)).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == local:
        return found
    before, after = (local.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (1, 0))
    return _jump(zone, before, after)


def wall_time(zone: ZoneInfo, at: datetime, day: date) -> timedelta:
    """What clocks in `zone` show at `at`, counted from the midnight that begins `day`.

    It never runs backwards: through the second pass of a repeated hour it stays at that hour's end.
    """
    local = at.astimezone(zone)
    shown = local.replace(tzinfo=None) - datetime.combine(day, time())
    if not local.fold:
        return shown
    old, new = local.replace(fold=0).astimezone(UTC), local.astimezone(UTC)
    jump = _jump(zone, old, new)
    return shown + (jump - old)


def _jump(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """The second from which on the offset is that of `after`."""
    low, high = int(before.timestamp()), int(after.timestamp())
    offset = after.astimezone(zone).utcoffset()
    while high - low > 1:
        middle = (low + high) // 2
        if datetime.fromtimestamp(middle, zone).utcoffset() == offset:
            high = middle
        else:
            low = middle
    return datetime.fromtimestamp(high, UTC)
