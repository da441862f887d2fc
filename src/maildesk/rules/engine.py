"""Rules over a mail: which apply, what they set, and why.

A rule is tried only when one of the words or patterns it cannot do without may stand in the mail. Those are looked for
in one pass, so that the cost is that of the rules that have a chance, not of all there are.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from maildesk.desk import thread
from maildesk.desk.model import Classification, Facts, Hit, Override
from maildesk.desk.policy import Policy, Service
from maildesk.mail.model import Mail
from maildesk.rules.actions import ACTIONS
from maildesk.rules.conditions import CONDITIONS, Case, body
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
    if isinstance(argument, tuple) and argument and all(isinstance(entry, Phrase) for entry in argument):
        return frozenset(phrase.normal for phrase in argument)
    return None


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules in order, with the index of what opens each."""

    rules: tuple[Rule, ...] = ()
    services: tuple[Service, ...] = ()
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
                catalogue.setdefault(Phrase.of(word).normal, (rank, service))
        words = [Phrase(gate, gate) for gate in opened if isinstance(gate, str)]
        patterns = [gate for gate in opened if isinstance(gate, Pattern)]
        for name, value in (
            ("_words", Vocabulary([*words, *(Phrase(word, word) for word in catalogue)])),
            ("_patterns", Patterns(patterns)),
            ("_opened", {gate: tuple(indexes) for gate, indexes in opened.items()}),
            ("_always", tuple(always)),
            ("_catalogue", catalogue),
        ):
            object.__setattr__(self, name, value)

    def candidates(self, mail: Mail) -> list[Rule]:
        """The rules that have a chance on a mail, in order."""
        found: set[int] = set(self._always)
        for gate in (*self._words.possible(_normal(mail)), *self._patterns.possible(f"{mail.subject}\n{body(mail)}")):
            found.update(self._opened.get(gate, ()))
        return [self.rules[index] for index in sorted(found)]

    def service(self, mail: Mail) -> tuple[Service, str] | None:
        """The service a mail speaks of, with the word that says so: the longest word wins, of equals the first."""
        text = _normal(mail)
        found = [word for word in self._words.possible(text) if word in self._catalogue]
        held = [word for word in found if holds(text, Phrase(word, word))]
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
    case = Case(facts=facts, policy=policy, ticket=ticket)
    phase: Phase = "reply" if reply else "new"
    result = policy.defaults
    for rule in rules.candidates(facts.mail):
        if phase not in rule.phases:
            continue
        found = test(case, rule.when)
        if found is None:
            continue
        result = _apply(result, rule, found)
        if rule.stop:
            break
    return result if reply else _with_service(result, rules, policy, facts.mail)


def test(case: Case, when: Test) -> list[tuple[str, str]] | None:
    """The conditions that held, each with the text that made it hold; None when the test does not hold."""
    if isinstance(when, Leaf):
        match = CONDITIONS[when.name](case, when.argument)
        return None if match is None else [(when.name, _short(match.text))]
    found = [test(case, part) for part in when.parts]
    held = [pairs for pairs in found if pairs is not None]
    if when.kind == "not":
        return None if held else [("not " + "/".join(_names(when.parts)), "")]
    if not held or (when.kind == "all" and len(held) < len(found)):
        return None
    return [pair for pairs in held for pair in pairs]


def _names(parts: Iterable[Test]) -> list[str]:
    return [part.name if isinstance(part, Leaf) else part.kind for part in parts]


def _short(text: str) -> str:
    line = " ".join(text[: 2 * _LONGEST_TEXT].split())
    return line if len(line) <= _LONGEST_TEXT else f"{line[: _LONGEST_TEXT - 1]}…"


def _apply(before: Classification, rule: Rule, found: list[tuple[str, str]]) -> Classification:
    """A classification after one more rule, its trace included."""
    why = f"rule {rule.name}: " + ", ".join(dict.fromkeys(text for _, text in found if text))
    hits = tuple(Hit(rule=rule.name, condition=name, text=text) for name, text in found)
    result = replace(before, hits=(*before.hits, *hits))
    for key, argument in rule.then:
        after = ACTIONS[key](result, argument)
        result = _traced(result, after, key, why.removesuffix(": "))
    return result


def _traced(before: Classification, after: Classification, key: str, why: str) -> Classification:
    """What an action set, with who set it before it."""
    set_by, overridden = dict(before.set_by), list(before.overridden)
    for name, old, new in _changes(before, after, key):
        if name in set_by and old != new:
            overridden.append(Override(rule=_rule_of(set_by[name]), key=name, old=old, new=new))
        set_by[name] = why
    return replace(after, set_by=set_by, overridden=tuple(overridden))


def _rule_of(why: str) -> str:
    return why.removeprefix("rule ").partition(": ")[0]


def _changes(before: Classification, after: Classification, key: str) -> list[tuple[str, str, str]]:
    """(key, old, new) of what an action set; each field by itself, tags only add."""
    if key == "fields":
        names = [name for name, value in after.fields.items() if before.fields.get(name) != value]
        return [(f"fields.{name}", before.fields.get(name, ""), after.fields[name]) for name in names]
    if key == "tags":
        return [(key, "", "")]
    return [(key, getattr(before, key), getattr(after, key))]


def _with_service(result: Classification, rules: Rules, policy: Policy, mail: Mail) -> Classification:
    """The service by its words when no rule set one, and what a service brings when no rule said otherwise."""
    why = f"service {result.service}"
    found = rules.service(mail) if "service" not in result.set_by else None
    if found is not None:
        service, word = found
        why = f"service {service.key}: {word}"
        result = replace(result, service=service.key, set_by={**result.set_by, "service": why})
    entry = policy.services.get(result.service)
    if entry is None:
        return result
    if entry.group and "group" not in result.set_by:
        result = replace(result, group=entry.group, set_by={**result.set_by, "group": why})
    if "impact" not in result.set_by:
        result = replace(result, impact=entry.criticality, set_by={**result.set_by, "impact": why})
    return result
