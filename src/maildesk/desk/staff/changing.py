"""What the commands do to one ticket: each adds events and returns what is wrong, "" when nothing is."""

import unicodedata
from collections.abc import Callable

from maildesk.desk import lifecycle
from maildesk.desk import priority as ranks
from maildesk.desk.clocks import hours, sla, until
from maildesk.desk.draft import Draft
from maildesk.desk.knowledge import major
from maildesk.desk.people import owners
from maildesk.desk.staff import ladder_orders, undoing, untying
from maildesk.desk.staff.command import STATUS_ZH, Acting, blocked, nearest

_CALLED = {**ranks.NAMES["en"], **ranks.NAMES["zh"], "urgent": "P1"}


def take(draft: Draft, argument: str, acting: Acting) -> str:
    if acting.person is None:
        return acting.say("only a member of the staff can take a ticket", "只有支持人员可以接单")
    wrong = blocked(draft, "taken", acting)
    if not wrong:
        draft.add("taken", assignee=acting.person.key)
    return wrong


def assign(draft: Draft, argument: str, acting: Acting) -> str:
    if not argument:
        return acting.say("say to whom: #assign <person or group>", "请写明转给谁：#转派 <人或组>")
    wrong = blocked(draft, "assigned", acting)
    if wrong:
        return wrong
    policy = acting.policy
    name, _ = owners.new_owner(argument, policy)
    person = owners.find_person(name, policy)
    group = owners.find_group(name, policy)
    if person is not None:
        draft.add("assigned", assignee=person.key)
    elif group:
        draft.add("dispatched", group=group, why=f"assigned by {acting.actor}")
    else:
        close = nearest(name, [*policy.people, *policy.groups], acting.language)
        return acting.say(f"there is no person or group {name}{close}", f"没有叫“{name}”的人或组{close}")
    return ""


def escalate(draft: Draft, argument: str, acting: Acting) -> str:
    """To the group that has more skill; what stands behind it goes along."""
    wrong = blocked(draft, "dispatched", acting)
    if wrong:
        return wrong
    group = acting.policy.groups.get(draft.ticket.group)
    above = group.escalates_to if group else ""
    if not above:
        english = "the ticket's group escalates to no other: say to whom with #assign"
        return acting.say(english, "本组没有上级支持组，请用 #转派 写明转给谁")
    draft.add("dispatched", group=above, why=f"escalated by {acting.actor}")
    return ""


def note(draft: Draft, argument: str, acting: Acting) -> str:
    if not argument and not acting.text:
        return acting.say("a note needs words", "备注需要写内容")
    return ""


def pending(draft: Draft, argument: str, acting: Acting) -> str:
    wrong = blocked(draft, "pending", acting)
    if wrong:
        return wrong
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


def resume(draft: Draft, argument: str, acting: Acting) -> str:
    if draft.ticket.major and draft.ticket.status != "pending":
        return major.all_clear(draft, argument, acting)  # #恢复 says both
    if draft.ticket.status != "pending":
        status = draft.ticket.status
        return acting.say(f"the ticket is not pending but {status}", f"工单没有挂起，状态是“{STATUS_ZH[status]}”")
    draft.add("resumed", why=f"by {acting.actor}")
    return ""


def resolve(draft: Draft, argument: str, acting: Acting) -> str:
    wrong = blocked(draft, "resolved", acting)
    if not wrong:
        text = "\n\n".join(filter(None, (argument, "" if acting.internal else acting.text)))
        draft.add("resolved", text=text, told_requester=bool(text))
    return wrong


def close(draft: Draft, argument: str, acting: Acting) -> str:
    if not lifecycle.allows(draft.ticket, "closed"):
        return acting.say("the ticket is closed already", "工单已经关闭")
    draft.add("closed", why="by staff", by=acting.actor)
    return ""


def reopen(draft: Draft, argument: str, acting: Acting) -> str:
    if draft.ticket.merged_into is not None:
        at = f"{acting.policy.reference}-{draft.ticket.merged_into}"
        return acting.say(f"it was merged into {at}: go on there", f"这张工单已并入 {at}，请在那里继续")
    if not lifecycle.allows(draft.ticket, "reopened"):
        status = draft.ticket.status
        return acting.say(f"the ticket is open: {status}", f"工单没有关闭，状态是“{STATUS_ZH[status]}”")
    draft.add("reopened", why=argument or f"by {acting.actor}")
    if draft.ticket.major:
        major.reopen(draft, acting)
    return ""


def priority(draft: Draft, argument: str, acting: Acting) -> str:
    wanted = unicodedata.normalize("NFKC", argument).strip().upper()
    wanted = _CALLED.get(wanted.casefold()) or (f"P{wanted}" if wanted.isdigit() else wanted.partition(" ")[0])
    if wanted not in ("P1", "P2", "P3", "P4"):
        given = argument or acting.say("nothing", "（空）")
        return acting.say(f"{given} is no priority: P1, P2, P3 or P4", f"{given} 不是优先级：P1、P2、P3 或 P4")
    if draft.ticket.status == "closed":
        return acting.say("the ticket is closed: reopen it first", "工单已关闭，请先 #重开")
    draft.add("prioritised", priority=wanted, priority_by=acting.actor)
    return ""


def undo(draft: Draft, argument: str, acting: Acting) -> str:
    """What he did last to this ticket has not been, as far as the ticket goes; mails that left have left."""
    journal = acting.beside.lookup.journals.get(draft.ticket.number, ())
    versions = undoing.last_act(journal, acting.actor)
    if not versions:
        return acting.say("there is nothing of yours on this ticket to take back", "这张工单上没有可以撤销的操作")
    if acting.at - journal[versions[-1] - 1].at > undoing.WITHIN:
        return acting.say(
            "your last commands are more than 30 minutes old: change it by a command",
            "您上一次操作已超过 30 分钟，请直接用命令改",
        )
    who = undoing.changed_since(journal, versions, acting.actor)
    if who:
        known = acting.policy.people.get(who)
        name = known.name if known else who if acting.policy.show_addresses else who.partition("@")[0]
        return acting.say(f"{name} has changed the ticket since", f"在您之后，{name} 又动过这张工单")
    if undoing.final(journal, versions):
        english = "everybody who is affected was told of it (bulletin, all-clear): it cannot be taken back"
        return acting.say(english, "那次操作已经通知所有受影响的用户（通报、全部恢复），不能撤销")
    taken_back = [journal[version - 1] for version in versions]
    forgotten = [event.data["address"] for event in taken_back if event.kind == "judged" and event.data.get("address")]
    draft.take_back(journal, versions, **({"forgotten": forgotten} if forgotten else {}))
    return untying.untie(draft, taken_back, acting)


def ack(draft: Draft, argument: str, acting: Acting) -> str:
    return _said(ladder_orders.see(draft, acting.policy), acting)


def extend(draft: Draft, argument: str, acting: Acting) -> str:
    return _said(ladder_orders.extend(draft, argument, acting.policy), acting)


def stop(draft: Draft, argument: str, acting: Acting) -> str:
    return _said(ladder_orders.stop(draft), acting)


def _said(wrong: ladder_orders.Wrong | None, acting: Acting) -> str:
    return acting.say(*wrong) if wrong else ""


def field(name: str, chinese: str) -> Callable[[Draft, str, Acting], str]:
    """A command that fills a field of the ticket."""

    def fill(draft: Draft, argument: str, acting: Acting) -> str:
        if not argument:
            return acting.say(f"say what: #{name} ...", f"请写明内容：#{chinese} ……")
        draft.add("filled", fields={name: argument})
        return ""

    return fill
