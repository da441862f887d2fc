"""`#maintenance <host> <time>`: alerts of a host open no tickets while somebody works on it."""

import re
from datetime import timedelta

from maildesk.desk.clocks import hours
from maildesk.desk.draft import Draft
from maildesk.desk.staff.command import Acting

_OFF = frozenset({"off", "end", "结束", "取消"})
_LONGEST = timedelta(days=31)
_CHINESE = re.compile(r"^(\d{1,3})\s*个?(天|小时|分钟?)$")
_UNITS = {"天": "d", "小时": "h"}


def maintenance(draft: Draft, argument: str, acting: Acting) -> str:
    """Hosts and, behind them, for how long by the wall clock; `off` ends it."""
    *hosts, length = re.split(r"[\s,，;；、]+", argument.strip())
    if not hosts or not length:
        return acting.say(
            "say which host and for how long: #maintenance db1 2h", "请写明主机和时长，例如：#维护 db1 2小时"
        )
    until = acting.at
    if length.casefold() not in _OFF:
        try:
            found = hours.parse_duration(_CHINESE.sub(lambda m: m[1] + _UNITS.get(m[2], "m"), length))
        except ValueError:
            return acting.say(
                f"{length} is no length of time: write it last, such as 2h", f"“{length}”不是时长，请写在最后，例如 2h"
            )
        until += min(timedelta(days=found.days, seconds=found.seconds), _LONGEST)
    draft.add("maintenance", hosts=hosts[:50], until=until.isoformat())
    return ""
