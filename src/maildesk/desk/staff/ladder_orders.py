"""The commands that answer an escalation: seen, more time, no more mails. Each leaves its trace in the journal."""

from datetime import timedelta

from maildesk.desk.clocks import hours, lengths, sla
from maildesk.desk.draft import Draft
from maildesk.desk.policy import Policy

_LONGEST = timedelta(days=60)  # of working time: beyond it somebody has mistyped
_BETWEEN = " \t\u3000,，;；:：、"
Wrong = tuple[str, str]  # what is wrong, in English and in Chinese


def see(draft: Draft, policy: Policy) -> Wrong | None:
    """He knows of what has run out or nearly so, and is not told of it again; everybody else is.

    Who acknowledged a warning still hears of the breach. What no rung told of yet cannot be acknowledged.
    """
    ticket = draft.ticket
    passed = {name.partition(" ")[0] for name in ticket.rungs}
    running = [one for one in sla.clocks(ticket, policy, draft.at) if sla.ticks(one) and one.kind in passed]
    breached = [one.kind for one in running if one.state == "breached"]
    draft.add("seen", warned=[one.kind for one in running if one.kind not in breached], breached=breached)
    return None


def stop(draft: Draft) -> Wrong | None:
    """The ladders of this ticket say no more, until it is handed over, reopened or prioritised anew."""
    ticket = draft.ticket
    if ticket.status in ("resolved", "closed"):
        return (f"the ticket is {ticket.status}: its ladders rest", "工单已经解决或关闭，不会再升级")
    draft.add("ladder-stopped")
    return None


def extend(draft: Draft, argument: str, policy: Policy) -> Wrong | None:
    """More time for the resolution: a length of business time, and a reason."""
    clock = next((one for one in sla.clocks(draft.ticket, policy, draft.at) if one.kind == "resolution"), None)
    if clock is None or clock.stopped_at is not None:
        return ("the ticket has no running resolution clock", "工单没有正在计时的解决时限")
    calendar = policy.calendars[clock.calendar]
    try:
        found = lengths.read(argument, calendar)
    except ValueError:
        found = None
    if found is None:
        return (
            "say for how long and why: #extend 2h waiting for the part (30m, 4h, 2d)",
            "请写明延多久和原因：#延期 2h 等配件（30m、4h、2d、2小时、3天）",
        )
    length, written, reason = found.duration, argument[: found.length], argument[found.length :].strip(_BETWEEN)
    if not reason:
        return ("say why: #extend 2h waiting for the part", "请写明原因：#延期 2h 等配件")
    try:
        more = hours.worked(calendar, clock.due_at, hours.add(calendar, clock.due_at, length))
    except OverflowError:
        more = _LONGEST + timedelta(1)
    if more > _LONGEST:
        return (f"{written} is too long", f"{written} 太长了")
    draft.add("extended", seconds=int(more.total_seconds()), length=hours.format_duration(length), reason=reason)
    return None
