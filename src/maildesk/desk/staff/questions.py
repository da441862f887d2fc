"""What the staff ask by mail: #list, #show, #find, #history, #why, #report, #help. One mail answers all of a mail."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from maildesk.desk import lifecycle, notices, priority
from maildesk.desk.clocks import sla
from maildesk.desk.draft import Draft
from maildesk.desk.model import Facts, LeaveWord, Notice, Ticket
from maildesk.desk.people import directory, leaving
from maildesk.desk.policy import Person, Policy
from maildesk.desk.staff import history, merging, usage
from maildesk.desk.staff.command import Acting, Order

MOST = 60  # lines of one answer
_LONGEST = 1_500  # characters of one message
Section = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who asks, from what he may be answered."""

    facts: Facts
    person: Person
    own: Ticket | None
    policy: Policy
    now: datetime
    language: str

    def say(self, english: str, chinese: str) -> str:
        """A sentence in his language."""
        return chinese if self.language == "zh" else english


def run(draft: Draft, argument: str, acting: Acting) -> str:
    """A question changes nothing: the row of the table needs something to run."""
    return acting.say("it is a question: ask it by mail", "这是查询，请用邮件发送")


def answers(
    facts: Facts, person: Person, own: Ticket | None, asked: Sequence[Order], policy: Policy, now: datetime
) -> tuple[Notice, ...]:
    """One mail that answers all the questions of a mail."""
    if not asked:
        return ()
    language = directory.recipient(person, policy).language
    asking = Asking(facts=facts, person=person, own=own, policy=policy, now=now, language=language)
    sections = [_ANSWERS[order.word](order, asking) for order in asked]
    titles = dict.fromkeys(section["title"] for section in sections)
    values = {"title": ", ".join(titles) if language == "en" else "、".join(titles), "sections": sections}
    return notices.to_writer("answer-to-staff", own, facts, person, policy, values)


def section(kind: str, title: str, **values: Any) -> Section:
    """A part of an answer; what it does not say is blank."""
    blank = {"rows": [], "count": 0, "left_off": 0, "text": "", "facts": [], "tickets": []}
    return {"kind": kind, "title": title, **blank, **values}


def row(ticket: Ticket, policy: Policy, now: datetime) -> dict[str, Any]:
    """What a list says of a ticket, with its next deadline."""
    running = [clock for clock in sla.clocks(ticket, policy, now) if sla.ticks(clock)]
    clock = min(running, key=lambda one: one.due_at, default=None)
    owner = policy.people.get(ticket.assignee)
    left = (clock.due_at - now) // timedelta(seconds=1) if clock else 0
    return {
        "number": ticket.number,
        "reference": f"{policy.reference}-{ticket.number}",
        "subject": ticket.subject,
        "priority": ticket.priority,
        "status": "held" if ticket.held else ticket.status,
        "owner": owner.name if owner else "",
        "group": ticket.group,
        "requester": directory.called(ticket.requester, policy),
        "clock": clock.kind if clock else "",
        "due_at": clock.due_at if clock else None,
        "overdue": max(0, -left),
        "remaining": max(0, left),
    }


def by_breach(tickets: Iterable[Ticket], policy: Policy, now: datetime) -> list[dict[str, Any]]:
    """The lines of some tickets, the one that runs out first on top, those without a clock at the end."""
    far = now + timedelta(days=36_500)
    rows = [row(ticket, policy, now) for ticket in tickets]
    return sorted(rows, key=lambda one: (one["due_at"] or far, one["priority"], one["number"]))


def table(title: str, tickets: Iterable[Ticket], policy: Policy, now: datetime) -> Section:
    """A list of tickets as a part of an answer."""
    rows = by_breach(tickets, policy, now)
    return section("list", title, rows=rows[:MOST], count=len(rows), left_off=max(0, len(rows) - MOST))


_LISTS: Mapping[str, str] = {
    **dict.fromkeys(("", "mine", "my", "me", "我的", "我"), "mine"),
    **dict.fromkeys(("group", "our", "ours", "team", "本组", "我们组", "组"), "group"),
    **dict.fromkeys(("overdue", "late", "breached", "逾期", "超时"), "overdue"),
    **dict.fromkeys(("unassigned", "untaken", "open", "未分派", "未接单", "无人接单"), "unassigned"),
    **dict.fromkeys(("held", "spam", "扣住", "垃圾", "垃圾邮件"), "held"),
}
_TITLES: Mapping[str, tuple[str, str]] = {
    "mine": ("your tickets", "您的工单"),
    "group": ("your groups' tickets", "本组的工单"),
    "overdue": ("overdue tickets", "已超时的工单"),
    "unassigned": ("tickets nobody has taken", "无人接单的工单"),
    "held": ("held tickets", "扣住的工单"),
}


def title(kind: str, language: str) -> str:
    """What a list is called."""
    return _TITLES[kind][language == "zh"]


def my_groups(person: Person, policy: Policy) -> frozenset[str]:
    """The groups that somebody works in, or leads."""
    return frozenset(key for key, group in policy.groups.items() if person.key in (*group.members, group.lead))


def is_overdue(ticket: Ticket, policy: Policy, now: datetime) -> bool:
    """Whether a clock that still runs has run out."""
    return any(sla.ticks(clock) and clock.due_at <= now for clock in sla.clocks(ticket, policy, now))


