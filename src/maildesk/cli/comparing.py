"""Many mails judged by two rule sets, on every core that there is."""

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from maildesk.desk.model import Facts
from maildesk.desk.policy import Policy
from maildesk.mail.parse import Reading, parse
from maildesk.rules import engine, trials
from maildesk.rules.engine import Rules
from maildesk.settings import rule_set

_BATCH = 100  # mails handed to a process at once
_WORTH_IT = 1_000  # mails from which on other processes pay for their start
Named = tuple[str, bytes | Path]  # what a mail is called, and its octets or where they are


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A mail that the two judge differently: each key with the old and the new value, and the rules that applied."""

    mail: str
    subject: str
    changed: dict[str, tuple[Any, Any]]
    old_rules: list[str]
    new_rules: list[str]


@dataclass(frozen=True, slots=True)
class Compared:
    """Some mails: how many, and those that are judged differently."""

    mails: int
    found: list[Difference]


@dataclass(frozen=True, slots=True)
class Sides:
    """The two rule sets, and when and where each mail is taken to have arrived."""

    old: tuple[Policy, Rules]
    new: tuple[Policy, Rules]
    mailbox: str
    now: datetime


_sides: list[Sides] = []  # of a process of the pool


def differences(config: Path, old: Path, new: Path, mails: Iterable[Named], mailbox: str, now: datetime,
                count: int) -> Iterator[Compared]:  # fmt: skip
    """What is judged differently, by batches in the order of the mails; `count` is how many there may be."""
    batches = _batches(mails)
    processes = min(os.cpu_count() or 1, count // _BATCH)
    if count < _WORTH_IT or processes < 2:
        sides = _opened(config, old, new, mailbox, now)
        yield from (_compared(sides, batch) for batch in batches)
        return
    with ProcessPoolExecutor(processes, get_context("spawn"), _start, (config, old, new, mailbox, now)) as pool:
        waiting = []
        for batch in batches:
            waiting.append(pool.submit(_in_process, batch))
            if len(waiting) > 2 * processes:
                yield waiting.pop(0).result()
        for left in waiting:
            yield left.result()


def _batches(mails: Iterable[Named]) -> Iterator[list[Named]]:
    source = iter(mails)
    while batch := list(islice(source, _BATCH)):
        yield batch


def _opened(config: Path, old: Path, new: Path, mailbox: str, now: datetime) -> Sides:
    return Sides(rule_set(config, old), rule_set(config, new), mailbox, now)


def _start(config: Path, old: Path, new: Path, mailbox: str, now: datetime) -> None:
    _sides.append(_opened(config, old, new, mailbox, now))


def _in_process(batch: list[Named]) -> Compared:
    return _compared(_sides[0], batch)


def _compared(sides: Sides, batch: list[Named]) -> Compared:
    found = (_difference(sides, name, mail if isinstance(mail, bytes) else mail.read_bytes()) for name, mail in batch)
    return Compared(len(batch), [one for one in found if one is not None])


def _difference(sides: Sides, name: str, raw: bytes) -> Difference | None:
    policy = sides.old[0]
    mail = parse(raw, Reading(authserv_id=policy.authserv_id, loop=policy.address))
    facts = Facts(mail=mail, inbound=0, mailbox=sides.mailbox, arrived=sides.now)
    old, new = (engine.classify(facts, rules, policy) for policy, rules in (sides.old, sides.new))
    was, becomes = trials.came_out(old, sides.old[0]), trials.came_out(new, sides.new[0])
    changed = {key: (was[key], becomes[key]) for key in was if was[key] != becomes[key]}
    if not changed:
        return None
    return Difference(
        mail=name,
        subject=mail.subject,
        changed=changed,
        old_rules=list(dict.fromkeys(hit.rule for hit in old.hits)),
        new_rules=list(dict.fromkeys(hit.rule for hit in new.hits)),
    )
