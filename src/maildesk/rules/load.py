"""Rule files as read -> the policy and the compiled rules, with everything that is wrong, all at once."""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace

from maildesk.desk.classification import Classification
from maildesk.desk.clocks.hours import ALWAYS
from maildesk.desk.model import Degree, Impact, Priority
from maildesk.desk.people.requesters import Requester
from maildesk.desk.policy import DEFAULT_MATRIX, Policy
from maildesk.desk.policy import Rung as PolicyRung
from maildesk.desk.policy import Special as PolicySpecial
from maildesk.desk.policy import Target as PolicyTarget
from maildesk.desk.priority import PRIORITIES
from maildesk.desk.reporting import Report
from maildesk.errors import Located, Problem
from maildesk.rules import (
    agreement,
    alerts,
    judging,
    knowing,
    reading,
    references,
    reminding,
    reports,
    sections,
    timing,
    typed,
)
from maildesk.rules import people as directory
from maildesk.rules.engine import Rule, Rules
from maildesk.rules.merged import Reader, merged
from maildesk.rules.written import Entries, closest, problem

_IMPACTS: tuple[Impact, ...] = ("high", "medium", "low")


def load(
    documents: Sequence[Located], base: Policy, mailboxes: Collection[str] | None = None
) -> tuple[Policy, Rules, tuple[Problem, ...]]:
    """`base` (what maildesk.toml says) with all that the rule files add, and the rules compiled.

    `mailboxes` are the names that rules may use, None when they are not known. Entries with an error are left out;
    whoever gets an error among the problems must not use the result.
    """
    reader = Reader(*merged(documents))
    entries = reader.entries
    targets, specials = _targets(reader), _specials(reader)
    people = entries("people", sections.Person)
    fields: Callable[..., typed.FieldType] = typed.Typed
    reader.whole("directory", directory.Directory, None)
    policy = replace(
        base,
        defaults=_defaults(reader, base.defaults),
        field_types={key: entry.build() for key, entry in entries("fields", fields).items()},
        matrix=_matrix(reader),
        people={key: entry.build(key) for key, entry in people.items()},
        groups={key: entry.build(key) for key, entry in entries("groups", sections.Group).items()},
        calendars={
            "always": ALWAYS,
            **{key: entry.build() for key, entry in entries("calendars", timing.Calendar).items()},
            **sections.shifts(people, base.timezone),
        },
        sla={priority: targets[priority] for priority in PRIORITIES if priority in targets},
        specials=specials,
        named_targets={**targets, **{special.name: special.target for special in specials}},
        olas={key: entry.build() for key, entry in entries("ola", timing.Ola).items()},
        pending=reader.whole("pending", reminding.Pending, reminding.Pending()).build(),
        closing=reader.whole("closing", reminding.Closing, reminding.Closing()).build(),
        forecast=reader.whole("forecast", reminding.Forecast, reminding.Forecast()).build(),
        worklist_at=reader.whole("worklist", reminding.Worklist, reminding.Worklist()).at,
        progress=reader.whole("progress", reminding.Progress, reminding.Progress()).tell,
        ladders=_ladders(reader),
        services={key: entry.build(key) for key, entry in entries("services", sections.Service).items()},
        requesters=_requesters(reader, base.requesters),
        precedence=reader.whole("priority", judging.Precedence, judging.Precedence()).build(),
        duplicates=reader.whole("duplicates", knowing.Duplicates, knowing.Duplicates()).build(),
        offering=reader.whole("solutions", knowing.Solutions, knowing.Solutions()).build(),
        surging=reader.whole("surge", knowing.Surge, knowing.Surge()).build(),
        reports=_reports(reader),
        alerting=reader.whole("alerts", alerts.Alerts, alerts.Alerts()).build(base.timezone),
        asking=reader.whole("ask", judging.Ask, judging.Ask()).build(),
    )
    rules = Rules(_rules(reader), tuple(policy.services.values()), _version(reader.written))
    problems = [*reader.problems, *references.unknown_names(reader.written)]
    if mailboxes is not None:
        problems += references.unknown_mailboxes(reader.written, mailboxes)
    problems += references.unknown_in_conditions(reader.written)
    problems += references.unknown_scopes(policy, reader.written, mailboxes)
    problems += typed.misfits(policy.field_types, reader.written["rules"])
    for check in agreement.CHECKS:
        problems += check(policy, reader.written)
    return policy, rules, tuple(sorted(problems, key=lambda found: (found.file, found.line)))


