"""`rules ...`: what the rules make of mails, what other rules would, what is odd about them, and their schema."""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated, Literal

import typer

from maildesk import clock
from maildesk.cli import shapes
from maildesk.cli.common import Exit, Json, complain, config, config_file, emit, progress, records, say
from maildesk.cli.comparing import Difference, Named, differences
from maildesk.cli.mails import Files, octets
from maildesk.desk import priority
from maildesk.desk.classification import Classification
from maildesk.desk.model import Facts, Ticket
from maildesk.desk.policy import Policy
from maildesk.mail.model import Address, Mail
from maildesk.mail.parse import Reading, parse
from maildesk.rules import engine, lint, schema
from maildesk.settings import Settings
from maildesk.store import inbound
from maildesk.store.database import reading

Stored = Annotated[int, typer.Option("--stored", min=0, help="So many of the mails that the desk has, the newest.")]


def try_mails(files: Files, as_json: Json = False) -> None:
    """Say what the rules would do with these mails, and why."""
    loaded = config()
    policy = loaded.policy
    for file in files:
        mail, result = _judged(octets(file), loaded)
        sample = _sample(mail, result, policy)
        row = shapes.rules_test(str(file), result, policy, sample)
        if as_json:
            emit([row])
            continue
        say(f"{file}: {mail.subject}")
        for key, value in row["classification"].items():
            if value:
                say(f"  {key + ':':10} {_shown(value)}   {_set_by(key, result)}")
        say(f"  priority:  {sample.priority}   {row['reason']}")
        for hit in result.hits:
            say(f"  matched    {hit.rule}: {hit.condition}" + (f": {hit.text}" if hit.text else ""))
        for out in result.misfits:
            say(f'  left out   {out.field}: "{out.text}" is not {out.wanted} (rule {out.rule})')
        for over in result.overridden:
            say(f"  overridden {over.key}: {over.old} -> {over.new} by {over.rule}")


def _set_by(key: str, result: Classification) -> str:
    """Which rule set a value, on which words; of fields each, of notes the last."""
    if key == "fields":
        return "; ".join(dict.fromkeys(why for name, why in result.set_by.items() if name.startswith("fields.")))
    return result.set_by.get({"notes": "note"}.get(key, key), "default")


def _judged(raw: bytes, loaded: Settings) -> tuple[Mail, Classification]:
    policy = loaded.policy
    mail = parse(raw, Reading(authserv_id=policy.authserv_id, loop=policy.address))
    facts = Facts(mail=mail, inbound=0, mailbox=loaded.mailboxes[0].name, arrived=clock.now())
    return mail, engine.classify(facts, loaded.rules, policy)


def _sample(mail: Mail, result: Classification, policy: Policy) -> Ticket:
    """A ticket as the mail would open it, as far as its priority and the reason go."""
    return replace(
        Ticket(number=0, opened_at=clock.now(), requester=mail.sender or Address(address="")),
        impact=result.impact,
        urgency=result.urgency,
        priority=priority.decide(result, policy),
        priority_bound=priority.bound(result, policy),
        impact_reason=result.set_by.get("impact", ""),
        urgency_reason=result.set_by.get("urgency", ""),
    )


def diff(
    old: Annotated[Path, typer.Argument(help="A folder of rule files.")],
    new: Annotated[Path, typer.Argument(help="Another one.")],
    mails: Annotated[list[Path] | None, typer.Argument(help="Mails as files, or folders of them.")] = None,
    stored: Stored = 0,
    as_json: Json = False,
) -> None:
    """Say which mails two sets of rules judge differently, and how. Exit code 1 when there are any."""
    files = [file for path in mails or () for file in _files(path)]
    if not files and not stored:
        complain("name mails, or folders of them, or --stored N")
        raise typer.Exit(Exit.USAGE)
    loaded = config()
    total = len(files) + stored
    seen = differences(config_file(), old, new, _named(files, stored), loaded.mailboxes[0].name, clock.now(), total)
    found = looked = 0
    with progress() as bar:
        task = bar.add_task("mails", total=total)
        for batch in seen:
            found += len(batch.found)
            looked += batch.mails
            bar.advance(task, batch.mails)
            if as_json:
                emit(asdict(one) for one in batch.found)
            else:
                _say_differences(batch.found)
    if not as_json:
        say(f"{found} of {looked} mails are judged differently")
    raise typer.Exit(Exit.WANTING if found else Exit.DONE)


def _files(path: Path) -> list[Path]:
    return sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]


def _named(files: Sequence[Path], stored: int) -> Iterator[Named]:
    yield from ((str(file), file) for file in files)
    if stored:
        with records() as opened, reading(opened.engine) as connection:
            yield from ((f"mail {number}", raw) for number, raw in inbound.newest(connection, stored))


def _say_differences(found: Sequence[Difference]) -> None:
    for one in found:
        say(f"{one.mail}: {one.subject}")
        for key, (was, becomes) in one.changed.items():
            say(f"  {key}: {_shown(was)} -> {_shown(becomes)}")
        gone = [name for name in one.old_rules if name not in one.new_rules]
        come = [name for name in one.new_rules if name not in one.old_rules]
        for word, names in (("no longer", gone), ("now", come)):
            if names:
                say(f"  {word} applies: {', '.join(names)}")


def _shown(value: object) -> str:
    if isinstance(value, tuple | list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, dict) and value:
        return ", ".join(f"{name} {text}" for name, text in value.items())
    return str(value) if value not in ("", None, {}) else "none"


def lint_(stored: Stored = 0, as_json: Json = False) -> None:
    """Say which rules are dead, shadowed, conflicting, say a word in vain, or never match. Exit code 1 for any."""
    loaded = config()
    matched: set[str] | None = None
    seen = 0
    if stored:
        matched = set()
        with records() as opened, reading(opened.engine) as connection:
            for _, raw in inbound.newest(connection, stored):
                seen += 1
                matched |= {hit.rule for hit in _judged(raw, loaded)[1].hits}
    found = lint.lint(loaded.rules, matched, seen)
    if as_json:
        emit(asdict(one) for one in found)
    else:
        for one in found:
            say(f"{one.kind}: rule `{one.rule}` {one.text}")
        say(f"{len(loaded.rules.rules)} rules, {len(found)} remarks")
    raise typer.Exit(Exit.WANTING if found else Exit.DONE)


def schema_(
    of: Annotated[Literal["rules", "tests"], typer.Argument(help="Of the files in rules/, or in rules/tests/.")] = (
        "rules"
    ),
) -> None:
    """Print the JSON Schema of rule files, for editors."""
    found = schema.rule_files() if of == "rules" else schema.trial_files()
    sys.stdout.write(json.dumps(found, indent=2, ensure_ascii=False) + "\n")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    rules = typer.Typer(help="The operator's rules.", no_args_is_help=True)
    rules.command("test")(try_mails)
    rules.command("diff")(diff)
    rules.command("lint")(lint_)
    rules.command("schema")(schema_)
    app.add_typer(rules, name="rules")
