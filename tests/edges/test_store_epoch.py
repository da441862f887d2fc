"""A folder that gets a new UIDVALIDITY: what is ours stays ours, what never was stays alone (PROTOCOLS 1)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from maildesk.mail.model import RawMail
from maildesk.store import inbound
from maildesk.store.database import Engine, reading, transaction

FIRST = datetime(2026, 11, 9, 1, 0, tzinfo=UTC)


def raw(uid: int, *, validity: int = 1, at: datetime = FIRST, historic: bool = False, text: str = "") -> RawMail:
    body = f"Subject: {text or uid}\r\n\r\n{text or uid}\r\n".encode()
    return RawMail(
        account="main",
        folder="INBOX",
        uidvalidity=validity,
        uid=str(uid),
        arrived=at,
        size=len(body),
        data=body,
        historic=historic,
    )


def test_mail_that_lay_there_before_the_first_contact_makes_no_tickets_after_a_new_epoch(engine: Engine) -> None:
    with transaction(engine) as c:
        inbound.begin(c, "main", "INBOX", 1, 100)
        inbound.read_to_end(c, "main", "INBOX", FIRST)
        inbound.keep(c, [raw(101, at=FIRST + timedelta(hours=1), text="ours")], 101)
    ancient = [raw(n, validity=2, at=FIRST - timedelta(days=n), historic=True) for n in range(1, 6)]
    ours = raw(6, validity=2, at=FIRST + timedelta(hours=1), historic=True, text="ours")
    missed = raw(7, validity=2, at=FIRST + timedelta(hours=2), historic=True, text="missed")
    with transaction(engine) as c:
        claimed = inbound.claim(c, 10)
    assert [w.uid for w in claimed] == ["101"]
    with transaction(engine) as c:
        inbound.keep(c, [*ancient, ours, missed], 0)
        inbound.begin(c, "main", "INBOX", 2, 7)
        inbound.read_to_end(c, "main", "INBOX", FIRST + timedelta(hours=3))
    with reading(engine) as c:
        assert inbound.backlog(c) == {"main": 2}  # ours, re-mapped, and the one that was missed
        assert [inbound.find(c, n)[0].reason for n in (2, 6)] == [
            "it lay in the mailbox before the desk first read it"
        ] * 2
        assert inbound.find(c, 1)[0].uid == "6"


def test_the_first_reading_is_remembered_and_not_moved(engine: Engine) -> None:
    with transaction(engine) as c:
        inbound.begin(c, "main", "INBOX", 1, 0)
        assert inbound.polled(c, "main", "INBOX") is None
        inbound.read_to_end(c, "main", "INBOX", FIRST)
        inbound.read_to_end(c, "main", "INBOX", FIRST + timedelta(days=2))
        assert inbound.polled(c, "main", "INBOX") == FIRST + timedelta(days=2)
        old = replace(raw(1, validity=2, historic=True), arrived=FIRST + timedelta(days=1))
        inbound.keep(c, [old], 0)
        assert inbound.backlog(c) == {"main": 1}
