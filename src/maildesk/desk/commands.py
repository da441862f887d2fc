"""What staff can do: one row a command, in Chinese and English. Mails and the command line use the same rows."""

import difflib
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from maildesk.desk import hours, ladder_orders, lifecycle, sla, until
from maildesk.desk.draft import Draft
from maildesk.desk.model import Status
from maildesk.desk.policy import Person, Policy
from maildesk.mail.ids import fold_address


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One command as written: its canonical word and what stood behind it."""

    word: str
    argument: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """Who gives an order, about what text, when."""

    actor: str
    person: Person | None
    text: str
    internal: bool  # the text is a note: nothing of it goes to the requester
    policy: Policy
    at: datetime
    language: str = "en"  # in which he hears what is wrong

    def say(self, english: str, chinese: str) -> str:
        """A sentence in his language."""
        return chinese if self.language == "zh" else english


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A row of the table. `run` adds events and returns what is wrong, "" when nothing is."""

    words: tuple[str, ...]
    run: Callable[[Draft, str, Acting], str]
    text: Literal["requester", "note"] = "requester"  # where the mail's own text goes
    glued: bool = False  # a Chinese word may run on into its argument
    remark: bool = False  # takes no argument: what stands behind it is kept as a note

    @property
    def chinese(self) -> str:
        """Its name in Chinese."""
        return next(word for word in self.words if not word.isascii())


STATUS_ZH: Mapping[Status, str] = {
    "new": "新建",
    "assigned": "已分派",
    "in progress": "处理中",
    "pending": "挂起",
    "resolved": "已解决",
    "closed": "已关闭",
}


def _blocked(draft: Draft, change: str, acting: Acting) -> str:
    if lifecycle.allows(draft.ticket, change):
        return ""
    status = draft.ticket.status
    return acting.say(f"the ticket is {status}: reopen it first", f"工单的状态是“{STATUS_ZH[status]}”，请先 #重开")


def _take(draft: Draft, argument: str, acting: Acting) -> str:
    if acting.person is None:
        return acting.say("only a member of the staff can take a ticket", "只有支持人员可以接单")
    blocked = _blocked(draft, "taken", acting)
    if not blocked:
        draft.add("taken", assignee=acting.person.key)
    return blocked


def _assign(draft: Draft, argument: str, acting: Acting) -> str:
    if not argument:
        return acting.say("say to whom: #assign <person or group>", "请写明转给谁：#转派 <人或组>")
    blocked = _blocked(draft, "assigned", acting)
    if blocked:
        return blocked
    policy = acting.policy
    name, _ = new_owner(argument, policy)
    person = find_person(name, policy)
    group = find_group(name, policy)
    if person is not None:
        draft.add("assigned", assignee=person.key)
    elif group:
        draft.add("dispatched", group=group, why=f"assigned by {acting.actor}")
    else:
        close = nearest(name, [*policy.people, *policy.groups], acting.language)
        return acting.say(f"there is no person or group {name}{close}", f"没有叫“{name}”的人或组{close}")
    return ""


_TO = re.compile(r"^(?:to\s+|给|至|到)\s*", re.IGNORECASE)
_BETWEEN = " \t\u3000,，;；:：.。、"


def new_owner(argument: str, policy: Policy) -> tuple[str, str]:
    """The person or group that an argument begins with, as written, and the words behind it.

    The longest name that is known wins, since names have blanks too; without any the whole is the name.
    """
    bare = _TO.sub("", argument)
    ends = [match.start() for match in re.finditer(r"(?<=\S)(?=[\s,，;；:：。、])", bare)]
    for end in (len(bare), *reversed(ends)):
        name = bare[:end]
        if find_person(name, policy) or find_group(name, policy):
            return name, bare[end:].strip(_BETWEEN)
    return bare, ""


def find_group(wanted: str, policy: Policy) -> str:
    """The key of a group, in any letter case; "" when there is none."""
    return next((key for key in policy.groups if fold_address(key) == fold_address(wanted)), "")


def find_person(wanted: str, policy: Policy) -> Person | None:
    """A member of the staff by key, name or address, in any letter case."""
    folded = fold_address(wanted)
    for person in policy.people.values():
        if folded in {fold_address(person.key), fold_address(person.name), *map(fold_address, person.addresses)}:
            return person
    return None


def _escalate(draft: Draft, argument: str, acting: Acting) -> str:
    """To the group that has more skill; what stands behind it goes along."""
    blocked = _blocked(draft, "dispatched", acting)
    if blocked:
        return blocked
    group = acting.policy.groups.get(draft.ticket.group)
    above = group.escalates_to if group else ""
    if not above:
        english = "the ticket's group escalates to no other: say to whom with #assign"
        return acting.say(english, "本组没有上级支持组，请用 #转派 写明转给谁")
    draft.add("dispatched", group=above, why=f"escalated by {acting.actor}")
    return ""


def _note(draft: Draft, argument: str, acting: Acting) -> str:
    if not argument and not acting.text:
        return acting.say("a note needs words", "备注需要写内容")
    return ""


def _pending(draft: Draft, argument: str, acting: Acting) -> str:
    blocked = _blocked(draft, "pending", acting)
    if blocked:
        return blocked
    policy, person = acting.policy, acting.person
    target = sla.target_of(draft.ticket, policy)
    calendar = policy.calendars[target.calendar] if target else hours.ALWAYS
    zone = (person.timezone if person else "") or policy.timezone
    try:
        end, reason = until.read(argument, calendar, zone, acting.at)
    except until.UnreadableError as error:
        return acting.say(error.english, error.chinese)
    draft.add("pending", reason=reason or "requester", until=end.isoformat() if end else None)
    return ""


