"""What came in: by channel, mailbox, type, category, service, priority; who asks most, and what repeats."""

from collections.abc import Iterable, Iterator

from maildesk.desk.policy import Policy
from maildesk.desk.reporting import Period
from maildesk.mail.ids import fold_address
from maildesk.reports.story import Entry, Story


def entries(stories: Iterable[Story], period: Period, policy: Policy) -> Iterator[tuple[str, Entry]]:
    """The tickets behind each figure."""
    for story in stories:
        ticket = story.ticket
        if not period.has(ticket.opened_at):
            continue
        entry = story.entry(ticket.opened_at)
        yield "opened", entry
        yield f"opened.channel.{_channel(story)}", entry
        yield f"opened.mailbox.{ticket.mailbox or '-'}", entry
        yield f"opened.type.{ticket.type}", entry
        yield f"opened.category.{ticket.category or '-'}", entry
        yield f"opened.service.{ticket.service or '-'}", entry
        yield f"opened.priority.{ticket.priority}", entry
        if ticket.alert:
            continue
        address = fold_address(ticket.requester.address)
        yield f"opened.requester.{address if policy.show_addresses else address.partition('@')[0]}", entry
        yield f"opened.fault.{ticket.category or '-'} / {ticket.service or '-'}", entry


def _channel(story: Story) -> str:
    """How it came: a mail, an alert, or what a member of the staff said of who came by."""
    if story.ticket.alert:
        return "monitoring"
    behalf = next((event for event in story.events if event.kind == "opened-for"), None)
    return str(behalf.data.get("fields", {}).get("channel", "mail")) if behalf else "mail"
