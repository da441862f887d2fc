"""What is allowed in rules and yet most likely not meant: dead, shadowed, conflicting, words within words."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from maildesk.rules.engine import Group, Leaf, Rule, Rules, Test, leaves
from maildesk.rules.words import Phrase, holds

_ADDING = frozenset({"tags", "fields", "note"})  # actions that leave what earlier rules set


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One thing about one rule."""

    rule: str
    kind: str  # dead | shadowed | conflicting | word | never matched
    text: str


def lint(rules: Rules, matched: Collection[str] | None = None, seen: int = 0) -> list[Finding]:
    """Everything about a set of rules; `matched` are those that applied to one of the `seen` mails, None unknown."""
    found = [*_between(rules.rules), *_words(rules.rules), *_alone(rules.rules)]
    if matched is not None and seen:
        found += [
            Finding(rule=rule.name, kind="never matched", text=f"applied to none of the last {seen} mails")
            for rule in rules.rules
            if rule.name not in matched and rule.phases == {"new"}  # a stored mail is judged as a new one
        ]
    order = {rule.name: index for index, rule in enumerate(rules.rules)}
    return sorted(found, key=lambda one: order[one.rule])


def _alone(rules: Sequence[Rule]) -> Iterator[Finding]:
    """A rule that contradicts itself."""
    for rule in rules:
        if _contradictory(rule.when):
            yield Finding(rule=rule.name, kind="dead", text="never applies: what it asks for, its `not` excludes")
        then = dict(rule.then)
        floor, cap = then.get("priority_at_least"), then.get("priority_at_most")
        if floor and cap and floor < cap:
            text = f"sets the priority to at least {floor} and at most {cap}: at least {floor} counts"
            yield Finding(rule=rule.name, kind="conflicting", text=text)


def _contradictory(test: Test) -> bool:
    if not isinstance(test, Group) or test.kind != "all":
        return False
    asked = Group("all", tuple(part for part in test.parts if not (isinstance(part, Group) and part.kind == "not")))
    excluded = [one for part in test.parts if isinstance(part, Group) and part.kind == "not" for one in part.parts]
    return any(implies(asked, one) for one in excluded) or any(map(_contradictory, test.parts))


def _between(rules: Sequence[Rule]) -> Iterator[Finding]:
    """What one rule does to another: the first of each kind is enough."""
    said: set[tuple[str, str]] = set()
    for earlier, later in combinations(rules, 2):
        for finding in _pair(earlier, later):
            if (finding.rule, finding.kind) not in said:
                said.add((finding.rule, finding.kind))
                yield finding


def _pair(earlier: Rule, later: Rule) -> Iterator[Finding]:
    if earlier.stop and later.phases <= earlier.phases and implies(later.when, earlier.when):
        text = f"is never tried: whatever it applies to, `{earlier.name}` before it applies to, and stops"
        yield Finding(rule=later.name, kind="dead", text=text)
        return
    if earlier.stop:
        return
    one, other = dict(earlier.then), dict(later.then)
    same = implies(later.when, earlier.when) and implies(earlier.when, later.when)
    both = sorted(key for key in one.keys() & other.keys() - _ADDING if one[key] != other[key])
    if same and both and earlier.phases & later.phases:
        text = f"asks for the same as `{earlier.name}` and sets another {', '.join(both)}: the later rule wins"
        yield Finding(rule=later.name, kind="conflicting", text=text)
    elif (
        earlier.phases <= later.phases
        and one.keys() <= other.keys()
        and not one.keys() & _ADDING
        and implies(earlier.when, later.when)
    ):
        text = f"sets nothing that stays: `{later.name}` after it applies to all the same mails and sets it anew"
        yield Finding(rule=earlier.name, kind="shadowed", text=text)


def implies(one: Test, other: Test) -> bool:
    """Whether `other` holds wherever `one` does, as far as can be told from what is written."""
    if one == other:
        return True
    if isinstance(other, Group) and other.kind == "all":
        return all(implies(one, part) for part in other.parts)
    if isinstance(one, Group) and one.kind == "any":
        return all(implies(part, other) for part in one.parts)
    if isinstance(one, Group) and one.kind == "all" and any(implies(part, other) for part in one.parts):
        return True
    if isinstance(other, Group):
        return other.kind == "any" and any(implies(one, part) for part in other.parts)
    return isinstance(one, Leaf) and _leaf_implies(one, other)


_WIDER = {  # a condition, and those that look at more of the same mail
    "subject_words": {"subject_words", "words", "whole_words"},
    "text_words": {"text_words", "words", "whole_words"},
    "words": {"words", "whole_words"},
    "whole_words": {"whole_words"},
}


def _leaf_implies(one: Leaf, other: Leaf) -> bool:
    if other.name in _WIDER.get(one.name, ()):
        return all(any(holds(word.normal, wide) for wide in other.argument) for word in one.argument)
    return (
        one.name == other.name
        and isinstance(one.argument, tuple)
        and isinstance(other.argument, tuple)
        and set(one.argument) <= set(other.argument)
    )


def _words(rules: Sequence[Rule]) -> Iterator[Finding]:
    """A word that is found wherever a shorter one of the same list is found already."""
    for rule in rules:
        for leaf in leaves(rule.when):
            phrases = [one for one in _tuple(leaf.argument) if isinstance(one, Phrase)]
            for word in phrases:
                inner = next((p for p in phrases if p != word and holds(word.normal, p)), None)
                if inner is not None:
                    text = f"`{leaf.name}` need not say {word.text}: {inner.text} stands in it and is found with it"
                    yield Finding(rule=rule.name, kind="word", text=text)


def _tuple(argument: object) -> tuple[object, ...]:
    return argument if isinstance(argument, tuple) else ()
