"""What a rule can set. An action's name is its YAML key, its annotation the schema, its docstring the manual."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from maildesk.desk.model import Classification
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


def impact(classification: Classification, argument: arguments.Level) -> Classification:
    """How much of the business is hit: one person, a department, everybody."""
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


def hold(classification: Classification, argument: arguments.Reason) -> Classification:
    """A ticket, but neither acknowledged nor dispatched until somebody looks at it."""
    return replace(classification, hold=argument)


def ignore(classification: Classification, argument: arguments.Reason) -> Classification:
    """No ticket at all; the mail is kept, and `maildesk mail explain` names this reason."""
    return replace(classification, ignore=argument)


ACTIONS: Mapping[str, Action] = {
    action.__name__.removesuffix("_"): action
    for action in (type_, category, service, impact, urgency, group, assignee, tags, fields, hold, ignore)
}
