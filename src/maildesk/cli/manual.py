"""docs/commands.md and docs/templates.md, made from the commands and the grid: `python -m maildesk.cli.manual docs`."""

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import typer.main

from maildesk import notify
from maildesk.cli import app
from maildesk.desk.staff import usage

_MADE = "<!-- Made by `python -m maildesk.cli.manual docs`: change the docstrings it is made from. -->"


def commands() -> str:
    """docs/commands.md."""
    top: Any = typer.main.get_command(app())
    everywhere = "\n".join(("| option | what |", "|---|---|", *_options(top)))
    return "\n".join((_MADE, "", _COMMANDS.format(options=everywhere), *_sections(top, "maildesk")))


def _sections(group: Any, path: str) -> Iterator[str]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _sections(command, f"{path} {name}")
        else:
            yield from _command(command, f"{path} {name}")


def _command(command: Any, path: str) -> Iterator[str]:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    yield f"## {' '.join((path, *map(_shown, arguments)))}\n\n{command.help}\n"
    rows = [f"| `{_name(p)}` | {_cell(p.help)} |" for p in arguments if p.help] + list(_options(command))
    if rows:
        yield "\n".join(("| | |", "|---|---|", *rows, ""))


def _name(argument: Any) -> str:
    name: str = argument.metavar or argument.name.upper()
    return name


def _shown(argument: Any) -> str:
    name = _name(argument) + ("..." if argument.nargs != 1 else "")
    return name if argument.required else f"[{name}]"


def _options(command: Any) -> list[str]:
    found = [p for p in command.params if p.param_type_name == "option" and p.name != "help"]
    return [f"| {', '.join(f'`{name}`' for name in p.opts)} | {_cell(p.help)} |" for p in found]


def _cell(text: str | None) -> str:
    return (text or "").replace("|", "\\|")


def templates() -> str:
    """docs/templates.md."""
    rows = [
        f"| `{name}` | {_WHEN[name]} | {', '.join(f'`{a}`{_mark(name, a)}' for a in kind.audiences)} | "
        f"{', '.join(f'`{value}`' for value in kind.values) or '-'} |"
        for name, kind in notify.EVENTS.items()
    ]
    grid = "\n".join(("| event | when | to | values of its own |", "|---|---|---|---|", *rows))
    known = notify.names("dispatched")
    fields = "\n".join(
        f"| `{name}` | {', '.join(f'`{field}`' for field in known[name])} |" for name in known if known[name]
    )
    return "\n".join(
        (
            _MADE,
            "",
            _TEMPLATES.format(grid=grid, fields=fields, filters=", ".join(f"`{f}`" for f in notify.FILTERS.split())),
        )
    )


def _mark(event: str, audience: str) -> str:
    return " \\*" if notify.required(event, audience) else ""


def main(arguments: Iterable[str]) -> None:
    """Write the pages into a folder."""
    for folder in map(Path, arguments):
        (folder / "commands.md").write_text(commands(), encoding="utf-8")
        (folder / "templates.md").write_text(templates(), encoding="utf-8")
        (folder / "commands-by-mail.md").write_text(usage.by_mail(), encoding="utf-8")


_COMMANDS = """\
# Commands

`maildesk [--config FILE] COMMAND ...`. The configuration is that of `--config` (before or behind the command), else
`$MAILDESK_CONFIG`, `./maildesk.toml`, `/etc/maildesk/maildesk.toml`.

Answers go to standard output: tables on a terminal, elsewhere a line a row with tabs between the cells; with `--json`
one JSON object a line, times in ISO 8601 with their offset. Logs and what is wrong go to standard error.

{options}

| exit code | |
|---|---|
| 0 | done |
| 1 | looked and found wanting: no such ticket, a change that cannot be done |
| 64 | the command line is wrong |
| 65 | a mail cannot be read |
| 69 | a server cannot be reached |
| 70 | a defect of maildesk itself |
| 73 | a file cannot be made |
| 75 | not now, try again: another desk runs on this state, the database is locked or away |
| 78 | the configuration is wrong |
"""

