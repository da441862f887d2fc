"""Rules over a mail: which apply, what they set, and why.

A rule is tried only when one of the words or patterns it cannot do without may stand in the mail. Those are looked for
in one pass, so that the cost is that of the rules that have a chance, not of all there are.
"""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from maildesk.desk import thread
from maildesk.desk.classification import Classification, Hit, Match, Override
from maildesk.desk.model import Facts
from maildesk.desk.policy import FieldType, Policy, Service
from maildesk.mail.model import Mail
from maildesk.rules import typed
from maildesk.rules.actions import ACTIONS
from maildesk.rules.case import Case, body
from maildesk.rules.conditions import CONDITIONS
from maildesk.rules.patterns import Pattern, Patterns
from maildesk.rules.words import Phrase, Vocabulary, holds, normalise

Phase = Literal["new", "reply"]
Gates = frozenset[str | Pattern]  # a normalised word, or a pattern: at least one must stand in the mail
_LONGEST_TEXT = 100  # characters of a mail that a trace repeats


@dataclass(frozen=True, slots=True)
class Leaf:
    """One condition with its argument."""

    name: str
    argument: Any


@dataclass(frozen=True, slots=True)
class Group:
    """Conditions taken together; `not` holds when none of them does."""

    kind: Literal["all", "any", "not"]
    parts: tuple["Test", ...]


Test = Leaf | Group
Held = tuple[str, Match]  # a condition's name and what made it hold


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of the operator's, read and compiled."""

    name: str
    when: Test
    then: tuple[tuple[str, Any], ...]  # action and argument, in the order written
    phases: frozenset[Phase] = frozenset({"new"})
    stop: bool = False


def gates(test: Test) -> Gates | None:
    """Words and patterns of which one must stand in a mail for a test to hold; None when nothing can be said."""
    if isinstance(test, Leaf):
        return _leaf_gates(test.argument)
    inner = [gates(part) for part in test.parts]
    known = [found for found in inner if found is not None]
    if test.kind == "all" and known:
        return min(known, key=len)
    if test.kind == "any" and len(known) == len(inner):
        return frozenset().union(*known)
    return None


def _leaf_gates(argument: object) -> Gates | None:
    if isinstance(argument, Pattern):
        return frozenset({argument})
    return frozenset(phrase.normal for phrase in _phrases(argument)) or None


def _phrases(argument: object) -> tuple[Phrase, ...]:
    entries = argument if isinstance(argument, tuple) else ()
    return tuple(entry for entry in entries if isinstance(entry, Phrase))


def leaves(test: Test) -> Iterator[Leaf]:
    """Every condition of a test."""
    if isinstance(test, Leaf):
        yield test
        return
    for part in test.parts:
        yield from leaves(part)


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules in order, with the index of what opens each."""

    rules: tuple[Rule, ...] = ()
    services: tuple[Service, ...] = ()
    version: str = ""  # a hash of what is written in the files
    _words: Vocabulary = field(init=False, repr=False, compare=False)
    _patterns: Patterns = field(init=False, repr=False, compare=False)
    _opened: Mapping[str | Pattern, tuple[int, ...]] = field(init=False, repr=False, compare=False)
    _always: tuple[int, ...] = field(init=False, repr=False, compare=False)
    _catalogue: Mapping[str, tuple[int, Service]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        opened: dict[str | Pattern, list[int]] = {}
        always: list[int] = []
        for index, rule in enumerate(self.rules):
            needed = gates(rule.when)
            for gate in needed or ():
                opened.setdefault(gate, []).append(index)
            if needed is None:
                always.append(index)
        catalogue: dict[str, tuple[int, Service]] = {}
        for rank, service in enumerate(self.services):
            for word in service.words:
                catalogue.setdefault(normalise(word), (rank, service))
        asked = {p.normal for rule in self.rules for leaf in leaves(rule.when) for p in _phrases(leaf.argument)}
        for name, value in (
            ("_words", Vocabulary({*asked, *catalogue})),
            ("_patterns", Patterns(gate for gate in opened if isinstance(gate, Pattern))),
            ("_opened", {gate: tuple(indexes) for gate, indexes in opened.items()}),
            ("_always", tuple(always)),
            ("_catalogue", catalogue),
        ):
            object.__setattr__(self, name, value)

    def standing(self, mail: Mail) -> frozenset[str]:
        """The words of all rules and services that stand in a mail, normalised, word borders aside."""
        read = body(mail)
        quoted = f"\n{normalise(mail.text)}" if mail.text != read else ""
        return self._words.possible(_normal(mail) + quoted)

    def candidates(self, mail: Mail, standing: Set[str]) -> list[Rule]:
        """The rules that have a chance on a mail, in order."""
        there: Set[str | Pattern] = standing | self._patterns.possible({mail.subject, body(mail), mail.text})
        found = set(self._always).union(*(self._opened.get(gate, ()) for gate in there))
        return [self.rules[index] for index in sorted(found)]

    def service(self, mail: Mail, standing: Set[str]) -> tuple[Service, str] | None:
        """The service a mail speaks of, with the word that says so: the longest word wins, of equals the first."""
        text = _normal(mail)
        likely = (word for word in standing if word in self._catalogue)
        held = [word for word in likely if holds(text, Phrase(word, word))]
        if not held:
            return None
        best = min(held, key=lambda word: (-len(word), self._catalogue[word][0]))
        return self._catalogue[best][1], best


def _normal(mail: Mail) -> str:
    """Subject and new text, normalised apart so that no phrase runs from the one into the other."""
    return f"{normalise(mail.subject)}\n{normalise(body(mail))}"


def classify(facts: Facts, rules: Rules, policy: Policy, reply: bool = False) -> Classification:
    """What the rules say of a mail, with the whole trace. Total: no mail makes it raise."""
    place = thread.match(facts, policy, facts.arrived) if reply else None
    ticket = place.ticket if isinstance(place, thread.Belongs) else None
    role = place.role if isinstance(place, thread.Belongs) else None
    return judge(Case(facts=facts, policy=policy, ticket=ticket, role=role), rules, reply=reply)


def judge(asked: Case, rules: Rules, *, reply: bool) -> Classification:
    """What the rules say of a mail that is new or a reply to the case's ticket."""
    standing = rules.standing(asked.facts.mail)
    case = replace(asked, standing=standing)
    phase: Phase = "reply" if reply else "new"
    result = replace(asked.policy.defaults, version=rules.version)
    for rule in rules.candidates(asked.facts.mail, standing):
        if phase not in rule.phases:
            continue
        found = evaluate(case, rule.when)
        if found is None:
            continue
        result = _apply(result, rule, found, case.policy.field_types)
        if rule.stop:
            break
    return result if reply else _with_service(result, rules, case)


