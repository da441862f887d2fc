"""maildesk as score.py of the corpora calls it. Thin: what is measured is what runs."""

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime
from typing import Any

from maildesk.desk.clocks import hours, sla
from maildesk.desk.model import Pause, Ticket
from maildesk.desk.policy import Policy, Target
from maildesk.mail import quoting, subject, threads
from maildesk.mail.model import Address, BouncedRecipient
from maildesk.mail.parse import parse as read


def parse(raw: bytes) -> dict[str, Any]:
    """What a mail says, in the words of the contract."""
    mail = read(raw)
    return {
        "subject": mail.subject,
        "from_addr": mail.sender.address if mail.sender else "",
        "from_name": mail.sender.name if mail.sender else "",
        "to": [address.address for address in mail.to],
        "cc": [address.address for address in mail.cc],
        "date": int(mail.date.timestamp()) if mail.date else None,
        "message_id": next(mail.values("message-id"), ""),
        "text": mail.plain or None,
        "html": mail.html or None,
        "attachments": [
            {"filename": file.filename, "data": file.data, "content_type": file.content_type}
            for file in mail.attachments
        ],
    }


def reply(text: str) -> str:
    """What the sender wrote, of a plain text."""
    return quoting.new_text(text)


def reply_html(html: str) -> str:
    """What the sender wrote, of HTML."""
    return quoting.new_text_html(html)


def bounce(raw: bytes) -> list[dict[str, Any]] | None:
    """The recipients of a delivery report, None when the mail is none."""
    report = read(raw).bounce
    if report is None:
        return None
    return [{"recipient": one.address, "status": one.status, "permanent": _permanent(one)} for one in report.recipients]


def _permanent(recipient: BouncedRecipient) -> bool | None:
    if recipient.action in {"failed", "delayed"}:
        return recipient.action == "failed"
    return {"5": True, "4": False}.get(recipient.status[:1])


def automatic(raw: bytes) -> bool:
    """Whether the mail must never be acknowledged."""
    mail = read(raw)
    return mail.origin.kind != "human" or mail.bounce is not None


def base_subject(value: str) -> str:
    """The base subject of RFC 5256, with the marks of all languages."""
    return subject.thread_base(value)


def thread(mails: list[bytes]) -> list[list[int]]:
    """The mails that belong together, counted from 1."""
    return [[place + 1 for place in places] for places in threads.threads([read(raw) for raw in mails])]


def ticket_refs(value: str, tag: str) -> list[int]:
    """The numbers in a tag of the given form: `[<anything >#N]` or `[desk.example #N]`."""
    name = tag.strip("[]").rpartition("#")[0].strip()
    return list(subject.tracker_numbers(value, "" if name.startswith("<") else name))


def working_time(case: dict[str, Any]) -> str | int:
    """A deadline as YYYY-MM-DDTHH:MM:SSZ, or seconds of working time."""
    calendar = _calendar(case["calendar"], int(case["start"][:4]))
    start, length = datetime.fromisoformat(case["start"]), hours.Duration(seconds=case.get("seconds", 0))
    if case["op"] == "between":
        return hours.between(calendar, start, datetime.fromisoformat(case["end"]))
    if case["op"] == "add":
        return _zulu(hours.add(calendar, start, length))
    if case["op"] == "sub":
        return _zulu(hours.back(calendar, start, length))
    clock = _clock(case, calendar, start, length)
    return _zulu(clock.due_at) if case["op"] == "sla_due" else clock.elapsed_seconds


def _clock(case: dict[str, Any], calendar: hours.Calendar, start: datetime, length: hours.Duration) -> sla.Clock:
    """The clock of a ticket with the case's pauses; seen at the case's end, else when its last pause is over."""
    spans = [tuple(map(datetime.fromisoformat, span)) for span in case.get("pauses", [])]
    pauses = [Pause(start=begin, end=end) for begin, end in spans]
    if case.get("open_pause_from"):
        pauses.append(Pause(start=datetime.fromisoformat(case["open_pause_from"])))
    over = max((pause.end or pause.start for pause in pauses), default=start)
    now = datetime.fromisoformat(case["end"]) if "end" in case else over
    ticket = Ticket(number=1, opened_at=start, requester=Address(address="a@corp.example"), pauses=tuple(pauses))
    target = Target(calendar="hours", response=length, resolution=length)
    policy = Policy(
        address="it@corp.example",
        owner="ops@corp.example",
        calendars={"hours": calendar},
        sla={ticket.priority: target},
    )
    return sla.clocks(ticket, policy, now)[1]


def _calendar(case: dict[str, Any], year: int) -> hours.Calendar:
    yearly = (f"{each}-{day}" for each in range(year - 2, year + 10) for day in case["yearly"])
    return hours.Calendar(
        timezone=case["tz"],
        week=hours.parse_week({day: [f"{begin}-{end}" for begin, end in spans] for day, spans in case["week"].items()}),
        holidays=frozenset(_dates((*case["dates"], *yearly))),
    )


def _dates(texts: Iterable[str]) -> Iterator[date]:
    """Those that exist: 29 February does not every year."""
    for text in texts:
        with suppress(ValueError):
            yield date.fromisoformat(text)


def _zulu(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def workday(country: str, day: str) -> bool:
    """Whether a country works on a day, with Saturday and Sunday free."""
    week = hours.parse_week({"mon-fri": ["09:00-18:00"]})
    return hours.working_day(hours.Calendar(week=week, country=country), date.fromisoformat(day))
