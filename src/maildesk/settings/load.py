"""maildesk.toml, rules/ and templates/ -> one frozen Settings, or everything that is wrong, all at once."""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from maildesk.credentials import Secret
from maildesk.desk.clocks.hours import Calendar
from maildesk.desk.policy import Policy
from maildesk.errors import ConfigError, Located, Problem
from maildesk.rules import load as rule_files
from maildesk.rules import trials
from maildesk.rules.engine import Rules
from maildesk.settings import ical, people, yaml
from maildesk.settings.connections import Box
from maildesk.settings.document import Document, document
from maildesk.smtp import Relay

_MOST_FILES = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything the operator decided, checked. Secrets are not in it, only where they stand."""

    file: Path
    state: Path  # the folder of database, lock, key and kept tokens; it may have to be made
    policy: Policy
    mailboxes: tuple[Box, ...]
    relay: Relay
    store_url: str
    rules: Rules
    templates: Path | None  # the operator's own, when there are any
    store_secret: Secret | None = None
    health_port: int = 0  # of the metrics on 127.0.0.1; 0 is none


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """What reading gave: settings unless an error is among the problems."""

    settings: Settings | None
    document: Document
    policy: Policy
    problems: tuple[Problem, ...]


def find(option: Path | None, environment: Mapping[str, str]) -> Path:
    """The configuration file: the option, $MAILDESK_CONFIG, ./maildesk.toml, /etc/maildesk/maildesk.toml.

    Raises ConfigError when there is none; the first two are not passed over when they name nothing.
    """
    named = option or (Path(environment["MAILDESK_CONFIG"]) if environment.get("MAILDESK_CONFIG") else None)
    candidates = [named] if named else [Path("maildesk.toml"), Path("/etc/maildesk/maildesk.toml")]
    found = next((path for path in candidates if path.is_file()), None)
    if found is None:
        message = "there is no such file; `maildesk init DIR` writes a first one, --config names another"
        looked = " or ".join(map(str, candidates))
        raise ConfigError([Problem(file=looked, line=0, key="", message=message)])
    return found.absolute()


def load(file: Path, environment: Mapping[str, str] = os.environ) -> Settings:
    """The settings of a file and of what lies beside it. Raises ConfigError with everything that is wrong."""
    examined = examine(file, environment)
    if examined.settings is None:
        raise ConfigError(found for found in examined.problems if found.level == "error")
    return examined.settings


def examine(file: Path, environment: Mapping[str, str]) -> Examined:
    """Read everything there is. Problems are in the result; nothing is raised."""
    file = file.absolute()
    read = document(file, environment)
    documents, unreadable = _rule_files(file.parent / "rules")
    names = None if _mailboxes_doubtful(read) else {box.name for box in read.mailboxes}
    base = replace(read.policy, requesters=people.requesters(documents, unreadable))
    policy, rules, wrong = rule_files.load(documents, base, names)
    problems = (*read.problems, *unreadable, *wrong)
    settings = None
    if read.relay is not None and not any(found.level == "error" for found in problems):
        templates = file.parent / "templates"
        settings = Settings(
            file=file,
            state=read.state,
            policy=policy,
            mailboxes=read.mailboxes,
            relay=read.relay,
            store_url=read.store_url,
            store_secret=read.store_secret,
            rules=rules,
            templates=templates if templates.is_dir() else None,
            health_port=read.health_port,
        )
    return Examined(settings=settings, document=read, policy=policy, problems=problems)


def rule_set(config: Path, rules: Path, environment: Mapping[str, str] = os.environ) -> tuple[Policy, Rules]:
    """The policy and the rules of a folder beside a configuration, as if it were its `rules/`. Raises ConfigError."""
    read = document(config.absolute(), environment)
    documents, problems = _rule_files(rules)
    if not documents:
        problems.append(Problem(file=str(rules), line=0, key="", message="is no folder that holds rule files"))
    base = replace(read.policy, requesters=people.requesters(documents, problems))
    policy, compiled, wrong = rule_files.load(documents, base)
    errors = [found for found in (*read.problems, *problems, *wrong) if found.level == "error"]
    if errors:
        raise ConfigError(errors)
    return policy, compiled


def tried(settings: Settings, now: datetime) -> list[Problem]:
    """What does not come out as the tests in rules/tests say, and what is wrong with them."""
    folder = settings.file.parent / "rules" / "tests"
    documents, problems = _rule_files(folder)
    return problems + trials.run(documents, settings.rules, settings.policy, now)


def proposed(config: Path, rules: Path, environment: Mapping[str, str] = os.environ) -> Policy:
    """The policy of a configuration with the entries of other rule files, a file or a folder, in place of its own.

    Raises ConfigError.
    """
    read = document(config.absolute(), environment)
    problems = list(read.problems)
    documents, unreadable = _rule_files(config.absolute().parent / "rules")
    others, missing = _rule_files(rules) if rules.is_dir() else _rule_files(rules.parent, rules.name)
    kept = [replace(one, value=_without(one.value, others)) for one in documents]
    base = replace(read.policy, requesters=people.requesters([*kept, *others], unreadable))
    policy, _, wrong = rule_files.load([*kept, *others], base)
    if not others:
        problems.append(Problem(file=str(rules), line=0, key="", message="there is no such rule file"))
    problems = [p for p in (*problems, *unreadable, *missing, *wrong) if p.level == "error"]
    if problems:
        raise ConfigError(problems)
    return policy


def _without(value: Any, others: Iterable[Located]) -> Any:
    """The sections of a rule file without the entries that other files write anew; a list of rules goes whole."""
    if not isinstance(value, dict):
        return value
    left = dict(value)
    for section, content in (
        (k, c) for other in others if isinstance(other.value, dict) for k, c in other.value.items()
    ):
        own = left.get(section)
        if own is None:
            continue
        if isinstance(own.value, dict) and isinstance(content.value, dict):
            fresh = {name: entry for name, entry in own.value.items() if name not in content.value}
            left[section] = replace(own, value=fresh)
        else:
            del left[section]
    return left


def calendars(file: Path) -> Mapping[str, Calendar]:
    """The calendars of one YAML file, and `always`; nothing else in it counts. Raises ConfigError."""
    problems: list[Problem] = []
    document = ical.resolved(yaml.read(file), problems)
    policy, _, wrong = rule_files.load([document], Policy(address="desk@localhost", owner="desk@localhost"))
    problems += [found for found in wrong if found.level == "error" and found.key.startswith("calendars")]
    if problems:
        raise ConfigError(problems)
    return policy.calendars


def _mailboxes_doubtful(read: Document) -> bool:
    """Whether the names of the mailboxes cannot be known, because one of them is wrong."""
    return any(found.level == "error" and found.key.startswith("mailbox") for found in read.problems)


def _rule_files(folder: Path, pattern: str = "*.y*ml") -> tuple[list[Located], list[Problem]]:
    """Every rule file that can be read, in name order."""
    files = sorted(path for path in folder.glob(pattern) if path.suffix in (".yaml", ".yml") and path.is_file())
    documents: list[Located] = []
    problems: list[Problem] = []
    if len(files) > _MOST_FILES:
        problems.append(Problem(file=str(folder), line=0, key="", message=f"holds more than {_MOST_FILES} rule files"))
    for file in files[:_MOST_FILES]:
        try:
            documents.append(ical.resolved(yaml.read(file), problems))
        except ConfigError as error:
            problems += error.problems
    return documents, problems
