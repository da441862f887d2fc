"""docs/configuration.md and docs/rules.md, made from the shapes: `python -m maildesk.settings.manual docs`."""

import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import MISSING, fields
from inspect import cleandoc
from pathlib import Path
from typing import Any, get_type_hints

from pydantic import BeforeValidator

from maildesk.rules import alerts, examples, judging, knowing, people, reading, reminding, reports, timing, typed
from maildesk.rules import sections as rule_sections
from maildesk.rules.actions import ACTIONS
from maildesk.rules.conditions import CONDITIONS
from maildesk.rules.written import description
from maildesk.settings import sections
from maildesk.settings.first import FIRST

_MADE = "<!-- Made by `python -m maildesk.settings.manual docs`: change the docstrings it is made from. -->"


def configuration() -> str:
    """docs/configuration.md."""
    parts = (
        ("[desk]", sections.Desk),
        ("[[mailbox]]", sections.Mailbox),
        ('[[mailbox]] with kind = "maildir"', sections.Maildir),
        ("[relay]", sections.Relay),
        ("oauth, in [[mailbox]] and [relay]", sections.OAuth),
        ("[store]", sections.Store),
        ("[trust]", sections.Trust),
        ("[budget]", sections.Budget),
        ("[health]", sections.Health),
    )
    return _page(_CONFIGURATION, *(_shape(title, shape) for title, shape in parts), _FIRST)


def rules() -> str:
    """docs/rules.md."""
    parts = (
        ("defaults", rule_sections.Defaults),
        ("fields", typed.FieldType),
        ("matrix", rule_sections.Row),
        ("priority", judging.Precedence),
        ("age, in priority", judging.Age),
        ("people", rule_sections.Person),
        ("leave, in people", people.Leave),
        ("groups", rule_sections.Group),
        ("calendars", timing.Calendar),
        ("holidays, in a calendar", timing.Holidays),
        ("sla", timing.Target),
        ("ola", timing.Ola),
        ("ladders", timing.Rung),
        ("pending", reminding.Pending),
        ("closing", reminding.Closing),
        ("progress", reminding.Progress),
        ("forecast", reminding.Forecast),
        ("worklist", reminding.Worklist),
        ("services", rule_sections.Service),
        ("ask", judging.Ask),
        ("duplicates", knowing.Duplicates),
        ("solutions", knowing.Solutions),
        ("surge", knowing.Surge),
        ("alerts", alerts.Alerts),
        ("flapping, in alerts", alerts.Flapping),
        ("storm, in alerts", alerts.Storm),
        ("maintenance, in alerts", alerts.Maintenance),
        ("reports", reports.Report),
        ("requesters", people.Requester),
        ("directory", people.Directory),
    )
    return _page(
        _RULES,
        _shape("rules", reading.Shape),
        _functions("Conditions", _CONDITIONS, CONDITIONS, reading.GROUPS),
        _functions("Actions", _ACTIONS, ACTIONS, {}),
        *(_shape(title, shape) for title, shape in parts),
    )


def _page(*parts: str) -> str:
    return "\n".join((_MADE, "", *parts))


def _shape(title: str, shape: Any) -> str:
    """One section: its docstring and a table of its keys."""
    hints = get_type_hints(shape, include_extras=True)
    rows = [
        f"| `{field.name}` | {_cell(description(hints[field.name]))} | {_default(field, hints[field.name])} |"
        for field in fields(shape)
    ]
    return "\n".join(
        (f"## {title}", "", cleandoc(shape.__doc__ or ""), "", "| key | what | default |", "|---|---|---|", *rows, "")
    )


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _default(field: Any, hint: Any) -> str:
    if field.default is MISSING:
        return "needed" if field.default_factory is MISSING else ""
    value = field.default
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return f'"{value:.0f}s"' if _read_from_text(hint) else f"{value:g}"
    if value in ("", None, ()) or (isinstance(value, tuple) and not any(value)):
        return ""
    if isinstance(value, tuple) and _read_from_text(hint):  # a length as written, and its seconds
        return f'"{value[0]}"'
    if isinstance(value, tuple):
        return f"[{', '.join(map(str, value))}]"
    return f'"{value}"' if isinstance(value, str) else str(value)


def _read_from_text(hint: Any) -> bool:
    """Whether a value is written as a text, such as a length of time."""
    return getattr(hint, "__origin__", None) in (float, tuple[str, int]) and any(
        isinstance(extra, BeforeValidator) for extra in hint.__metadata__
    )


def _functions(title: str, intro: str, functions: Mapping[str, Callable[..., Any]], groups: Mapping[str, str]) -> str:
    """A table of conditions or actions, from their names, annotations and docstrings."""
    rows = [
        f"| `{name}` | conditions: a list of mappings, or one mapping | {text} | {_example(name, title)} |"
        for name, text in groups.items()
    ]
    for name, function in functions.items():
        text = " ".join(cleandoc(function.__doc__ or "").split())
        argument = _cell(description(reading.argument_of(function)))
        rows.append(f"| `{name}` | {argument} | {_cell(text)} | {_example(name, title)} |")
    header = ("| key | argument | what | example |", "|---|---|---|---|")
    return "\n".join((f"## {title}", "", intro, "", *header, *rows, ""))