def _defaults(reader: Reader, base: Classification) -> Classification:
    found = reader.whole("defaults", sections.Defaults, None)
    return found.build() if found else base


def _matrix(reader: Reader) -> Mapping[Impact, Mapping[Degree, Priority]]:
    rows = {name: row.build() for name, row in reader.entries("matrix", sections.Row, ("major", *_IMPACTS)).items()}
    written = reader.written["matrix"]
    missing = [degree for degree in _IMPACTS if degree not in written]
    if written and missing:
        first = next(iter(written.values()))
        reader.problems.append(problem(first, "matrix", f"has no row for {' and '.join(missing)}"))
    return {impact: rows.get(impact, row) for impact, row in DEFAULT_MATRIX.items()}


def _version(written: Mapping[str, Entries]) -> str:
    """A short hash of what decides how a mail is judged: the same files give the same one on any machine."""
    judging = [
        [(name, entry.plain()) for name, entry in written[section].items()]
        for section in ("defaults", "fields", "rules", "services")
    ]
    return hashlib.sha256(repr(judging).encode("utf-8", "surrogatepass")).hexdigest()[:8]


def _targets(reader: Reader) -> dict[str, PolicyTarget]:
    """The targets of the priorities, and those that only rules name; a name that nobody asks for is a mistake."""
    plain = {name: entry for name, entry in reader.written["sla"].items() if not timing.special(name)}
    names = (*PRIORITIES, *references.targets_asked(reader.written))
    found = replace(reader, written={**reader.written, "sla": plain}).entries("sla", timing.Target, names)
    return {name: target.build() for name, target in found.items()}


def _specials(reader: Reader) -> tuple[PolicySpecial, ...]:
    """The targets of some tickets of a priority, each on top of the priority's own; those that name the most first."""
    written, found = reader.written["sla"], []
    for name, entry in written.items():
        read_name = timing.special(name)
        if read_name is None:
            continue
        priority, only = read_name
        below = written[priority].value if priority in written else {}
        if isinstance(below, dict) and isinstance(entry.value, dict):
            entry = replace(entry, value={**below, **entry.value})
        target = reader.value(entry, timing.Target, f"sla.{name}")
        if target is not None:
            found.append(PolicySpecial(name=name, priority=priority, only=only, target=target.build()))
    return tuple(sorted(found, key=lambda special: (-len(special.only), min(map(timing.SCOPES.index, special.only)))))


def _requesters(reader: Reader, base: Mapping[str, Requester]) -> Mapping[str, Requester]:
    """Those of a directory file, and those that are written out on top."""
    found = dict(base)
    for name, entry in reader.written["requesters"].items():
        value = reader.value(entry, directory.Requester, f"requesters.{name}")
        try:
            key = directory.key_of(name)
        except ValueError as error:
            reader.problems.append(problem(entry, f"requesters.{name}", str(error)))
            continue
        if value is not None:
            built = value.build(key)
            found |= dict.fromkeys(built.addresses or (key,), built)
    return found


def _ladders(reader: Reader) -> dict[str, tuple[PolicyRung, ...]]:
    shape: Callable[..., tuple[timing.Rung, ...]] = timing.Ladder
    return {name: tuple(rung.build() for rung in rungs) for name, rungs in reader.entries("ladders", shape).items()}


def _reports(reader: Reader) -> tuple[Report, ...]:
    found: list[Report] = []
    for name in reports.NAMES:
        entry = reader.written["reports"].get(name)
        value = reader.value(entry, reports.Report, f"reports.{name}") if entry else None
        if entry is None or value is None:
            continue
        wrong = reports.misfit(name, value)
        if wrong:
            reader.problems.append(problem(entry, f"reports.{name}.at", wrong))
        else:
            found.append(value.build(name))
    for name, entry in reader.written["reports"].items():
        if name not in reports.NAMES:
            wrong = f"must be one of {', '.join(reports.NAMES)}" + closest(name, reports.NAMES)
            reader.problems.append(problem(entry, f"reports.{name}", wrong))
    return tuple(found)


def _rules(reader: Reader) -> tuple[Rule, ...]:
    found: list[Rule] = []
    for name, entry in reader.written["rules"].items():
        rule, problems = reading.rule(entry, f"rules.{name}")
        reader.problems.extend(problems)
        found += [rule] if rule else []
    return tuple(found)