_WHEN = {
    "acknowledged": "a ticket was opened by somebody known, verified or of your own domains",
    "status": "who takes part asked how far it is, by an empty reply or a word",
    "registered": "a member of the staff opened a ticket for somebody else, and it is not his to work on",
    "cancelled": "the requester gave it up: whoever works on it",
    "vendor": "an engineer wrote to a vendor: his words and files, nothing else of the ticket",
    "vendor-replied": "a vendor answered: a note for the team",
    "merged": "a ticket was merged into another one: its requester, and those who had it",
    "absorbed": "another ticket was merged into this one",
    "split": "a mail on a ticket became a ticket of its own: its writer",
    "acknowledged-stranger": "a ticket was opened by anybody else: not a byte of his own text",
    "dispatched": "a ticket was given to a group (a mail to each member) or a person",
    "major": "a ticket whose impact is `major` was opened",
    "surge": "so many like mails of so many people came in a short time (`surge`)",
    "bulletin": "the lead of a major incident told everybody affected (`#bulletin`)",
    "major-review": "a major incident is over (`#all-clear`): its timeline",
    "article-draft": "a resolved ticket says cause and solution: shall others learn of it?",
    "unaccepted": "nobody of a group accepted a ticket within `accept_within`",
    "taken": "a colleague took a ticket that was dispatched to the group, or it went to another group or person",
    "answered": "an engineer wrote to the requester",
    "requester-replied": "the requester, or somebody in copy, wrote again",
    "sla-warned": "a rung of the ladder before the deadline",
    "sla-breached": "a rung of the ladder at the deadline or after it",
    "asked-in": "a rung of a ladder asks another group to help (`ask_in`)",
    "progress": "an update to the requester is nearly due (`progress`)",
    "alert-flapping": "a monitoring alert comes and goes; once, until it is quiet",
    "alert-recovered": "everything that somebody's alert ticket is about is well again",
    "alert-worse": "what a ticket is about got worse: its priority rose with the severity",
    "alert-storm": "too many alerts at once: one ticket for all that come after the first",
    "chased": "a pending ticket still waits for its requester (`pending`)",
    "confirm": "a resolved ticket is still not confirmed (`closing`)",
    "resumed": "a ticket was pending for too long (`pending`)",
    "digest": "more than five escalations for one person at once",
    "forecast": "targets will be missed before the day ends (`forecast`)",
    "worklist": "the hour of a member of the staff has come on a day he works (`worklist`)",
    "answer-to-staff": "a member of the staff asked by mail: `#list`, `#show`, `#find`, `#why` ...",
    "report": "a moment of `reports`: the day, week or month before",
    "resolved": "a ticket was resolved: the solution, and the question whether it helped",
    "closed": "a ticket was closed",
    "reopened": "a resolved or closed ticket came back",
    "undelivered": "a mail of the desk did not arrive, or could not be written",
    "oversize": "a mail was too large to be read whole",
    "quarantined": "a mail could not be taken in after three attempts",
    "receipt": "commands of a member of the staff were carried out, or refused with the reason",
    "unverified-reply": "a mail in the name of somebody who takes part, but the relay does not vouch for it",
    "unverified-command": "commands came that nobody can prove to be of the staff",
    "alarm": "a mailbox or the relay fails",
    "recovered": "it works again",
}

_TEMPLATES = """\
# Templates

Every mail that the desk writes is a file, `templates/<event>/<audience>.<zh|en>.md`. The first line is `Subject: ...`,
then a blank line, then the body in Markdown. It is rendered twice: as text, and as HTML.

- **Change a mail**: edit the file of that name in `templates/` beside maildesk.toml. What is not there is taken from
  the shipped ones, so you may delete every file that you do not change.
- **Switch a mail off**: make its file empty. A mail marked \\* in the grid may not be switched off.
- **Languages**: the reader's own when he is one of your people, else that of the ticket, else `desk.language`.
- `maildesk check` reads and tries every template, and says file and line of what is wrong. On a terminal it shows the
  grid. A running desk takes templates over at `systemctl reload maildesk` (SIGHUP).

## The grid

{grid}

\\* may not be switched off.

The reference `[MD-1042]` is put in front of the subject by the desk: do not write it there.

## What every template can say

| name | fields |
|---|---|
{fields}
| `text` | what the mail carries: the requester's words, the engineer's answer |
| `quoted(text)` | the same as a block set off, whatever stands in it; any value can be quoted |
| `written(text)` | an engineer's words as he meant them: lists, tables and links stay what they are |
| `attachments`, `omitted` | names of the files that go along, and of those that were too large |

`alarm`, `recovered` and `quarantined` have no `ticket`; `receipt`, `unverified-command` and `undelivered` to the owner
may come without one: write `{{% if ticket %}}`. A value that does not apply is empty.

Values are plain text: whatever stands in them, they make no tag, link or image.

## Filters

| filter | gives |
|---|---|
| `local` | a time on the reader's clock, its zone named |
| `duration` | seconds as `1 hour 30 minutes`, `1 小时 30 分钟` |
| `word` | one of the desk's own terms in the reader's language: `in progress` is 处理中 |
| `capitalize` | a text with a capital at its beginning; the rest keeps its case |
| `pill` | a priority as a coloured label |
| `bars` | rows of figures, each with its bar |
| `tiles` | a few figures in large print, beside each other |

And of Jinja's own: {filters}. `if`, `for` and `set` work; macros, includes and calls do not,
but for `quoted(...)` and `written(...)`. So that no mail grows without bounds, loops are at most two deep, `join` and
`replace` take short written texts, and a `set` does not build on another.

## An example

```
Subject: {{{{ ticket.subject }}}}

{{% if to.name %}}Hello {{{{ to.name }}}},{{% else %}}Hello,{{% endif %}}

we have your mail, **{{{{ ticket.reference }}}}**.
{{% if response_due %}}
You hear from us by {{{{ response_due | local }}}}.
{{% endif %}}
```
"""

if __name__ == "__main__":
    main(sys.argv[1:])
