"""What staff can do by mail: one row a command, Chinese and English alike. The command line uses the same rows."""

import difflib
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Literal
from zoneinfo import ZoneInfo

from maildesk.desk import hours, lifecycle
from maildesk.desk.draft import Draft
from maildesk.desk.policy import Person, Policy
from maildesk.mail.ids import fold_address


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One command as written: its canonical word and what stood behind it."""

    word: str
    argument: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """The commands of a mail, the text that is left, and the lines that look like commands but are none."""

    orders: tuple[Order, ...] = ()
    text: str = ""
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """Who gives an order, about what text, when."""

    actor: str
    person: Person | None
    text: str
    policy: Policy
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A row of the table. `run` adds events and returns what is wrong, "" when nothing is."""

    words: tuple[str, ...]
    usage: str
    run: Callable[[Draft, str, Acting], str]
    text: Literal["requester", "note"] = "requester"  # where the mail's own text goes


def _blocked(draft: Draft, change: str) -> str:
    if lifecycle.allows(draft.ticket, change):
        return ""
    return (
        f"the ticket is {draft.ticket.status}: reopen it first"
        if draft.ticket.status in lifecycle.DONE
        else (f"the ticket is {draft.ticket.status}")
    )


def _take(draft: Draft, argument: str, acting: Acting) -> str:
    if acting.person is None:
        return "only a member of the staff can take a ticket"
    blocked = _blocked(draft, "taken")
    if not blocked:
        draft.add("taken", assignee=acting.person.key)
    return blocked


def _assign(draft: Draft, argument: str, acting: Acting) -> str:
    if not argument:
        return "say to whom: #assign <person or group>"
    blocked = _blocked(draft, "assigned")
    if blocked:
        return blocked
    policy = acting.policy
    person = find_person(argument, policy)
    if person is not None:
        draft.add("assigned", assignee=person.key)
        return ""
    wanted = fold_address(argument)
    group = next((key for key in policy.groups if fold_address(key) == wanted), None)
    if group is None:
        return f"there is no person or group {argument}{nearest(argument, [*policy.people, *policy.groups])}"
    draft.add("dispatched", group=group, why=f"assigned by {acting.actor}")
    return ""


def find_person(wanted: str, policy: Policy) -> Person | None:
    """A member of the staff by key, name or address, in any letter case."""
    folded = fold_address(wanted)
    for person in policy.people.values():
        if folded in {fold_address(person.key), fold_address(person.name), *map(fold_address, person.addresses)}:
            return person
    return None


def _note(draft: Draft, argument: str, acting: Acting) -> str:
    if not argument and not acting.text:
        return "a note needs words"
    return ""


_UNTIL = re.compile(r"^(?:until|till|to|到|至|直到)\s*", re.IGNORECASE)
_DATE = re.compile(r"^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]+(\d{1,2}):(\d{2}))?(?=$|\s|[,，;；])")


def _pending(draft: Draft, argument: str, acting: Acting) -> str:
    blocked = _blocked(draft, "pending")
    if blocked:
        return blocked
    try:
        until, reason = read_until(argument, draft, acting)
    except ValueError as error:
        return str(error)
    if until is not None and until <= acting.at:
        return f"{argument} lies in the past"
    draft.add("pending", reason=reason or "requester", until=until.isoformat() if until else None)
    return ""


def read_until(argument: str, draft: Draft, acting: Acting) -> tuple[datetime | None, str]:
    """A leading date or business duration, and the reason behind it. Raises ValueError for a date that is none."""
    bare = _UNTIL.sub("", argument)
    policy = acting.policy
    zone = ZoneInfo((acting.person.timezone if acting.person else "") or policy.timezone)
    match = _DATE.match(bare)
    if match:
        year, month, day, hour, minute = (int(g) if g else 0 for g in match.groups())
        try:
            local = datetime.combine(datetime(year, month, day, tzinfo=zone).date(), time(hour, minute), tzinfo=zone)
        except ValueError:
            raise ValueError(f"{match.group(0)} is no date") from None
        return local.astimezone(UTC), bare[match.end() :].strip(" ,，;；")
    first, _, rest = bare.partition(" ")
    try:
        duration = hours.parse_duration(first)
    except ValueError:
        if bare != argument:
            raise ValueError(
                f"{bare.split(' ')[0]} is no date (2026-10-08, 2026-10-08 14:00) and no duration"
            ) from None
        return None, argument
    target = policy.sla.get(draft.ticket.priority)
    calendar = policy.calendars[target.calendar] if target else hours.ALWAYS
    return hours.add(calendar, acting.at, duration), rest.strip()


def _resume(draft: Draft, argument: str, acting: Acting) -> str:
    if draft.ticket.status != "pending":
        return f"the ticket is not pending but {draft.ticket.status}"
    draft.add("resumed", why=f"by {acting.actor}")
    return ""


def _resolve(draft: Draft, argument: str, acting: Acting) -> str:
    blocked = _blocked(draft, "resolved")
    if not blocked:
        text = "\n\n".join(filter(None, (argument, acting.text)))
        draft.add("resolved", text=text, told_requester=bool(text))
    return blocked