def evaluate(case: Case, when: Test) -> list[Held] | None:
    """The conditions that held; None when the test as a whole does not hold."""
    if isinstance(when, Leaf):
        match = CONDITIONS[when.name](case, when.argument)
        return None if match is None else [(when.name, match)]
    held: list[Held] = []
    holds = False
    for part in when.parts:
        pairs = evaluate(case, part)
        if pairs is None and when.kind == "all":
            return None
        holds = holds or pairs is not None
        held += pairs or ()
    if when.kind == "not":
        return None if holds else [("not " + ", ".join(leaf.name for leaf in leaves(when)), Match())]
    return held if holds else None


def _short(text: str) -> str:
    """A piece of a mail as a trace repeats it: one line, not too long."""
    line = " ".join(text[: 2 * _LONGEST_TEXT].split())
    return line if len(line) <= _LONGEST_TEXT else f"{line[: _LONGEST_TEXT - 1]}…"


def _apply(before: Classification, rule: Rule, held: list[Held], types: Mapping[str, FieldType]) -> Classification:
    """A classification after one more rule, its trace included. What `then` says goes before what patterns captured."""
    hits = tuple(Hit(rule=rule.name, condition=name, text=_short(match.text)) for name, match in held)
    why = ": ".join(filter(None, (f"rule {rule.name}", ", ".join(dict.fromkeys(hit.text for hit in hits if hit.text)))))
    written = dict(rule.then).get("fields", {})
    found = (item for _, match in held for item in match.fields.items())
    texts = {name: _short(value) for name, value in found if name not in written}
    captured, misfits = typed.sorted_out(texts, types, rule.name)
    result = replace(before, hits=(*before.hits, *hits), misfits=(*before.misfits, *misfits))
    for key, argument in (*((("fields", captured),) if captured else ()), *rule.then):
        result = _traced(result, ACTIONS[key](result, argument), key, rule.name, why)
    return result


def _traced(before: Classification, after: Classification, key: str, rule: str, why: str) -> Classification:
    """A classification after an action, with what it replaced of an earlier rule's."""
    set_by, overridden = dict(before.set_by), list(before.overridden)
    for name, old, new in _changes(before, after, key):
        if name in set_by and old != new:
            overridden.append(Override(rule=rule, key=name, old=old, new=new))
        set_by[name] = why
    return replace(after, set_by=set_by, overridden=tuple(overridden))


def _changes(before: Classification, after: Classification, key: str) -> list[tuple[str, str, str]]:
    """(key, old, new) of what an action set; each field by itself, tags only add."""
    if key == "fields":
        names = [name for name, value in after.fields.items() if before.fields.get(name) != value]
        return [(f"fields.{name}", before.fields.get(name, ""), after.fields[name]) for name in names]
    if key in ("tags", "note"):
        return [(key, "", "")]
    return [(key, str(getattr(before, key) or ""), str(getattr(after, key)))]


def _with_service(result: Classification, rules: Rules, case: Case) -> Classification:
    """The service by its words when no rule set one, and what a service brings when no rule said otherwise."""
    why = f"service {result.service}"
    found = rules.service(case.facts.mail, case.standing or set()) if "service" not in result.set_by else None
    if found is not None:
        service, word = found
        why = f"service {service.key}: {word}"
        result = replace(result, service=service.key, set_by={**result.set_by, "service": why})
    entry = case.policy.services.get(result.service)
    if entry is None:
        return result
    if entry.group and "group" not in result.set_by:
        result = replace(result, group=entry.group, set_by={**result.set_by, "group": why})
    if "impact" not in result.set_by:
        result = replace(result, impact=entry.criticality, set_by={**result.set_by, "impact": why})
    return result
