"""The systemd unit: what a taken-over daemon could still reach."""

import os
import re
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest

UNIT = Path(__file__).parents[2] / "systemd" / "maildesk.service"
EXPOSURE = 1.2


def analyze(*arguments: str) -> str:
    tool = shutil.which("systemd-analyze")
    if tool is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("systemd-analyze is missing: apt-get install systemd")
    done = subprocess.run([tool, *arguments], capture_output=True, text=True, timeout=60)
    return done.stdout + done.stderr


def directives() -> dict[str, list[str]]:
    found = defaultdict(list)
    for line in UNIT.read_text().splitlines():
        key, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found[key].append(value)
    return found


def test_exposure_is_as_low_as_promised() -> None:
    report = analyze("security", "--no-pager", "--offline=true", str(UNIT))
    overall = re.search(r"Overall exposure level for maildesk\.service: ([\d.]+)", report)
    assert overall is not None, report
    assert float(overall[1]) <= EXPOSURE, report


def test_every_directive_is_one_that_systemd_knows(tmp_path: Path) -> None:
    here = tmp_path / UNIT.name
    here.write_text(re.sub(r"(?m)^ExecStart=.*", "ExecStart=/bin/true", UNIT.read_text()))
    report = analyze("verify", "--man=no", str(here))
    assert UNIT.name not in report, report


def test_configuration_errors_are_not_tried_again() -> None:
    assert directives()["RestartPreventExitStatus"] == ["64 78"]
    assert directives()["Restart"] == ["on-failure"]


def test_daemon_is_told_to_report_and_reload() -> None:
    unit = directives()
    assert unit["Type"] == ["notify"]
    assert unit["WatchdogSec"] == ["60s"]
    assert unit["ExecReload"] == ["/bin/kill -HUP $MAINPID"]


def test_secrets_come_as_credentials_and_nothing_else_carries_one() -> None:
    unit = directives()
    assert [value.partition(":")[0] for value in unit["LoadCredential"]] == ["imap", "smtp"]
    assert not re.search(r"(?i)pass|secret|token", " ".join([*unit["Environment"], *unit["ExecStart"]]))


def test_daemon_owns_nothing_and_writes_its_state_alone() -> None:
    unit = directives()
    assert (unit["DynamicUser"], unit["User"]) == (["yes"], ["maildesk"])
    assert unit["StateDirectory"] == ["maildesk"]
    assert unit["StateDirectoryMode"] == ["0700"]
    assert unit["ProtectSystem"] == ["strict"]
    assert "ReadWritePaths" not in unit
