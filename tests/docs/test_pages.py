"""The pages tell the truth: they are made from the code, their links lead somewhere, their commands run."""

import re
import shlex
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import maildesk
from fixtures.commands import Commands, program
from maildesk import notify, settings
from maildesk.cli import manual
from maildesk.desk.staff import commands, usage

TOP = Path(__file__).parents[2]
PAGES = sorted([*TOP.glob("*.md"), *(TOP / "docs").rglob("*.md"), *(TOP / "systemd").glob("*.md")])


def tracked() -> list[Path]:
    """Every file of the tree that git knows or could add; all of them where there is no git."""
    listed = ["git", "ls-files", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(listed, cwd=TOP, capture_output=True, text=True, check=False)
    names = done.stdout.splitlines() if done.returncode == 0 else [str(p.relative_to(TOP)) for p in TOP.rglob("*.*")]
    return [TOP / name for name in names if (TOP / name).is_file() and not name.startswith((".venv", ".git/"))]


@pytest.mark.parametrize(
    ("name", "page"),
    [
        ("commands.md", manual.commands),
        ("templates.md", manual.templates),
        ("commands-by-mail.md", usage.by_mail),
    ],
)
def test_page_is_what_the_code_says(name: str, page: Callable[[], str]) -> None:
    assert (TOP / "docs" / name).read_text("utf-8") == page(), "run `make docs`"


def test_every_command_is_on_the_page_that_engineers_print() -> None:
    assert set(usage.USAGE) == set(commands.COMMANDS)
    for word, (english, _, chinese, _) in usage.USAGE.items():
        for written in (english, chinese):
            assert commands.WORDS[written.lstrip("#").split()[0]] == word


def test_pages_are_written_where_one_says(tmp_path: Path) -> None:
    manual.main([str(tmp_path)])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["commands-by-mail.md", "commands.md", "templates.md"]


def test_every_command_and_option_says_what_it_does() -> None:
    page = manual.commands()
    for command in ("init", "check", "run", "once", "ingest", "status", "ticket take", "mail explain", "rules test"):
        assert f"## maildesk {command}" in page
    assert page.count("\n## ") >= 29
    assert "|  |" not in page


def test_every_mail_of_the_grid_is_shipped_in_both_languages_and_explained() -> None:
    page = manual.templates()
    templates = notify.load(settings.starter() / "templates")
    for row in notify.grid(templates):
        assert row.source == "shipped"
        assert row.languages == ("zh", "en")
        assert f"| `{row.event}` | " in page
        assert f"`{row.audience.partition('.')[0]}`" in page  # a variant is told under its audience


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TOP)))
def test_links_lead_somewhere(page: Path) -> None:
    text = page.read_text("utf-8")
    targets = re.findall(r"\[[^\]\n]*\]\(([^)\s]+)\)", re.sub(r"```.*?```|`[^`\n]*`", "", text, flags=re.DOTALL))
    missing = [t for t in targets if "://" not in t and not (page.parent / t.partition("#")[0]).exists()]
    assert missing == []


def test_the_commands_of_the_readme_exist(tmp_path: Path) -> None:
    readme = (TOP / "README.md").read_text("utf-8")
    known = manual.commands()
    code = re.findall(r"`([^`\n]+)`", readme) + re.findall(r"^ {4}(\S.*)$", readme, flags=re.MULTILINE)
    named = {match for text in code for match in re.findall(r"maildesk ((?:[a-z]+ )?[a-z]+)", text)}
    assert {"check", "run", "init", "ticket list"} <= named
    for words in named:
        assert any(f"## maildesk {words.rsplit(' ', cut)[0]}" in known for cut in (0, 1)), words
    makefile = (TOP / "Makefile").read_text("utf-8")
    for target in {match for text in code for match in re.findall(r"^make ([a-z-]+)", text)}:
        assert f"\n{target}:" in makefile
    said = program("init", str(tmp_path / "desk"))
    assert said.code == 0
    assert program("check", cwd=tmp_path / "desk").code == 0