def _resume(draft: Draft, argument: str, acting: Acting) -> str:
    if draft.ticket.status != "pending":
        status = draft.ticket.status
        return acting.say(f"the ticket is not pending but {status}", f"工单没有挂起，状态是“{STATUS_ZH[status]}”")
    draft.add("resumed", why=f"by {acting.actor}")
    return ""


def _resolve(draft: Draft, argument: str, acting: Acting) -> str:
    blocked = _blocked(draft, "resolved", acting)
    if not blocked:
        text = "\n\n".join(filter(None, (argument, "" if acting.internal else acting.text)))
        draft.add("resolved", text=text, told_requester=bool(text))
    return blocked


def _close(draft: Draft, argument: str, acting: Acting) -> str:
    if not lifecycle.allows(draft.ticket, "closed"):
        return acting.say("the ticket is closed already", "工单已经关闭")
    draft.add("closed", why="by staff", by=acting.actor)
    return ""


def _reopen(draft: Draft, argument: str, acting: Acting) -> str:
    if not lifecycle.allows(draft.ticket, "reopened"):
        status = draft.ticket.status
        return acting.say(f"the ticket is open: {status}", f"工单没有关闭，状态是“{STATUS_ZH[status]}”")
    draft.add("reopened", why=argument or f"by {acting.actor}")
    return ""


def _priority(draft: Draft, argument: str, acting: Acting) -> str:
    wanted = unicodedata.normalize("NFKC", argument).strip().upper()
    wanted = f"P{wanted}" if wanted.isdigit() else wanted
    if wanted not in ("P1", "P2", "P3", "P4"):
        given = argument or acting.say("nothing", "（空）")
        return acting.say(f"{given} is no priority: P1, P2, P3 or P4", f"{given} 不是优先级：P1、P2、P3 或 P4")
    if draft.ticket.status == "closed":
        return acting.say("the ticket is closed: reopen it first", "工单已关闭，请先 #重开")
    draft.add("prioritised", priority=wanted, priority_by=acting.actor)
    return ""


def _ack(draft: Draft, argument: str, acting: Acting) -> str:
    return _said(ladder_orders.see(draft), acting)


def _extend(draft: Draft, argument: str, acting: Acting) -> str:
    return _said(ladder_orders.extend(draft, argument, acting.policy), acting)


def _stop(draft: Draft, argument: str, acting: Acting) -> str:
    return _said(ladder_orders.stop(draft), acting)


def _said(wrong: ladder_orders.Wrong | None, acting: Acting) -> str:
    return acting.say(*wrong) if wrong else ""


def _field(name: str, chinese: str) -> Callable[[Draft, str, Acting], str]:
    """A command that fills a field of the ticket."""

    def fill(draft: Draft, argument: str, acting: Acting) -> str:
        if not argument:
            return acting.say(f"say what: #{name} ...", f"请写明内容：#{chinese} ……")
        draft.add("filled", fields={name: argument})
        return ""

    return fill


COMMANDS: Mapping[str, Command] = {
    "take": Command(words=("take", "accept", "接单", "认领"), run=_take, remark=True),
    "assign": Command(words=("assign", "转派", "指派"), run=_assign, text="note", glued=True),
    "escalate": Command(words=("escalate", "升级"), run=_escalate, text="note"),
    "note": Command(words=("note", "备注", "内部"), run=_note, text="note", glued=True),
    "pending": Command(words=("pending", "wait", "挂起"), run=_pending, glued=True),
    "resume": Command(words=("resume", "恢复"), run=_resume, remark=True),
    "resolve": Command(words=("resolve", "resolved", "已解决", "解决"), run=_resolve),
    "close": Command(words=("close", "关闭"), run=_close, remark=True),
    "reopen": Command(words=("reopen", "重开"), run=_reopen),
    "priority": Command(words=("priority", "prio", "优先级"), run=_priority, glued=True),
    "ack": Command(words=("ack", "seen", "知悉", "已阅"), run=_ack, remark=True),
    "extend": Command(words=("extend", "延期"), run=_extend, text="note", glued=True),
    "stop": Command(words=("stop", "停止升级"), run=_stop, remark=True),
    "cause": Command(words=("cause", "原因"), run=_field("cause", "原因")),
    "solution": Command(words=("solution", "方案"), run=_field("solution", "方案")),
}
WORDS: Mapping[str, str] = {word: key for key, command in COMMANDS.items() for word in command.words}


def nearest(word: str, known: Mapping[str, object] | list[str], language: str = "en") -> str:
    """`; did you mean X?` when something is close, else what there is."""
    folded = word.casefold()
    close = [one for one in known if not one.isascii() and folded.startswith(one)]
    close += difflib.get_close_matches(folded, list(known), n=1, cutoff=0.6)
    if language == "zh":
        return f"；是不是 {close[0]}？" if close else f"；可用的有：{'、'.join(list(known)[:20])}"
    return f"; did you mean {close[0]}?" if close else f"; there is {', '.join(list(known)[:20])}"


def run(draft: Draft, orders: tuple[Order, ...], acting: Acting) -> tuple[str, ...]:
    """Carry out orders in order. What is wrong comes back; then the caller drops the draft: all or nothing."""
    errors = []
    for order in orders:
        error = COMMANDS[order.word].run(draft, order.argument, acting)
        if error:
            word = COMMANDS[order.word].chinese if acting.language == "zh" else order.word
            errors.append(acting.say(f"#{word}: {error}", f"#{word}：{error}"))
    return tuple(errors)


def text_goes(orders: tuple[Order, ...]) -> Literal["requester", "note"]:
    """Where the text of a mail with these commands goes. In doubt inside: a leak cannot be taken back."""
    return "note" if any(COMMANDS[o.word].text == "note" for o in orders) else "requester"
