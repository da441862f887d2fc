"""What a rule can set. An action's name is its YAML key, its annotation the schema, its docstring the manual."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from maildesk.desk.classification import Classification
from maildesk.rules import arguments

Action = Callable[[Classification, Any], Classification]


def type_(classification: Classification, argument: arguments.Kind) -> Classification:
    """What the ticket is."""
    return replace(classification, type=argument)


def category(classification: Classification, argument: arguments.Name) -> Classification:
    """The category, a word of your own: network, hardware, 账号."""
    return replace(classification, category=argument)


def service(classification: Classification, argument: arguments.Name) -> Classification:
    """The service concerned, one of `services`; it brings its group and its criticality unless a rule sets those."""
    return replace(classification, service=argument)


def impact(classification: Classification, argument: arguments.Extent) -> Classification:
    """How much of the business is hit: one person, a department, a site; `major` is also told to the leads at once."""
    return replace(classification, impact=argument)


def urgency(classification: Classification, argument: arguments.Level) -> Classification:
    """How long it can wait. Impact and urgency together give the priority, by `matrix`."""
    return replace(classification, urgency=argument)


def group(classification: Classification, argument: arguments.Name) -> Classification:
    """The group it is dispatched to, one of `groups`."""
    return replace(classification, group=argument)


def assignee(classification: Classification, argument: arguments.Name) -> Classification:
    """The person it is assigned to at once, one of `people`."""
    return replace(classification, assignee=argument)


def tags(classification: Classification, argument: arguments.Names) -> Classification:
    """Tags to add."""
    return replace(classification, tags=tuple(dict.fromkeys((*classification.tags, *argument))))


def fields(classification: Classification, argument: arguments.Fields) -> Classification:
    """Fields of the ticket to fill, in words of your own: `{site: 上海}`."""
    return replace(classification, fields={**classification.fields, **argument})


def priority_at_least(classification: Classification, argument: arguments.Urgent) -> Classification:
    """The priority is this or more urgent, whatever the matrix says; it goes before `priority_at_most`."""
    return replace(classification, priority_at_least=argument)


def priority_at_most(classification: Classification, argument: arguments.Urgent) -> Classification:
    """The priority is this or less urgent, whatever the matrix says."""
    return replace(classification, priority_at_most=argument)


def sla(classification: Classification, argument: arguments.Name) -> Classification:
    """The target that counts in place of the one of its priority: the name of an entry of `sla`."""
    return replace(classification, sla=argument)


def language(classification: Classification, argument: arguments.Reader) -> Classification:
    """The language in which the requester is answered, whatever he wrote in."""
    return replace(classification, language=argument)


def template(classification: Classification, argument: arguments.Variant) -> Classification:
    """The variant of the acknowledgement: `vip` is templates/acknowledged/requester.vip.zh.md; for new mail only."""
    return replace(classification, template=argument)


def note(classification: Classification, argument: arguments.Note) -> Classification:
    """An internal note on the ticket; the notes of several rules come one below the other."""
    return replace(classification, notes=tuple(dict.fromkeys((*classification.notes, argument))))


def parent(classification: Classification, argument: arguments.Number) -> Classification:
    """The ticket that this one is a part of, that of a major incident, say: a link and no more."""
    return replace(classification, parent=argument)


def hold(classification: Classification, argument: arguments.Reason) -> Classification:
    """A ticket, but neither acknowledged nor dispatched until somebody looks at it; for new mail only."""
    return replace(classification, hold=argument)


def ignore(classification: Classification, argument: arguments.Reason) -> Classification:
    """No ticket, and nothing for the one it belongs to; the mail is kept, `maildesk mail explain` names the reason."""
    return replace(classification, ignore=argument)


ACTIONS: Mapping[str, Action] = {
    action.__name__.removesuffix("_"): action
    for action in (
        type_,
        category,
        service,
        impact,
        urgency,
        priority_at_least,
        priority_at_most,
        group,
        assignee,
        tags,
        fields,
        sla,
        language,
        template,
        note,
        parent,
        hold,
        ignore,
    )
}