def _close(draft: Draft, argument: str, acting: Acting) -> str:
    if not lifecycle.allows(draft.ticket, "closed"):
        return "the ticket is closed already"
    draft.add("closed", why="by staff", by=acting.actor)
    return ""


def _reopen(draft: Draft, argument: str, acting: Acting) -> str:
    if not lifecycle.allows(draft.ticket, "reopened"):
        return f"the ticket is open: {draft.ticket.status}"
    draft.add("reopened", why=argument or f"by {acting.actor}")
    return ""


def _priority(draft: Draft, argument: str, acting: Acting) -> str:
    wanted = unicodedata.normalize("NFKC", argument).strip().upper()
    wanted = f"P{wanted}" if wanted.isdigit() else wanted
    if wanted not in ("P1", "P2", "P3", "P4"):
        return f"{argument or 'nothing'} is no priority: P1, P2, P3 or P4"
    if draft.ticket.status == "closed":
        return "the ticket is closed: reopen it first"
    draft.add("prioritised", priority=wanted, priority_by=acting.actor)
    return ""


COMMANDS: Mapping[str, Command] = {
    "take": Command(words=("take", "accept", "接单", "认领"), usage="#take", run=_take),
    "assign": Command(words=("assign", "转派", "指派"), usage="#assign <person or group>", run=_assign, text="note"),
    "note": Command(words=("note", "备注", "内部"), usage="#note <text>", run=_note, text="note"),
    "pending": Command(words=("pending", "wait", "挂起"), usage="#pending [date or duration] [reason]", run=_pending),
    "resume": Command(words=("resume", "恢复"), usage="#resume", run=_resume),
    "resolve": Command(words=("resolve", "resolved", "解决", "已解决"), usage="#resolve [solution]", run=_resolve),
    "close": Command(words=("close", "关闭"), usage="#close", run=_close),
    "reopen": Command(words=("reopen", "重开"), usage="#reopen", run=_reopen),
    "priority": Command(words=("priority", "prio", "优先级"), usage="#priority P1-P4", run=_priority),
}
_BY_WORD = {word: key for key, command in COMMANDS.items() for word in command.words}
_LINE = re.compile(r"^[#＃][ \t\u3000]*([^\W\d_][\w-]*)[ \t\u3000]*[:：]?[ \t\u3000]*(.*)$")
_SPACED = re.compile(r"^[#＃][ \t\u3000]")


def read(text: str) -> Orders:
    """The commands in a mail's new text: whole lines in its first or last block (FORMATS, What counts)."""
    lines = text.strip().splitlines()
    orders: list[Order] = []
    errors: list[str] = []
    left: list[str] = []
    for line, near in zip(lines, _near_an_end(lines), strict=True):
        order, error = _read_line(line) if near else (None, "")
        if order is not None:
            orders.append(order)
        elif error:
            errors.append(error)
        else:
            left.append(line)
    return Orders(orders=tuple(orders), text="\n".join(left).strip(), errors=tuple(errors))


def _near_an_end(lines: list[str]) -> list[bool]:
    """For each line, whether it stands in the first or the last block; blocks are parted by blank lines."""
    blocks, number = [], 0
    for line in lines:
        number += not line.strip()
        blocks.append(number)
    return [bool(line.strip()) and block in (0, number) for line, block in zip(lines, blocks, strict=True)]


def _read_line(line: str) -> tuple[Order | None, str]:
    match = _LINE.match(line.strip())
    if match is None:
        return None, ""
    word, argument = match.group(1), match.group(2).strip()
    key = _BY_WORD.get(word.casefold())
    if key is None and not word.isascii():
        key, argument = _glued(word, argument)
    if key is not None:
        return Order(word=key, argument=argument), ""
    if _SPACED.match(line.strip()):
        return None, ""  # "# heading": somebody's list, no command
    return None, f"#{word} is no command{nearest(word, _BY_WORD)}"


def _glued(word: str, argument: str) -> tuple[str | None, str]:
    """Chinese is written without blanks: 转派李雷 is 转派 with 李雷."""
    for known in sorted((w for w in _BY_WORD if not w.isascii()), key=len, reverse=True):
        if word.startswith(known):
            return _BY_WORD[known], f"{word[len(known) :]} {argument}".strip()
    return None, argument


def nearest(word: str, known: Mapping[str, object] | list[str]) -> str:
    """`; did you mean X?` when something is close, else what there is."""
    close = difflib.get_close_matches(word.casefold(), list(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]}?" if close else f"; there is {', '.join(list(known)[:20])}"


def run(draft: Draft, orders: tuple[Order, ...], acting: Acting) -> tuple[str, ...]:
    """Carry out orders in order. What is wrong comes back; then the caller drops the draft: all or nothing."""
    errors = []
    for order in orders:
        error = COMMANDS[order.word].run(draft, order.argument, acting)
        if error:
            errors.append(f"#{order.word}: {error}")
    return tuple(errors)


def text_goes(orders: tuple[Order, ...]) -> Literal["requester", "note"]:
    """Where the text of a mail with these commands goes. In doubt inside: a leak cannot be taken back."""
    return "note" if any(COMMANDS[o.word].text == "note" for o in orders) else "requester"
