"""What a group that gives a ticket away leaves behind: how long it had it, and whether that was within its time."""

from datetime import timedelta

from maildesk.desk.clocks import hours, sla
from maildesk.desk.draft import Draft
from maildesk.desk.policy import Policy

_SECOND = timedelta(seconds=1)


def record(draft: Draft, policy: Policy) -> None:
    """Keep the verdict on the group that had the ticket before this decision, where it has an agreement."""
    before = draft.before
    if before is None or before.group == draft.ticket.group:
        return
    ended = next((clock for clock in sla.clocks(before, policy, draft.at) if clock.kind == "ola"), None)
    if ended is None:
        return
    draft.add(
        "handed-over",
        group=before.group,
        to=draft.ticket.group,
        state="missed" if ended.state == "breached" else "met",
        seconds=ended.elapsed_seconds,
        target=hours.format_duration(ended.target),
        since=ended.started_at.isoformat(),
    )
