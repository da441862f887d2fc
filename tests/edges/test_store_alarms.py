"""Alarms are told once, and once more when it is well again."""

from fixtures.store_samples import NOW, later
from maildesk.store import alarms
from maildesk.store.alarms import Alarm
from maildesk.store.database import Engine, transaction


def test_an_alarm_is_new_once_and_keeps_its_beginning(engine: Engine) -> None:
    with transaction(engine) as c:
        assert alarms.raise_(c, "mailbox:main", "no connection", NOW)
        assert not alarms.raise_(c, "mailbox:main", "登录被拒 \0", later(hours=1))
        assert alarms.standing(c) == [Alarm(name="mailbox:main", since=NOW, reason="登录被拒 ")]


def test_a_cleared_alarm_tells_since_when_it_stood_and_can_be_raised_again(engine: Engine) -> None:
    with transaction(engine) as c:
        assert alarms.clear(c, "disk") is None
        alarms.raise_(c, "disk", "full", NOW)
        alarms.raise_(c, "relay", "refuses", later(minutes=-1))
        assert [alarm.name for alarm in alarms.standing(c)] == ["relay", "disk"]
        assert alarms.clear(c, "disk") == NOW
        assert alarms.clear(c, "disk") is None
        assert alarms.raise_(c, "disk", "full", later(hours=1))
