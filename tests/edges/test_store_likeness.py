"""The index of likeness on both databases."""

from datetime import timedelta

from fixtures.store_samples import NOW, later, opening
from maildesk.desk.knowledge.similarity import profile
from maildesk.store import likeness, tickets
from maildesk.store.database import Connection, Engine, reading, transaction
from maildesk.store.likeness import Entry


def keep(c: Connection, number: int, text: str, *, minutes: float = 0) -> None:
    tickets.save(c, opening(number), next_check=None)
    moment = later(minutes=minutes)
    entry = Entry(ticket=number, at=moment, requester="a@b", service="", department="", profile=profile(text))
    likeness.keep(c, entry)


def test_like_tickets_are_found_the_most_alike_first(engine: Engine) -> None:
    with transaction(engine) as c:
        for number, text in enumerate(("打印机卡纸", "VPN 连不上", "VPN cannot connect", "工资条"), 1001):
            keep(c, number, text)
    with reading(engine) as c:
        found = likeness.look(c, profile("vpn 连不上了"), since=NOW)
        assert {entry.ticket for entry, like in found.near if like.score > 0.5} == {1002, 1003}
        read = {entry.ticket: entry.profile for entry, _ in found.near}
        assert read[1002] == profile("VPN 连不上")
        assert not likeness.look(c, profile("vpn 连不上了"), since=NOW + timedelta(seconds=1)).near


def test_a_gram_that_many_hold_tells_less(engine: Engine) -> None:
    with transaction(engine) as c:
        for number in range(1001, 1031):
            keep(c, number, "VPN 连不上")
    with reading(engine) as c:
        rarity = likeness.look(c, profile("VPN 打印机"), since=NOW).weighed.rarity
    assert rarity["打印"] > 1.5 * rarity["vpn"]


def test_recent_tickets_are_compared_whatever_they_say(engine: Engine) -> None:
    with transaction(engine) as c:
        keep(c, 1001, "打印机卡纸", minutes=1)
        keep(c, 1002, "VPN 连不上", minutes=2)
    with reading(engine) as c:
        found = likeness.look(c, profile("VPN 连不上"), since=NOW, recent=(later(minutes=1), 5))
    assert [entry.ticket for entry, _ in found.near] == [1002, 1001]


def test_the_tickets_of_a_surge(engine: Engine) -> None:
    with transaction(engine) as c:
        for number in (1001, 1002, 1003):
            keep(c, number, "VPN 连不上")
        likeness.surged(c, [1003, 1001], 1003)
        likeness.surged(c, [], 1002)
    with reading(engine) as c:
        assert likeness.members(c, 1003) == [1001, 1003]
        assert likeness.members(c, 1002) == []