def _example(name: str, title: str) -> str:
    text = examples.CONDITIONS[name][0] if title == "Conditions" else examples.ACTIONS[name]
    return f"`{_cell(text)}`"


def main(arguments: Iterable[str]) -> None:
    """Write both pages into a folder."""
    for folder in map(Path, arguments):
        (folder / "configuration.md").write_text(configuration(), encoding="utf-8")
        (folder / "rules.md").write_text(rules(), encoding="utf-8")


_CONFIGURATION = """\
# Configuration

maildesk reads one file, `maildesk.toml`, and two folders beside it: `rules/` (docs/rules.md) and `templates/`. It looks
for the file in this order: `--config FILE`, `$MAILDESK_CONFIG`, `./maildesk.toml`, `/etc/maildesk/maildesk.toml`.
`maildesk init DIR` writes a first one; `maildesk check` says everything that is wrong, all at once, with file and line;
`maildesk check --connect` logs in to mailbox, relay and database too.

Paths are relative to the file they are written in. Lengths of time are texts such as `"60s"`, `"5m"`, `"1h"`. A key
that maildesk does not know is an error that names the nearest one it does.

A running desk takes changes over at `SIGHUP` (`systemctl reload maildesk`): everything is read and checked first, and a
mistake keeps the old settings. Mailboxes, relay, store, state and the metrics port need a restart.

**Secrets** are never written into this file and never read from a command line. `secret_file` names a file that only
maildesk may read (mode 0600; a final line break does not count). Under systemd `LoadCredential=imap:/etc/maildesk/imap`
gives a credential, and one of the same name (`secret_file = "imap"` or `"secrets/imap"`) comes before the file.
`secret_env` names an environment variable. `init` writes `maildesk.toml` with mode 0640: its group is who else may read
the addresses in it.
"""

_FIRST = f"""\
## A first file

```toml
{FIRST}```
"""

_RULES = """\
# Rules

The operator's policy is in `rules/*.yaml` beside maildesk.toml. Files are read in the order of their names, and each
may hold any of these sections: `defaults`, `rules`, `matrix`, `priority`, `people`, `groups`, `calendars`, `sla`,
`ola`, `ladders`, `pending`, `closing`, `progress`, `forecast`, `worklist`, `services`, `ask`, `requesters`,
`directory`. A name that is defined twice is an error that names both places. `maildesk check` says everything that is
wrong; `maildesk rules test FILE...` shows what the rules would do with mails, and why; `maildesk rules diff OLD NEW
MAILS...` which mails two folders of rules judge differently (`--stored N`: of those that the desk has); `maildesk
rules lint` which rules are dead, shadowed, conflicting or say a word in vain; `maildesk rules schema` is for editors,
and the first line of the shipped files names it.

**Tests beside the rules.** A file in `rules/tests/` is a list of mails and of what must come out: `- {name: a jam,
mail: {subject: Printer jams}, expect: {category: printer, group: l1}}`. `maildesk check` runs them, and so does the
daemon before it takes new rules: it reloads at `SIGHUP` and when a file changed. Whatever is wrong, or comes out
otherwise, keeps the old rules in force; the log says why, and the desk's owner is told once.

The files are YAML 1.2 with a strict reader: a key written twice, anchors and tags are errors; `on`, `no` and `9:30` are
plain texts, never something else. A regular expression goes in single quotes, so that its backslashes stay.

Rules are tried in order. A later one overrides single values that an earlier one set (both stay in the trace that
`maildesk ticket explain` shows) and adds to its tags; `stop: true` ends. What no rule sets comes from the service that
the mail names, else from `defaults`. Impact and urgency give the priority, by `matrix`.

```yaml
rules:
  - name: network-outage
    when:
      all:
        - any:
            - words: [断网, 网络中断, network down]
            - subject_matches: 'vpn|wi-?fi'
        - not: {sender_domain: [monitoring.example]}
    then: {category: network, impact: high, urgency: high, group: l2-network, tags: [outage]}
    stop: true
```
"""

_CONDITIONS = """\
Several conditions in one mapping must all hold. `all`, `any` and `not` nest. The subject and the first 65,536
characters of the text are looked at. Regular expressions are RE2's: they take time in proportion to the mail, whatever
it holds, and have no look-around and no back-references.

**Words, and not `\\b`.** `words` finds `断网` inside a sentence, `vpn` in "VPN无法连接" and "ＶＰＮ",
`über` in "ÜBER", and
does not find `vpn` in "vpnx". In a regular expression `\\b` is RE2's: a border between an ASCII letter, digit or `_`
and anything else. So `\\bvpn\\b` finds the VPN in "VPN无法连接" (Han characters count as a border), while `\\b断网\\b`
never finds anything between other Han characters, because there is no ASCII letter on either side, and `\\büber`
fails for the same reason. Write Chinese words and words with accents in `words`, or without `\\b`.

Named groups fill fields: `(?P<asset>PC-\\d+)` gives the ticket a field `asset`. A rule with `on: [reply]` acts on
mails that belong to a ticket: what people set by hand stays, and a reply of the staff never moves a ticket to another
group by a rule. `sla: NAME` names an entry of `sla` of any name; it counts in place of the one of the ticket's
priority."""

_ACTIONS = "What a rule sets, in `then`."

if __name__ == "__main__":
    main(sys.argv[1:])
