"""Broken configurations while mail comes in: each is refused with file and line, and none of it is ever believed."""

import signal
import subprocess
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from crash import desks
from crash.harness import World, at_rest, until, world
from crash.mails import mails, verdict
from fixtures.dovecot import Dovecot

HALF = "rules:\n  - name: half\n    when: {words: [case-]}\n    then: {tags: [half]}\n"


def broken() -> Iterator[tuple[str, int]]:
    """Ever more texts of the rules, each with one fault, and the line at which that is."""
    lines = desks.RULES.splitlines()
    for turn in range(100):
        for number, line in enumerate(lines, 1):
            if ":" not in line:
                continue
            indent = line[: len(line) - len(line.lstrip())]
            key = line.strip().partition(":")[0]
            fault = (
                f"{indent}{key}: {{}}",  # twice
                f"\t{line.strip()}",  # a tab
                f"{indent}{key}{turn}: 'a' b",  # something behind the end
                f"{indent}{key}{turn}: @{turn}",  # a sign that YAML keeps for itself
                f"{indent}!!python/object:os.{key}{turn} x: 1",
            )[(turn + number) % 5]
            yield "\n".join([*lines[:number], fault, *lines[number:], ""]), number + 1


def refused(where: World) -> list[str]:
    """Every line of the log that refuses a configuration."""
    return [line for line in log(where) if '"reload refused"' in line]


def log(where: World) -> list[str]:
    return (where.home.folder / "log").read_text("utf-8").splitlines()


def offer(where: World, process: subprocess.Popen[bytes], text: str) -> list[str]:
    """The desk is told to read this; what it says to that."""
    before, taken = len(refused(where)), sum('"reloaded"' in line for line in log(where))
    (where.home.folder / "rules" / "all.yaml").write_text(text)
    process.send_signal(signal.SIGHUP)
    until(
        lambda: len(refused(where)) > before or sum('"reloaded"' in line for line in log(where)) > taken,
        20,
        "an answer",
    )
    return refused(where)[before:]


@pytest.mark.parametrize("count", [5, pytest.param(200, marks=[pytest.mark.long, pytest.mark.timeout(1800)])])
def test_broken_configurations_under_traffic_change_nothing_and_name_their_lines(
    tmp_path: Path, dovecot: Dovecot, count: int
) -> None:
    fed = mails(count + 1)
    with world(tmp_path / "desk", dovecot, poll="1s") as where:
        process = desks.maildesk(where.home).start()
        try:
            until(lambda: any('"running"' in line for line in log(where)), 30, "the desk runs")
            half = where.home.folder / "rules" / "half.yaml"
            half.write_text(HALF)
            for raw, (text, line) in zip(fed[:-1], islice(broken(), count), strict=True):
                dovecot.deliver(raw)
                said = offer(where, process, text)
                assert any(f"all.yaml:{near}:" in said[0] for near in (line - 1, line, line + 1)), (text, said)
            until(lambda: at_rest(where, count), 60, "every mail is decided")
            half.unlink()
            assert offer(where, process, desks.RULES) == []
            assert half_tagged(where) == []
            half.write_text(HALF)
            assert offer(where, process, desks.RULES) == []
            dovecot.deliver(fed[-1])
            until(lambda: at_rest(where, count + 1), 30, "the last mail is decided")
            assert len(half_tagged(where)) == 1
            assert process.poll() is None
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
        finally:
            desks.kill(process)
        desk = desks.maildesk(where.home)
        desk.finish()
        assert verdict(fed, desk.subjects(), where.sink.mails).clean
        assert not any("Traceback" in line for line in log(where))


def half_tagged(where: World) -> list[str]:
    """The subjects of the tickets that the half configuration was used for."""
    found = desks.ask(where.home, "ticket", "list", "--limit", "100000")
    return [ticket["subject"] for ticket in found if "half" in ticket["tags"]]
