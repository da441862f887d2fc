"""A ticket's journal as plain sentences."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from maildesk.cli.stating import held_for
from maildesk.desk import priority
from maildesk.desk.model import Event, Ticket
from maildesk.desk.policy import Policy

Data = Mapping[str, Any]


def sentences(ticket: Ticket, events: Sequence[Event], policy: Policy) -> Iterator[str]:
    """Why a ticket is as it is, from its first event to now."""
    zone = ZoneInfo(policy.timezone)
    yield f"{policy.reference}-{ticket.number} {ticket.subject}"
    for event in events:
        say = _SENTENCES.get(event.kind)
        what = say(event.data, event) if say else event.kind
        for number, line in enumerate(filter(None, what.splitlines())):
            at = event.at.astimezone(zone).strftime("%Y-%m-%d %H:%M")
            yield f"{at if not number else '':16}  {line}"
    yield f"Now {ticket.status}. {priority.sentence(ticket, 'zh' if policy.language == 'zh' else 'en')}"
    if ticket.held:
        yield f"It is held, neither acknowledged nor dispatched: {ticket.held}"


def _classified(data: Data, event: Event) -> str:
    """What was set by what; then the rules that matched without setting any of it."""
    set_by = data.get("set_by", {})
    kind = ", ".join(filter(None, (data.get("type"), data.get("category"), data.get("service"))))
    by = f" by rule set {data['version']}" if data.get("version") else ""
    lines = [f"classified as {kind}{by}" if kind else f"judged{by}"]
    lines += [f"  {key} by {why}" for key, why in set_by.items()]
    named = {why.partition(":")[0] for why in set_by.values()}
    others: dict[str, list[str]] = {}
    for hit in data.get("hits", ()):
        if f"rule {hit['rule']}" not in named:
            others.setdefault(hit["rule"], []).append(f"{hit['condition']} {hit['text']}".strip())
    lines += [f"  matched as well: rule {rule}: {', '.join(words)}" for rule, words in others.items()]
    lines += [f"  field {name}: {value}" for name, value in data.get("fields", {}).items()]
    lines += [
        f'  field {out["field"]} left out: "{out["text"]}" is not {out["wanted"]} (rule {out["rule"]})'
        for out in data.get("misfits", ())
    ]
    lines += [f"  tags: {', '.join(data['tags'])}"] if data.get("tags") else []
    return "\n".join(lines)


def _prefixed(data: Data, key: str) -> str:
    """A value behind a colon, "" without one."""
    return f": {data[key]}" if data.get(key) else ""


def _source(event: Event) -> str:
    """Which mail it was, as `mail explain` and `outbox show` take it."""
    kind, _, number = event.cause.partition(":")
    return {"inbound": f" (mail {number})", "outbox": f" (outgoing mail {number})"}.get(kind, "")


def _noted(data: Data, event: Event) -> str:
    if data.get("unverified"):
        return (
            f"an unverified mail in the name of {event.actor} was kept as a note{_source(event)}, nothing changed: "
            + (str(data.get("why", "")))
        )
    by = "" if data.get("why") else f" by {event.actor}"  # a rule's note is not that of the mail's writer
    return f"internal note{by}{_source(event)}" + _prefixed(data, "why")


def _linked(data: Data, event: Event) -> str:
    says = {
        "claims": "the mail claims to be about {}, whose conversation its sender has no part in",
        "parent": "part of ticket {}",
    }
    return says.get(data["kind"], f"{data['kind']} {{}}").format(data["number"]) + _likeness(data)


def _likeness(data: Data) -> str:
    """How alike it is and by what, where that is the reason."""
    if "percent" not in data:
        return ""
    parts = [f"same service {data['service']}"] if data.get("service") else []
    parts += [f"same words {', '.join(data['words'])}"] if data.get("words") else []
    return f", {data['percent']} % like it" + (f": {'; '.join(parts)}" if parts else "")


def _offered(data: Data, event: Event) -> str:
    """Which known solutions the requester was offered, and by what they fit."""
    fits = (f"{one['key']}, {one['percent']} %: {', '.join(one['words'])}".rstrip(": ") for one in data["why"])
    return "\n".join(("its requester was offered known solutions", *(f"  {fit}" for fit in fits)))


def _suppressed(data: Data, event: Event) -> str:
    to = f" to {data['recipient']}" if data.get("recipient") else ""
    return f"no {data['event']} mail{to}: {data['reason']}"


def _prioritised(data: Data, event: Event) -> str:
    if data.get("priority_by"):
        return f"priority {data['priority']} set by hand by {data['priority_by']}"
    bound = f", {data['priority_bound']}" if data.get("priority_bound") else ""
    return f"impact {data.get('impact')} x urgency {data.get('urgency')} = {data['priority']}{bound}"


def _chosen(data: Data, what: str) -> str:
    """What was decided, then who was passed over and why."""
    return "\n".join((what, *(f"  not {passed}" for passed in data.get("passed", ()))))


def _answered(data: Data) -> list[str]:
    """What was answered, field by field; an answer that is not of its field's type was kept as written."""
    odd = data.get("misfits", {})
    return [
        f"{key} {text}" + (f" (kept as written: not {odd[key]})" if key in odd else "")
        for key, text in data["fields"].items()
    ]


