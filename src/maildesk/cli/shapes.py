"""JSON shapes (FORMATS, JSON): keys are only ever added."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from maildesk.desk import priority
from maildesk.desk.classification import Classification
from maildesk.desk.clocks import hours, sla
from maildesk.desk.model import Event, Message, Ticket
from maildesk.desk.policy import Policy
from maildesk.mail.model import Address, Attachment, Hop, Mail
from maildesk.mail.subject import reference


def address(value: Address | None) -> dict[str, str] | None:
    """An address."""
    return {"name": value.name, "address": value.address} if value else None


def _attachment(value: Attachment) -> dict[str, Any]:
    return {
        "filename": value.filename,
        "content_type": value.content_type,
        "size": value.size,
        "sha256": value.sha256,
        "inline": value.inline,
    }


def mail(value: Mail, received: Sequence[Hop]) -> dict[str, Any]:
    """What maildesk reads in a mail."""
    bounce = value.bounce
    return {
        "message_id": value.message_id,
        "in_reply_to": list(value.in_reply_to),
        "references": list(value.references),
        "subject": value.subject,
        "from": address(value.sender),
        "reply_to": [address(a) for a in value.reply_to],
        "to": [address(a) for a in value.to],
        "cc": [address(a) for a in value.cc],
        "date": value.date,
        "text": value.text,
        "new_text": value.new_text,
        "language": value.language,
        "attachments": [_attachment(a) for a in value.attachments],
        "origin": {
            "kind": value.origin.kind,
            "reasons": list(value.origin.reasons),
            "returns": value.origin.returns and value.origin.returns.isoformat(),
        },
        "spam": value.spam,
        "authentication": {
            "result": value.authentication.result,
            "reasons": list(value.authentication.reasons),
            "address": value.authentication.address,
        },
        "bounce": bounce
        and {
            "recipients": [
                {"address": r.address, "status": r.status, "action": r.action, "diagnostic": r.diagnostic}
                for r in bounce.recipients
            ],
            "original_message_id": bounce.original_message_id,
        },
        "forwarded_from": address(value.forwarded_from),
        "received": [{"by": hop.by, "from": hop.from_, "at": hop.at} for hop in received],
        "defects": list(value.defects),
        "over_limit": value.over_limit or None,
    }


def ticket(value: Ticket, policy: Policy, now: datetime) -> dict[str, Any]:
    """A ticket as `ticket list` shows it."""
    return {
        "number": value.number,
        "reference": reference(value.number, policy.reference),
        "type": value.type,
        "category": value.category,
        "service": value.service,
        "subject": value.subject,
        "status": value.status,
        "pending_reason": value.pending_reason,
        "pending_until": value.pending_until,
        "impact": value.impact,
        "urgency": value.urgency,
        "priority": value.priority,
        "group": value.group,
        "assignee": value.assignee,
        "requester": address(value.requester),
        "opened_at": value.opened_at,
        "responded_at": value.responded_at,
        "resolved_at": value.resolved_at,
        "closed_at": value.closed_at,
        "tags": list(value.tags),
        "fields": dict(value.fields),
        "held": value.held,
        "clocks": [
            {
                "kind": clock.kind,
                "target": hours.format_duration(clock.target),
                "state": clock.state,
                "due_at": clock.due_at,
                "elapsed_seconds": clock.elapsed_seconds,
            }
            for clock in sla.clocks(value, policy, now)
        ],
    }


def message(value: Message, number: int) -> dict[str, Any]:
    """One entry of the conversation."""
    return {
        "id": number,
        "at": value.at,
        "direction": value.direction,
        "from": address(value.sender),
        "to": [address(a) for a in value.to],
        "text": value.text,
        "internal": value.internal,
        "attachments": [_attachment(a) for a in value.attachments],
    }


def event(value: Event) -> dict[str, Any]:
    """One entry of the journal."""
    return {"at": value.at, "kind": value.kind, "actor": value.actor, "cause": value.cause, "data": dict(value.data)}


def rules_test(file: str, value: Classification, policy: Policy, sample: Ticket) -> dict[str, Any]:
    """What the rules would do with a mail, and why."""
    keys = (
        "type", "category", "service", "impact", "urgency", "priority_at_least", "priority_at_most", "group",
        "assignee", "tags", "fields", "sla", "language", "template", "notes", "parent", "hold", "ignore",
    )  # fmt: skip
    classification: Mapping[str, Any] = {key: getattr(value, key) for key in keys}
    return {
        "file": file,
        "classification": {k: list(v) if isinstance(v, tuple) else v for k, v in classification.items()},
        "matched": [{"rule": hit.rule, "condition": hit.condition, "text": hit.text} for hit in value.hits],
        "overridden": [{"rule": o.rule, "key": o.key, "old": o.old, "new": o.new} for o in value.overridden],
        "left_out": [asdict(misfit) for misfit in value.misfits],
        "priority": sample.priority,
        "rule_set": value.version,
        "reason": priority.sentence(sample, "zh" if policy.language == "zh" else "en"),
    }
