"""maildesk.toml, rules/ and templates/ -> one frozen Settings, or everything that is wrong, all at once."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from maildesk.desk.policy import Policy
from maildesk.errors import ConfigError, Located, Problem
from maildesk.rules import load as rule_files
from maildesk.rules.engine import Rules
from maildesk.settings import yaml
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
    policy, rules, wrong = rule_files.load(documents, read.policy, names)
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
            rules=rules,
            templates=templates if templates.is_dir() else None,
            health_port=read.health_port,
        )
    return Examined(settings=settings, document=read, policy=policy, problems=problems)


def _mailboxes_doubtful(read: Document) -> bool:
    """Whether the names of the mailboxes cannot be known, because one of them is wrong."""
    return any(found.level == "error" and found.key.startswith("mailbox") for found in read.problems)


def _rule_files(folder: Path) -> tuple[list[Located], list[Problem]]:
    """Every rule file that can be read, in name order."""
    files = sorted(path for path in folder.glob("*.y*ml") if path.suffix in (".yaml", ".yml") and path.is_file())
    documents: list[Located] = []
    problems: list[Problem] = []
    if len(files) > _MOST_FILES:
        problems.append(Problem(file=str(folder), line=0, key="", message=f"holds more than {_MOST_FILES} rule files"))
    for file in files[:_MOST_FILES]:
        try:
            documents.append(yaml.read(file))
        except ConfigError as error:
            problems += error.problems
    return documents, problems