def shown_commands(page: str) -> set[str]:
    """The command lines of maildesk that a page shows, without comments and redirections; no choices of several."""
    fenced = "\n".join(re.findall(r"```sh\n(.*?)```", page, flags=re.DOTALL))
    code = re.findall(r"`([^`\n]+)`", page) + re.findall(r"^ {4}(\S.*)$", page, flags=re.M) + fenced.splitlines()
    lines = {re.split(r" +[#>]", line)[0].strip() for line in code if re.match(r"(?:\S+/)?maildesk ", line)}
    return {line for line in lines if not re.search(r"[|;&…\[]|\.\.\.", line)}


def test_every_command_line_of_the_pages_is_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = {line for page in PAGES for line in shown_commands(page.read_text("utf-8"))}
    assert {"maildesk check --send-test you@corp.example", "/opt/maildesk/bin/maildesk init /etc/maildesk"} <= lines
    maildesk = Commands(capsys, monkeypatch)
    for line in sorted(lines):
        words = shlex.split(line)[1:]
        said = maildesk(*words, *([] if "--version" in words else ["--help"]))
        assert said.code == 0, (line, said.err)


def test_the_changelog_knows_this_version_and_so_does_the_package() -> None:
    project = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == maildesk.__version__
    assert f"## {maildesk.__version__}" in (TOP / "CHANGELOG.md").read_text("utf-8")


def test_no_page_or_file_names_a_machine_of_ours() -> None:
    here = b"|".join(re.escape(str(path).encode()) + rb"\b" for path in (TOP, TOP.parent / "shared"))
    private = re.compile(here + rb"|file:///opt|extra-index-url|find-links")
    allowed = Path(__file__)
    found = [path for path in tracked() if path != allowed and private.search(path.read_bytes())]
    assert found == []


@pytest.mark.timeout(300)
def test_the_demo_is_a_day_of_a_desk(tmp_path: Path) -> None:
    shutil.copytree(TOP / "demo", tmp_path / "demo", ignore=shutil.ignore_patterns("__pycache__"))
    done = subprocess.run(
        [sys.executable, "demo/day.py"], cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stderr == ""
    assert "Re: Re:" not in done.stdout
    mails = list((tmp_path / "demo-desk" / "mails").glob("*.eml"))
    assert len(mails) > 15
    for expected in ("Now closed.", "MD-1001", "MD-1002", "sla-breached"):
        assert expected in done.stdout


@pytest.mark.long
@pytest.mark.timeout(600)
def test_the_wheel_makes_a_desk_in_a_fresh_environment(tmp_path: Path) -> None:
    source = tmp_path / "source"
    for file in tracked():
        target = source / file.relative_to(TOP)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(file, target)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*pip, "wheel", "--no-deps", "-w", str(tmp_path), str(source)], check=True, timeout=300)
    (wheel,) = tmp_path.glob("maildesk-*.whl")
    with zipfile.ZipFile(wheel) as packed:
        names = packed.namelist()
    for needed in ("py.typed", "starter/rules/", "starter/templates/", "store/migrations/", "starter/systemd/"):
        assert any(name.startswith(f"maildesk/{needed}") for name in names), needed
    subprocess.run([sys.executable, "-m", "venv", str(tmp_path / "venv")], check=True, timeout=120)
    python = str(tmp_path / "venv" / "bin" / "python")
    install = [python, "-m", "pip", "--disable-pip-version-check", "--quiet", "install"]
    subprocess.run([*install, "-c", str(TOP / "constraints.txt"), str(wheel)], check=True, timeout=400)
    command = str(tmp_path / "venv" / "bin" / "maildesk")
    subprocess.run([command, "init", str(tmp_path / "desk")], check=True, cwd=tmp_path, timeout=60)
    subprocess.run([command, "check"], check=True, cwd=tmp_path / "desk", timeout=60)
    subprocess.run([command, "ticket", "list"], check=True, cwd=tmp_path / "desk", timeout=60)