def _list(order: Order, asking: Asking) -> Section:
    kind = _LISTS.get(order.argument.casefold().strip())
    if kind is None:
        english = f"there is no list {order.argument}: mine, group, overdue, unassigned, held"
        chinese = f"没有“{order.argument}”这种列表：我的、本组、逾期、未分派、扣住"
        return section("error", asking.say("list", "列表"), text=asking.say(english, chinese))
    policy, now, groups = asking.policy, asking.now, my_groups(asking.person, asking.policy)
    fits: Mapping[str, Callable[[Ticket], bool]] = {
        "mine": lambda t: t.assignee == asking.person.key,
        "group": lambda t: t.group in groups,
        "overdue": lambda t: is_overdue(t, policy, now),
        "unassigned": lambda t: not t.assignee,
        "held": lambda t: bool(t.held),
    }
    chosen = [t for t in asking.facts.lookup.board if (kind == "held") == bool(t.held) and fits[kind](t)]
    return table(title(kind, asking.language), chosen, policy, now)


def _find(order: Order, asking: Asking) -> Section:
    if not order.argument:
        return section(
            "error", asking.say("find", "查找"), text=asking.say("say what: #find vpn", "请写明找什么：#查找 VPN")
        )
    found = asking.facts.lookup.found.get(order.argument, ())
    title = asking.say(f"tickets with {order.argument}", f"含“{order.argument}”的工单")
    rows = [row(ticket, asking.policy, asking.now) for ticket in found]
    return section("list", title, rows=rows, count=len(rows))


def _subject_of(order: Order, asking: Asking) -> Ticket | str:
    """The ticket that a question is about, or what is wrong."""
    tickets, prefix = asking.facts.tickets, asking.policy.reference
    digits = order.argument.rpartition("-")[2].strip("#＃ ")
    number = order.ticket or (int(digits) if digits.isascii() and digits.isdigit() else 0)
    if number in tickets:
        return merging.final(tickets[number], tickets)
    if number:
        return asking.say(f"there is no ticket {prefix}-{number}", f"没有工单 {prefix}-{number}")
    if asking.own is not None:
        return asking.own
    return asking.say(f"say which ticket: #{order.word} 1042", "请写明哪张工单，例如 #查看 1042")


def _about(
    order: Order, asking: Asking, names: tuple[str, str], tell: Callable[[Ticket, Asking], dict[str, Any]]
) -> Section:
    ticket = _subject_of(order, asking)
    if isinstance(ticket, str):
        return section("error", asking.say(*names), text=ticket)
    return section(order.word, f"{asking.policy.reference}-{ticket.number}", **tell(ticket, asking))


def _show(ticket: Ticket, asking: Asking) -> dict[str, Any]:
    messages = asking.facts.lookup.conversations.get(ticket.number, ())
    talk = [
        {
            "at": message.at,
            "by": directory.called(message.sender, asking.policy),
            "internal": message.internal,
            "text": message.text[:_LONGEST],
            "files": [file.filename for file in message.attachments],
        }
        for message in messages[-MOST:]
    ]
    facts = [{"name": name, "value": value} for name, value in ticket.fields.items()]
    head = [row(ticket, asking.policy, asking.now)]
    return {"tickets": head, "rows": talk, "facts": facts, "count": len(messages)}


def _history(ticket: Ticket, asking: Asking) -> dict[str, Any]:
    journal = asking.facts.lookup.journals.get(ticket.number, ())
    lines = [history.line(event, asking.policy, asking.language) for event in journal]
    return {"rows": lines[-MOST:], "count": len(lines), "left_off": max(0, len(lines) - MOST)}


def _why(ticket: Ticket, asking: Asking) -> dict[str, Any]:
    journal = asking.facts.lookup.journals.get(ticket.number, ())
    reasons = history.reasons(journal, asking.policy, asking.language)
    text = priority.sentence(ticket, "zh" if asking.language == "zh" else "en")
    return {"rows": reasons, "text": text}


def _report(order: Order, asking: Asking) -> Section:
    board, policy, now = asking.facts.lookup.board, asking.policy, asking.now
    open_ = [t for t in board if t.status in lifecycle.OPEN and not t.held]
    people = Counter(t.assignee for t in open_ if t.assignee)
    facts = [
        {"name": "open", "value": len(open_)},
        {"name": "unassigned", "value": sum(not t.assignee for t in open_)},
        {"name": "overdue", "value": sum(is_overdue(t, policy, now) for t in open_)},
        {"name": "pending", "value": sum(t.status == "pending" for t in open_)},
        {"name": "held", "value": sum(bool(t.held) for t in board)},
    ]
    loads = [{"owner": policy.people[key].name, "count": n} for key, n in people.most_common() if key in policy.people]
    return section("report", asking.say("the desk now", "服务台现状"), facts=facts, rows=loads)


def _leave(order: Order, asking: Asking) -> Section:
    word = leave_word(order, asking.facts, asking.person, asking.policy)
    what = word if isinstance(word, tuple) else leaving.said(word, asking.person, asking.policy)
    return section("error", asking.say("leave", "请假"), text=asking.say(*what))


def leave_word(order: Order, facts: Facts, person: Person, policy: Policy) -> LeaveWord | tuple[str, str]:
    """What somebody says of his leave, or what is wrong with it."""
    return leaving.read(order.argument, person, policy, facts.arrived, f"inbound:{facts.inbound}")


def _help(order: Order, asking: Asking) -> Section:
    return section("help", asking.say("commands", "命令"), rows=usage.lines(asking.language))


_ANSWERS: Mapping[str, Callable[[Order, Asking], Section]] = {
    "list": _list,
    "find": _find,
    "show": lambda order, asking: _about(order, asking, ("show", "查看"), _show),
    "history": lambda order, asking: _about(order, asking, ("history", "历史"), _history),
    "why": lambda order, asking: _about(order, asking, ("why", "为什么"), _why),
    "report": _report,
    "leave": _leave,
    "help": _help,
}
