"""`maildesk check`: the errors that `load` raises, and what is allowed and yet most likely not meant."""

import os
import stat
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

from maildesk import clock
from maildesk.desk.clocks import hours
from maildesk.desk.policy import Policy
from maildesk.errors import ConfigError, Located, Problem
from maildesk.rules.engine import Rules
from maildesk.rules.written import warning
from maildesk.settings import knowledge
from maildesk.settings.keys import key
from maildesk.settings.load import Examined, examine, tried
from maildesk.settings.starter import starter

_AHEAD = timedelta(days=45)  # a year's holidays should be known by then


def check(file: Path, environment: Mapping[str, str] = os.environ) -> list[Problem]:
    """Everything wrong with a configuration, errors and warnings, by file and line."""
    examined = examine(file, environment)
    problems = [*examined.problems, *_templates(file.absolute().parent / "templates")]
    articles, wrong = knowledge.read(file.absolute().parent / "knowledge")
    problems += [*wrong, *knowledge.unknown_services(articles, examined.policy.services)]
    if examined.document.located.value:
        problems += _advice(examined, file.absolute(), clock.now())
    if examined.settings is not None:
        problems += [
            *_keys(examined.settings.state),
            *tried(examined.settings, clock.now()),
            *_variants(examined.settings.rules, file.absolute()),
        ]
    return sorted(dict.fromkeys(problems), key=lambda found: (found.file, found.line))


def _templates(own: Path) -> list[Problem]:
    from maildesk import notify  # only here: who loads settings does without the template engine

    try:
        notify.load(starter() / "templates", own if own.is_dir() else None)
    except ConfigError as error:
        return list(error.problems)
    return []


def _keys(state: Path) -> Iterator[Problem]:
    """The keys of the desk: whoever reads them can sign a reply in anybody's name."""
    file = state / "key"
    try:
        loose = file.exists() and stat.S_IMODE(file.stat().st_mode) & 0o077
        if loose:
            place = Located(value=None, file=str(file))
            yield warning(place, "", f"can be read by others (mode {loose | 0o600:04o}): chmod 600 {file}")
        if file.exists():
            key(state)
    except ConfigError as error:
        yield from error.problems
    except OSError as error:
        yield warning(Located(value=None, file=str(file)), "", f"cannot be looked at: {error.strerror or error}")


def _variants(rules: Rules, file: Path) -> Iterator[Problem]:
    """Variants of the acknowledgement that rules name and that stand in no file: the usual one goes out."""
    for rule in rules.rules:
        name = dict(rule.then).get("template")
        found = [file.parent / "templates" / "acknowledged" / f"requester.{name}.{one}.md" for one in ("zh", "en")]
        for path in found if name else ():
            if not path.is_file():
                place = Located(value=None, file=str(file.parent / "rules"))
                yield warning(place, f"rules.{rule.name}.then.template", f"there is no {path}: the usual one goes out")


def _advice(examined: Examined, file: Path, now: datetime) -> Iterator[Problem]:
    located = examined.document.located
    yield from _trust(examined.policy, located)
    yield from _store(located, file)
    rules = Located(value=None, file=str(file.parent / "rules"))
    yield from _rules(examined.policy, rules, now)


def _trust(policy: Policy, located: Located) -> Iterator[Problem]:
    if not policy.authserv_id:
        message = (
            "is not set: no sender can be verified, so whoever gets hold of a mail that the desk sent to a member of "
            "the staff can give commands in his name. Write what your mail server puts at the front of "
            "Authentication-Results"
        )
        yield warning(located.value.get("trust", located), "trust.authserv_id", message)


def _store(located: Located, file: Path) -> Iterator[Problem]:
    store = located.value.get("store")
    url = store.plain().get("url", "") if store is not None and isinstance(store.value, dict) else ""
    credentials = url.partition("://")[2].rpartition("@")[0] if isinstance(url, str) else ""
    if ":" in credentials and stat.S_IMODE(file.stat().st_mode) & 0o077:
        message = f"holds a password, and {file} can be read by others: use secret_file"
        yield warning(store or located, "store.url", message)


def _rules(policy: Policy, rules: Located, now: datetime) -> Iterator[Problem]:
    if not policy.groups:
        yield warning(rules, "groups", "there are none: every ticket goes to the desk's owner")
    elif not policy.defaults.group:
        yield warning(rules, "defaults.group", "is not set: what no rule dispatches goes to the desk's owner")
    missing = [priority for priority in ("P1", "P2", "P3", "P4") if priority not in policy.sla]
    if missing:
        yield warning(rules, "sla", f"there is no target for {', '.join(missing)}: their tickets have no deadline")
    for name, calendar in policy.calendars.items():
        for year in sorted({now.year, (now + _AHEAD).year}):
            if not hours.known_year(calendar, year):
                message = (
                    f"the holidays of {calendar.country} in {year} are not announced in the `holidays` package that is "
                    "installed: update it, or write them under `add` and `workdays`"
                )
                yield warning(rules, f"calendars.{name}.holidays", message)
