"""A vendor is asked in a thread of his own: an engineer's words for him go out, his answer comes to the team.

Neither side reads the other: the requester's words and address stay here, the vendor's words are a note.
"""

import re
import unicodedata

from maildesk.desk import notices
from maildesk.desk.clocks.reasons import waits_for
from maildesk.desk.draft import Draft
from maildesk.desk.model import Facts, Message, Notice, Recipient, Ticket
from maildesk.desk.people import directory, owners
from maildesk.desk.policy import Group, Policy
from maildesk.desk.staff.command import Acting, nearest
from maildesk.mail import subject
from maildesk.mail.ids import fold_address, same_address
from maildesk.mail.model import Address

_LONGEST = 40  # characters of a vendor's number
_TITLE = 70  # characters of the first line that names the thread
_WORD = r"(?:case|ticket|incident|request|ref(?:erence)?|sr|rma|no|号|工单|单号|编号|案件|服务单)"
_NUMBER = re.compile(
    rf"(?:{_WORD})\s*(?:id|no\.?|number|号)?\s*[#:：]?\s*#?(?P<named>[A-Z]{{0,8}}[-_]?\d[\dA-Z_-]{{2,30}})"
    r"|[\[【(（]\s*#?(?P<set>[A-Z]{1,12}[-_#:]?\d[\dA-Z_-]{2,30})\s*[\])）】]|#(?P<hash>\d{4,20})\b"
    r"|\b(?P<bare>[A-Z]{2,8}-?\d{4,20})\b",
    re.IGNORECASE,
)


def known(policy: Policy) -> dict[str, Group]:
    """The groups that are a vendor: one address."""
    return {key: group for key, group in policy.groups.items() if group.address and not group.members}


def ask(draft: Draft, argument: str, acting: Acting) -> str:
    """Write to a vendor: the words of the command and the mail's text and files, and nothing else of the ticket."""
    policy, ticket = acting.policy, draft.ticket
    vendors = known(policy)
    group, words = _whom(argument, ticket, policy)
    if group is None:
        named = ", ".join(vendors) or acting.say("none", "（没有）")
        return acting.say(f"say which vendor: {named}", f"请写明哪个厂商：{named}")
    text = "\n\n".join(filter(None, (words, acting.text)))
    if not text:
        return acting.say("say what the vendor shall read", "请写明要发给厂商的话")
    if ticket.status == "closed":
        return acting.say("the ticket is closed: reopen it first", "工单已关闭，请先 #重开")
    title = next(line.strip() for line in text.splitlines() if line.strip())[:_TITLE]
    draft.add("vendor-asked", vendor=group.key, address=group.address, title=title)
    to = Recipient(address=group.address, name=group.key, language=policy.language, timezone=policy.timezone)
    voice = draft.ticket.voices[fold_address(group.address)]
    taken, left = notices.fitting(acting.attachments, policy)
    draft.tell(
        Notice(
            event="vendor",
            audience="vendor",
            to=to,
            n=str(draft.ticket.version),
            ticket=draft.ticket,
            values={"by": acting.person.name if acting.person else policy.name, "ref": draft.ticket.vendor_ref},
            text=text,
            attachments=taken,
            omitted=left,
            in_reply_to=voice.last_id,
        )
    )
    draft.keep(
        Message(
            at=acting.at,
            direction="out",
            sender=Address(name=acting.person.name if acting.person else policy.name, address=policy.address),
            to=(Address(name=group.key, address=group.address),),
            text=text,
            internal=True,
            attachments=acting.attachments,
        )
    )
    return ""


def _whom(argument: str, ticket: Ticket, policy: Policy) -> tuple[Group | None, str]:
    """The vendor that an argument names, else the one that was asked before, else the only one; and the other words."""
    vendors = known(policy)
    name, _ = owners.new_owner(argument, policy)
    key = owners.find_group(name, policy)
    if key in vendors:
        return vendors[key], argument.partition(name)[2].lstrip(" \t\u3000,，;；:：.。").rstrip()
    before = vendors.get(ticket.vendor) or vendors.get(ticket.group)
    only = next(iter(vendors.values())) if len(vendors) == 1 else None
    return before or only, argument.strip()


def number(draft: Draft, argument: str, acting: Acting) -> str:
    """What the vendor calls it."""
    wanted = " ".join(unicodedata.normalize("NFKC", argument).split())
    if not wanted or len(wanted) > _LONGEST:
        return acting.say("say the vendor's number", "请写明厂商的单号")
    if not draft.ticket.vendor and draft.ticket.group not in known(acting.policy):
        close = nearest("vendor", ["vendor"], acting.language)
        return acting.say(f"no vendor was asked{close}", "还没有联系过厂商，请先用 #厂商")
    draft.add("vendor-numbered", ref=wanted)
    return ""


def learn(draft: Draft, facts: Facts, policy: Policy) -> None:
    """The vendor's number, from the subject of a mail of his, where none is known."""
    found = "" if draft.ticket.vendor_ref else number_in(facts.mail.subject, policy.reference)
    if found:
        draft.add("vendor-numbered", ref=found)


def number_in(text: str, prefix: str) -> str:
    """The number of another tracker in a subject; "" where there is none."""
    bare = re.sub(rf"[\[【]\s*{prefix}-\d+\s*[\]】]", " ", unicodedata.normalize("NFKC", text), flags=re.IGNORECASE)
    match = _NUMBER.search(bare)
    return next(filter(None, match.groups()), "")[:_LONGEST] if match else ""


def answered(draft: Draft, facts: Facts, sender: Address, policy: Policy) -> None:
    """A vendor's answer: a note for the team. His clock stops, and so does a pause that waited for him."""
    mail = facts.mail
    learn(draft, facts, policy)
    if draft.ticket.vendor:
        draft.add("vendor-answered", **{"from": sender.address}, message_id=mail.message_id or None)
    if draft.ticket.status == "pending" and waits_for(draft.ticket.pending_reason) == "vendor":
        draft.add("resumed", why="the vendor answered")
    _tell(draft, facts, sender, policy)


def _tell(draft: Draft, facts: Facts, sender: Address, policy: Policy) -> None:
    """The assignee, else the lead of the group, else the owner: somebody goes on with it."""
    ticket, mail = draft.ticket, facts.mail
    group = policy.groups.get(ticket.group)
    role = "assignee" if ticket.assignee else "lead" if group and group.lead else "owner"
    draft.tell(
        *notices.told(
            "vendor-replied",
            "assignee",
            ticket,
            policy,
            directory.recipients(role, ticket, policy),
            but=sender.address,
            values={"by": directory.called(sender, policy), "ref": ticket.vendor_ref},
            text=mail.new_text or mail.text,
            attachments=mail.attachments,
        )
    )


def takes_part(address: str, ticket: Ticket, policy: Policy) -> bool:
    """Whether an address is that of the vendor who was asked about a ticket."""
    group = policy.groups.get(ticket.vendor)
    return group is not None and bool(group.address) and same_address(address, group.address)


def title(ticket: Ticket, address: str) -> str:
    """What the vendor's thread is called: his number, and the first words that were written to him."""
    voice = ticket.voices.get(fold_address(address))
    called = voice.subject if voice else ""
    return f"{ticket.vendor_ref} {called}".strip() if called else subject.base(ticket.subject)
