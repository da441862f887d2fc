"""Tests beside the rules: a mail, and what must come out. `maildesk check` and every reload run them."""

from collections.abc import Iterator, Mapping
from dataclasses import field as optional
from dataclasses import replace
from datetime import datetime
from email.message import EmailMessage
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass

from maildesk.desk import priority
from maildesk.desk.classification import Classification
from maildesk.desk.model import Facts, Ticket
from maildesk.desk.policy import Policy
from maildesk.errors import Located, Problem
from maildesk.mail.model import Address
from maildesk.rules import arguments
from maildesk.rules.case import Case
from maildesk.rules.engine import Rules, judge
from maildesk.rules.written import STRICT, Texts, problem, read, text_once

Words = Annotated[tuple[str, ...], BeforeValidator(text_once)]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Sample:
    """A mail in short."""

    sender: Annotated[str, Field(description="the address it is from")] = "somebody@example.org"
    to: Annotated[Texts, Field(description="whom it is to; else the desk")] = ()
    cc: Annotated[Texts, Field(description="who gets a copy")] = ()
    subject: Annotated[str, Field(description="its subject")] = ""
    text: Annotated[str, Field(description="its text")] = ""
    headers: Annotated[dict[str, str], Field(description="more headers")] = optional(default_factory=dict)
    attachments: Annotated[Texts, Field(description="names of files that it carries")] = ()
    mailbox: Annotated[str, Field(description="the mailbox it came in by")] = ""
    known: Annotated[bool, Field(strict=True, description="true: the sender wrote before")] = False
    at: Annotated[str, Field(description="when it arrived: `2026-03-02T09:30+08:00`")] = ""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Answered:
    """The ticket that the mail is a reply to."""

    by: Literal["requester", "participant", "staff", "vendor"] = "requester"
    status: Literal["new", "assigned", "in progress", "pending", "resolved", "closed"] = "assigned"
    type: arguments.Kind = "incident"
    category: str = "other"
    service: str = ""
    priority: arguments.Urgent = "P3"
    group: str = ""
    assignee: str = ""
    tags: Words = ()
    fields: dict[str, str] = optional(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Expected:
    """What must come out; what is not named may be anything."""

    type: str | None = None
    category: str | None = None
    service: str | None = None
    impact: str | None = None
    urgency: str | None = None
    priority: str | None = None
    group: str | None = None
    assignee: str | None = None
    tags: Annotated[Words | None, Field(description="tags that must be among its tags")] = None
    fields: dict[str, str] | None = None
    sla: str | None = None
    language: str | None = None
    template: str | None = None
    parent: int | None = None
    hold: Annotated[bool | None, Field(strict=True)] = None
    ignore: Annotated[bool | None, Field(strict=True)] = None
    rules: Annotated[Words | None, Field(description="rules that must have applied")] = None
    not_rules: Annotated[Words | None, Field(description="rules that must not have applied")] = None


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Trial:
    """One test."""

    name: str
    mail: Sample
    expect: Expected
    reply_to: Answered | None = None


def run(documents: list[Located], rules: Rules, policy: Policy, now: datetime) -> list[Problem]:
    """Every test of some files; what is wrong with them, and what did not come out."""
    return [found for document in documents for found in _file(document, rules, policy, now)]


def _file(document: Located, rules: Rules, policy: Policy, now: datetime) -> Iterator[Problem]:
    if document.value is None:
        return
    if not isinstance(document.value, list):
        yield problem(document, "", "must be a list of tests: `- {name: ..., mail: {...}, expect: {...}}`")
        return
    for number, entry in enumerate(document.value, start=1):
        found = read(entry, Trial, f"test {number}")
        yield from found.problems
        if found.value is not None:
            trial = found.value
            for wrong in _failures(trial, rules, policy, now):
                yield problem(entry, f"test {trial.name}", wrong)


def _failures(trial: Trial, rules: Rules, policy: Policy, now: datetime) -> Iterator[str]:
    try:
        at = datetime.fromisoformat(trial.mail.at) if trial.mail.at else now
        raw = _raw(trial.mail, policy)
    except ValueError as error:
        yield f"no such mail can be: {error}"
        return
    result = judge(_case(trial, raw, policy, at if at.tzinfo else at.replace(tzinfo=now.tzinfo)), rules,
                   reply=trial.reply_to is not None)  # fmt: skip
    came = {**came_out(result, policy)}
    applied = list(dict.fromkeys(hit.rule for hit in result.hits))
    for key in ("type", "category", "service", "impact", "urgency", "priority", "group", "assignee",
                "sla", "language", "template", "parent", "hold", "ignore"):  # fmt: skip
        wanted = getattr(trial.expect, key)
        if wanted is not None and wanted != came[key]:
            why = result.set_by.get(key, "default")
            yield f"{key} is {_shown(came[key])} and not {_shown(wanted)} ({why})"
    for tag in trial.expect.tags or ():
        if tag not in result.tags:
            yield f"the tag {tag} is not among {', '.join(result.tags) or 'none'}"
    for name, value in (trial.expect.fields or {}).items():
        if result.fields.get(name) != value:
            yield f"the field {name} is {_shown(result.fields.get(name, ''))} and not {value}"
    for name in trial.expect.rules or ():
        if name not in applied:
            yield f"the rule {name} did not apply; those that did: {', '.join(applied) or 'none'}"
    for name in trial.expect.not_rules or ():
        if name in applied:
            words = ", ".join(hit.text for hit in result.hits if hit.rule == name and hit.text)
            yield f"the rule {name} applied: {words}"


def came_out(result: Classification, policy: Policy) -> Mapping[str, Any]:
    """What a classification comes to, by the words in which a test or a comparison names it."""
    keys = ("type", "category", "service", "impact", "urgency", "group", "assignee", "sla", "language", "template",
            "parent")  # fmt: skip
    came = {key: getattr(result, key) for key in keys}
    return came | {
        "priority": priority.decide(result, policy),
        "tags": result.tags,
        "fields": dict(result.fields),
        "hold": bool(result.hold),
        "ignore": bool(result.ignore),
    }


def _shown(value: object) -> str:
    return "nothing" if value in ("", None) else str(value)


def _raw(sample: Sample, policy: Policy) -> bytes:
    message = EmailMessage()
    message["From"] = sample.sender
    message["To"] = ", ".join(sample.to or (policy.address,))
    if sample.cc:
        message["Cc"] = ", ".join(sample.cc)
    message["Subject"] = sample.subject
    for name, value in sample.headers.items():
        message[name] = value
    message.set_content(sample.text, charset="utf-8")
    for name in sample.attachments:
        message.add_attachment(b"\0", maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def _case(trial: Trial, raw: bytes, policy: Policy, at: datetime) -> Case:
    from maildesk.mail.parse import Reading, parse  # slow to import, and every command loads this module

    mail = parse(raw, Reading(authserv_id=policy.authserv_id, loop=policy.address))
    facts = Facts(mail=mail, inbound=0, mailbox=trial.mail.mailbox, arrived=at, history=int(trial.mail.known))
    if trial.reply_to is None:
        return Case(facts=facts, policy=policy)
    asked = trial.reply_to
    ticket = Ticket(number=1, opened_at=at, requester=mail.sender or Address(address=""), status=asked.status)
    ticket = replace(
        ticket,
        type=asked.type,
        category=asked.category,
        service=asked.service,
        priority=asked.priority,
        group=asked.group,
        assignee=asked.assignee,
        tags=asked.tags,
        fields=asked.fields,
    )
    return Case(facts=facts, policy=policy, ticket=ticket, role=asked.by)