def _told(data: Data) -> str:
    return ", ".join(data.get("told", ())) or "nobody"


def _escalated(data: Data, event: Event) -> str:
    lines = [f"{data['at']} of the {data['clock']} time: told {_told(data)}"]
    lines += [f"  {to} was not told again: he had acknowledged it" for to in data.get("spared", ())]
    lines += [f"  {to} hears of it at {at}, when his working time begins" for to, at in data.get("later", {}).items()]
    lines += [f"  group {data['asked']} was asked to help"] if data.get("asked") else []
    return "\n".join(lines)


def _seen(data: Data, event: Event) -> str:
    """Of what he is told no more."""
    says = [f"{clock} (is told of its breach, but not warned again)" for clock in data.get("warned", ())]
    says += [f"{clock} (is told no more of its breach)" for clock in data.get("breached", ())]
    return f"{event.actor} acknowledged: {', '.join(says) or 'nothing had run out'}"


_CLOSED = {
    "cancelled": "the requester gave it up",
    "spam": "it is spam",
    "no answer": "the requester did not answer while it was pending",
    "confirmed": "the requester confirmed the solution",
    "timeout": "nobody answered to the solution",
    "by staff": "by the staff",
    "recovered": "monitoring says that it is well",
}
_SENTENCES: Mapping[str, Callable[[Data, Event], str]] = {
    "opened": lambda d, e: (
        f"opened by {d['requester']['address']}, who wrote to mailbox {d.get('mailbox', '')}{_source(e)}"
    ),
    "opened-for": lambda d, e: f"{e.actor} opened it for the requester, who came by: {d['fields']['channel']}",
    "received": lambda d, e: f"{d.get('from', '')} wrote{_source(e)}",
    "classified": _classified,
    "prioritised": _prioritised,
    "dispatched": lambda d, e: f"dispatched to group {d['group']}" + _prefixed(d, "why"),
    "assigned": lambda d, e: _chosen(d, f"assigned to {d['assignee']}: {d.get('why') or f'by {e.actor}'}"),
    "unassigned": lambda d, e: _chosen(d, f"all of the group are asked: {d['why']}; looked for again at {d['again']}"),
    "unaccepted": lambda d, e: _chosen(d, f"{d['why']}, and nobody is left in the group: told {_told(d)}"),
    "aged": lambda d, e: f"priority {d['old']} became {d['priority']} with time: {d['why']}",
    "told": lambda d, e: "the requester said: " + "; ".join(_answered(d)),
    "alarmed": lambda d, e: f"a major incident: told {_told(d)} at once",
    "asked": lambda d, e: f"the requester was asked for what his mail does not say: {', '.join(d['facts'])}",
    "handed-over": lambda d, e: f"group {d['group']} gave it away: {held_for(d)}",
    "taken": lambda d, e: f"taken by {d['assignee']}",
    "answered": lambda d, e: (
        f"{e.actor} wrote to the requester{_source(e)}: the response clock stops at the first answer"
    ),
    "noted": _noted,
    "filed": lambda d, e: f"{d.get('origin', 'automatic')} mail filed{_source(e)}: {'; '.join(d.get('reasons', ()))}",
    "pending": lambda d, e: (
        f"pending, its clocks stand still: waits for {d.get('reason', '')}"
        + (f" until {d['until']}" if d.get("until") else "")
    ),
    "resumed": lambda d, e: "its clocks run again" + _prefixed(d, "why"),
    "resolved": lambda d, e: f"resolved by {e.actor}",
    "closed": lambda d, e: f"closed: {_CLOSED.get(d.get('why', ''), d.get('why', ''))}",
    "reopened": lambda d, e: f"reopened by {e.actor}" + _prefixed(d, "why"),
    "held": lambda d, e: f"held, nobody is mailed: {d['reason']}",
    "judged": lambda d, e: (
        f"{e.actor} says that it is {'spam' if d['verdict'] == 'spam' else 'no spam'}"
        + (f"; {d['address']} is remembered until {d['until'][:10]}" if d.get("address") else "; its sender is not")
        + _prefixed(d, "why")
    ),
    "released": lambda d, e: f"released by {e.actor}",
    "linked": _linked,
    "solutions-offered": _offered,
    "solutions-withheld": lambda d, e: f"known solutions were not offered ({', '.join(d['articles'])}): {d['why']}",
    "solved-by": lambda d, e: f"the requester says that known solution {d['article']} solved it",
    "article-drafted": lambda d, e: f"its cause and solution are a draft for others: {d['article']['title']}",
    "article-published": lambda d, e: f"{e.actor} published it as known solution {d['article']['key']}",
    "surged": lambda d, e: (
        f"the {len(d['like']) + 1}th like mail of {d['people']} people in a short time: {', '.join(d['words'])}"
        if "like" in d
        else f"it belongs to the surge of like mails that {d['number']} is known by"
    ),
    "major-declared": lambda d, e: f"a major incident{_prefixed(d, 'why')}",
    "attached": lambda d, e: f"part of major incident {d['parent']}, whose clocks count from now on",
    "bulletin": lambda d, e: f"{e.actor} told everybody affected: {d['text']}",
    "all-clear": lambda d, e: f"{e.actor} gave the all-clear to {d['affected']} tickets",
    "parted": lambda d, e: f"{e.actor} took the links to {', '.join(map(str, d['numbers']))} back",
    "repeated": lambda d, e: f"that mail answered none of ours: it joined the ticket{_likeness(d)}",
    "merged": lambda d, e: (
        f"merged into {d['into']} by {e.actor}: its people and mails belong there now" + _prefixed(d, "why")
    ),
    "absorbed": lambda d, e: "\n".join(
        (
            f"{d['number']} was merged into it by {e.actor}: its clocks count from the earlier opening",
            *(f"  {one['address']} takes part from now on" for one in d.get("people", ())),
        )
    ),
    "split-off": lambda d, e: f"{e.actor} made a ticket of its own, {d['number']}, of the requester's last mail",
    "joined": lambda d, e: f"{e.actor} lets take part: {', '.join(one['address'] for one in d['people'])}",
    "vendor-asked": lambda d, e: f"{e.actor} asked the vendor {d['vendor']}{_source(e)}: his clock runs",
    "vendor-answered": lambda d, e: f"the vendor answered from {d['from']}{_source(e)}: his clock stops",
    "vendor-numbered": lambda d, e: f"the vendor calls it {d['ref']}",
    "renamed": lambda d, e: f"{e.actor} called it {d['subject']}, it was {d['old']}",
    "left": lambda d, e: f"{e.actor} takes out of it: {', '.join(d['addresses'])}",
    "escalated": _escalated,
    "progressed": lambda d, e: (
        "the requester was told that it is still being worked on"
        if d["to"] == "requester"
        else "whoever works on it was asked to write to the requester"
    ),
    "rung-skipped": lambda d, e: f"{d['at']} of the {d['clock']} time had passed too: only the highest rung is mailed",
    "filled": lambda d, e: "; ".join(f"{key}: {value}" for key, value in d["fields"].items()),
    "extended": lambda d, e: f"{e.actor} gave the resolution {d['length']} more: {d['reason']}",
    "seen": _seen,
    "ladder-stopped": lambda d, e: (
        f"{e.actor} stopped its ladders: nobody hears of its clocks until it is handed over, reopened or prioritised"
    ),
    "chased": lambda d, e: f"the requester was reminded, {d['after']} after it became {d['status']}",
    "asked-back": lambda d, e: (
        f"commands in the name of {d['person']} wait for his YES{_source(e)}: "
        + ", ".join(f"#{word} {argument}".strip() for word, argument in d["orders"])
    ),
    "confirmed": lambda d, e: f"{e.actor} confirmed the commands that waited for his word{_source(e)}",
    "undone": lambda d, e: (
        f"{e.actor} took back what he did ({', '.join(map(str, d['versions']))} in ticket events){_source(e)}"
    ),
    "rated": lambda d, e: f"rated {d['score']} of 5 by {e.actor}" + _prefixed(d, "comment"),
    "status-told": lambda d, e: f"{d['to']} asked how far it is, and was told{_source(e)}",
    "alerted": lambda d, e: (
        f"monitoring: {d['host']}: {d['check']} {'fires' if d['state'] == 'firing' else 'is well'}"
        + (f" ({d['severity']})" if d.get("severity") else "")
        + _source(e)
    ),
    "alert-noted": lambda d, e: f"monitoring: {d['host']}: {d['check']}: {d['said']}, nothing to do{_source(e)}",
    "flapping": lambda d, e: f"it flaps, {d['changes']} changes within {d['seconds'] // 60} minutes: it stays open",
    "calmed": lambda d, e: f"well for now: it ends when nothing changes until {d['until']}",
    "recovered": lambda d, e: (
        "everything it is about is well" + (", and was quiet for long enough" if d.get("quiet") else "")
    ),
    "maintenance": lambda d, e: f"{e.actor}: alerts of {', '.join(d['hosts'])} open no tickets until {d['until']}",
    "suppressed": _suppressed,
    "bounced": lambda d, e: f"a mail to {d['recipient']} came back {d.get('status', '')}",
    "undelivered": lambda d, e: f"the {d['event']} mail to {d['recipient']} could not be delivered: {d['reason']}",
}
