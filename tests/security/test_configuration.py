"""Rules, YAML and templates that are built to hurt: refused with their file, in bounded time and memory, obeyed never.

One process imports everything and forks once for each case; the kernel ends a case that takes too much.
"""

import json
import os
import resource
import shutil
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from maildesk import settings
from maildesk.rules.patterns import Pattern

CPU_SECONDS = 10
MEMORY = 400 << 20
RULE = "rules:\n  - name: r{number}\n    when: {{subject_matches: '{pattern}'}}\n    then: {{group: l1}}\n"

RULES = {
    "a billion laughs": "a: &a [x, x]\n" + "".join(f"a{n}: &a{n} [*a, *a, *a, *a]\n" for n in range(30)),
    "nesting": "rules: " + "[" * 100_000,
    "nesting in a key": "? " + "[" * 5_000 + "\n: 1\n",
    "very many values": "people: {" + ",".join(f"a{n}: x" for n in range(110_000)) + "}",
    "a very large file": "# " + "x" * 3_000_000,
    "a python object": "rules: !!python/object/apply:os.system ['touch PWNED']\n",
    "a merge key": "people:\n  <<: {a: b}\n",
    "a very long key": "x" * 900_000 + ": 1\n",
    "a pattern that multiplies": RULE.format(number=1, pattern="((((a{100}){100}){100}){100})"),
    "a pattern of very many groups": RULE.format(number=1, pattern="(a?)" * 100_000),
    "a pattern that looks back": RULE.format(number=1, pattern="(?<=a)b"),
}
TEMPLATES = {
    "repetition": "{{ 'x' * 999999999 }}",
    "a power": "{{ 9 ** 9999999 }}",
    "format": "{{ '%0999999999d' | format(1) }}",
    "padding": "{{ desk.name | center(999999999) }}",
    "loops in loops": "".join(f"{{% for c{n} in desk.name %}}" for n in range(9)) + "x" + "{% endfor %}" * 9,
    "a loop without an end": "{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}",
    "doubling": "{% set a = desk.name %}" + "{% set a = a ~ a %}" * 40 + "{{ a }}",
    "joining what was joined": "{{ desk.name" + " | join(desk.name)" * 12 + " }}",
    "replacing in what was replaced": "{{ desk.name" + " | replace('', 'xxxxxxxxxx')" * 12 + " }}",
    "a way to the classes": "{{ ''.__class__.__mro__ }}",
    "a way to the classes by a filter": "{{ desk.name | attr('__class__') }}",
    "a way to the classes by a format": "{{ '{0.__class__}'.format(desk) }}",
    "a way to the files": "{% include '/etc/passwd' %}",
    "an import": "{% from 'os' import system %}",
}


CLEAN = "clean"


def place(home: Path, kind: str, text: str) -> None:
    """A desk whose configuration holds one hostile file."""
    settings.init(home)
    for folder in ("templates", "rules/tests"):  # the shipped ones are read once for all cases
        shutil.rmtree(home / folder)
    file = home / ("rules/hostile.yaml" if kind == "rules" else "templates/closed/requester.en.md")
    file.parent.mkdir(exist_ok=True, parents=True)
    file.write_text(text if kind == "rules" else f"Subject: x\n\n{text}\n")


@pytest.fixture(scope="module")
def refused(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What `check` says of each case; nothing where it was ended."""
    homes = tmp_path_factory.mktemp("homes")
    for kind, cases in (("rules", RULES), ("templates", TEMPLATES)):
        for name, text in cases.items():
            place(homes / name, kind, text)
    place(homes / CLEAN, "templates", "{{ desk.name }}")
    child = [sys.executable, __file__, str(homes)]
    done = subprocess.run(child, capture_output=True, text=True, timeout=100, check=False, cwd=homes)
    assert done.returncode == 0, done.stderr
    assert not list(homes.rglob("PWNED"))
    return dict(json.loads(line) for line in done.stdout.splitlines())


@pytest.mark.parametrize("name", [*RULES, *TEMPLATES])
def test_hostile_configuration_is_refused_with_its_file_within_its_limits(
    name: str, refused: dict[str, list[str]]
) -> None:
    file = "hostile.yaml" if name in RULES else "closed/requester.en.md"
    assert any(file in line for line in refused.get(name, [])), refused.get(name, "it was ended by the kernel")


def test_the_harness_ends_what_takes_too_much() -> None:
    assert _limited(lambda: "x" * (MEMORY * 2)) != 0
    assert _limited(lambda: "x") == 0


@pytest.mark.parametrize("pattern", ["(x+x+)+y", "(a|aa)+$", "([a-zA-Z]+)*$", "(.*a){20}", ".*urgent.*fault.*down"])
def test_a_pattern_that_takes_others_hours_takes_no_time_on_any_mail(pattern: str) -> None:
    """The test's own limit is what would end it."""
    for text in ("x" * 100_000, "a" * 100_000 + "!", "urgent fault " * 8_000):
        Pattern.of(pattern).search(text)


def _limited(act: Callable[[], object]) -> int:
    """The exit status of a call in a process of its own that may use so much."""
    process = os.fork()
    if process == 0:
        try:
            used = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
            resource.setrlimit(resource.RLIMIT_AS, (used + MEMORY, used + MEMORY))
            act()
            sys.stdout.flush()
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitpid(process, 0)[1]


def _main(homes: Path) -> None:
    assert _said(homes / CLEAN) == []
    for home in sorted(homes.iterdir()):
        if (home / "maildesk.toml").exists():
            _limited(partial(_tell, home))


def _tell(home: Path) -> None:
    print(json.dumps([home.name, _said(home)]))


def _said(home: Path) -> list[str]:
    return [str(problem) for problem in settings.check(home / "maildesk.toml") if problem.level == "error"]


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
