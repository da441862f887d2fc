"""`maildesk ticket ...`: what it shows and changes, and what it leaves with."""

import subprocess
import sys
from datetime import date, datetime, timedelta
from typing import Any

import pytest

from fixtures.commands import Commands, on_a_terminal
from fixtures.office import LI, SARAH, ask, taken
from fixtures.stage import MONDAY, SHANGHAI, Stage, to

TICKET = {
    "number": int, "reference": str, "type": str, "category": str, "service": str, "subject": str, "status": str,
    "pending_reason": str, "impact": str, "urgency": str, "priority": str, "group": str, "assignee": str,
    "requester": dict, "opened_at": str, "responded_at": (str, type(None)), "resolved_at": (str, type(None)),
    "closed_at": (str, type(None)), "tags": list, "fields": dict, "clocks": list,
}  # fmt: skip


def has_shape(row: dict[str, Any], shape: dict[str, Any]) -> bool:
    return all(isinstance(row[key], kind) for key, kind in shape.items())


def with_offset(text: str) -> bool:
    return datetime.fromisoformat(text).tzinfo is not None


def test_list_gives_one_object_a_line_in_the_promised_shape(stage: Stage, maildesk: Commands) -> None:
    ask(stage)
    ask(stage, subject="二楼断网", body="整个部门都上不了网")
    newest, oldest = maildesk("ticket", "list", "--json").rows
    assert (newest["number"], oldest["number"]) == (1002, 1001)
    assert has_shape(oldest, TICKET)
    assert oldest["reference"] == "[MD-1001]"
    assert oldest["requester"] == {"name": "Sarah Miller", "address": "sarah@corp.example"}
    assert with_offset(oldest["opened_at"])
    for clock in oldest["clocks"]:
        assert set(clock) == {"kind", "target", "state", "due_at", "elapsed_seconds"}
        assert with_offset(clock["due_at"])
        assert isinstance(clock["elapsed_seconds"], int | float)


def test_list_elsewhere_than_on_a_terminal_is_a_plain_line_a_ticket(stage: Stage, maildesk: Commands) -> None:
    ask(stage)
    (line,) = maildesk("ticket", "list").lines
    number, priority, status, owner, due, subject = line.split("\t")
    assert (number, priority, status, owner, subject) == ("MD-1001", "P4", "assigned", "l1", "Printer jams")
    assert due


def test_list_on_a_terminal_fits_80_columns_a_line_a_ticket(stage: Stage, maildesk: Commands) -> None:
    ask(stage, subject="Network down for the whole finance department on the third floor of the main building")
    ask(stage, subject="三楼东侧的打印机从今天早上开始一直卡纸，重启过三次还是不行，请派人来看一看，谢谢")
    said = on_a_terminal("--config", str(maildesk.config), "ticket", "list", NO_COLOR="1")
    lines = [line for line in said.splitlines() if "MD-" in line]
    assert len(lines) == 2, said
    wide = [sum(2 if ord(c) > 0x1100 and c != "…" else 1 for c in line.rstrip()) for line in lines]
    assert max(wide) <= 80


def test_list_chooses_by_status_group_and_assignee(stage: Stage, maildesk: Commands) -> None:
    taken(stage)
    ask(stage)
    assert [row["number"] for row in maildesk("ticket", "list", "--json", "--assignee", "li").rows] == [1001]
    assert [row["number"] for row in maildesk("ticket", "list", "--json", "--status", "assigned").rows] == [1002]
    assert len(maildesk("ticket", "list", "--json", "--group", "l1", "--limit", "1").rows) == 1
    assert maildesk("ticket", "list", "--group", "l2-network").out == "No tickets.\n"


def test_list_chooses_what_nobody_has_taken_and_what_is_late(stage: Stage, maildesk: Commands) -> None:
    taken(stage)
    ask(stage)
    assert [row["number"] for row in maildesk("ticket", "list", "--json", "--unassigned").rows] == [1002]
    late = [line.split("\t")[0] for line in maildesk("ticket", "list").lines if line.split("\t")[4].endswith("!")]
    assert [line.split("\t")[0] for line in maildesk("ticket", "list", "--overdue").lines if "\t" in line] == late
    unknown = maildesk("ticket", "list", "--group", "l2-netwrok")
    assert (unknown.code, "did you mean l2-network?" in unknown.err) == (1, True)
    assert maildesk("ticket", "list", "--limit", "0").code == 64
    assert maildesk("ticket", "comment", "1001", " ").code == 64
    wrong = maildesk("ticket", "list", "--status", "open")
    assert wrong.code == 64
    assert "in progress" in wrong.err


def test_show_adds_the_conversation_and_links(stage: Stage, maildesk: Commands) -> None:
    taken(stage)
    (row,) = maildesk("ticket", "show", "MD-1001", "--json").rows
    assert has_shape(row, {**TICKET, "messages": list, "links": list})
    (first, *_) = row["messages"]
    assert set(first) == {"id", "at", "direction", "from", "to", "text", "internal", "attachments"}
    assert first["direction"] == "in"
    assert "It jams." in first["text"]
    shown = maildesk("ticket", "show", "1001").out
    for expected in ("[MD-1001] Printer jams", "Sarah Miller <sarah@corp.example>", "response", "It jams."):
        assert expected in shown


@pytest.mark.parametrize("written", ["1001", "MD-1001", "md-1001", "[MD-1001]", " 1001 "])
def test_a_ticket_may_be_named_in_many_ways(stage: Stage, maildesk: Commands, written: str) -> None:
    ask(stage)
    assert maildesk("ticket", "show", written, "--json").rows[0]["number"] == 1001


@pytest.mark.parametrize(
    ("written", "code"), [("1009", 1), ("9" * 40, 1), ("²", 64), ("printer", 64), ("XX-1001", 64), ("", 64)]
)
def test_no_such_ticket_is_wanting_and_no_ticket_number_is_usage(maildesk: Commands, written: str, code: int) -> None:
    for command in ("show", "explain", "events", "close"):
        assert maildesk("ticket", command, written).code == code


def test_escape_sequences_in_a_subject_never_reach_the_terminal(stage: Stage, maildesk: Commands) -> None:
    stage.write(SARAH, "placeholder", "It \x1b[31mjams\x9b0m \u202egnp.exe", message_id="<esc@client.example>")
    raw = next((stage.home / "inbox" / "new").iterdir())
    encoded = "=?utf-8?b?UHJpbnRlciAbXTA7b3duZWQHG1sySsKbMzFtIGphbXM=?="
    raw.write_bytes(raw.read_bytes().replace(b"placeholder", encoded.encode()))
    stage.step()
    for words in (["list"], ["show", "1001"], ["explain", "1001"], ["events", "1001"], ["list", "--json"]):
        said = maildesk("ticket", *words).out
        assert "rinter" in said or words[0] == "events"
        assert not {"\x1b", "\x07", "\x9b", "\u202e"} & set(said), words


def test_explain_tells_the_story_in_order(stage: Stage, maildesk: Commands) -> None:
    order = taken(stage)
    stage.write(LI, "Re: it", "#resolve New roller.", answers=order)
    stage.step(minutes=5)
    said = maildesk("ticket", "explain", "1001").out
    parts = ["opened by sarah@corp.example", "classified as incident", "priority" if "priority" in said else "impact"]
    parts += ["dispatched to group l1", "taken by li", "resolved by li", "Now resolved."]
    places = [said.index(part) for part in parts]
    assert places == sorted(places)
    assert "(mail 1)" in said
    assert "{" not in said
    assert "None" not in said


def test_events_are_the_journal(stage: Stage, maildesk: Commands) -> None:
    taken(stage)
    rows = maildesk("ticket", "events", "1001", "--json").rows
    assert [row["kind"] for row in rows][:2] == ["opened", "classified"]
    assert all(set(row) == {"at", "kind", "actor", "cause", "data"} and with_offset(row["at"]) for row in rows)
    assert rows[-1]["kind"] == "taken"
    assert len(maildesk("ticket", "events", "1001").lines) == len(rows)


def test_every_change_that_a_mail_can_order_can_be_typed(stage: Stage, maildesk: Commands) -> None:
    ask(stage)

    def changed(*words: str) -> dict[str, Any]:
        said = maildesk("ticket", words[0], "1001", *words[1:])
        assert said.code == 0, said.err
        row: dict[str, Any] = maildesk("ticket", "show", "1001", "--json").rows[0]
        return row

    assert changed("take", "li")["assignee"] == "li"
    assert changed("comment", "ask", "the", "vendor")["messages"][-1]["internal"] is True
    assert changed("comment", "--to-requester", "--as", "li", "We are on it.")["responded_at"]
    waiting = changed("pending", "vendor", "--until", "2026-12-31")
    assert waiting["status"] == "pending"
    assert datetime.fromisoformat(waiting["pending_until"]).astimezone(SHANGHAI).date() == date(2026, 12, 31)
    assert changed("resume")["status"] == "in progress"
    assert changed("priority", "P2")["priority"] == "P2"
    assert changed("escalate", "The", "switch", "is", "ours.")["group"] == "l2-systems"
    assert changed("assign", "l2-network")["group"] == "l2-network"
    assert changed("resolve", "New", "roller.", "--as", "wang")["status"] == "resolved"
    assert changed("close")["status"] == "closed"
    assert changed("reopen", "jams", "again")["status"] != "closed"
    sent = stage.step(minutes=30)
    assert any(out.to == "sarah@corp.example" and "New roller." in out.text for out in sent)
    assert ("wang@corp.example", "dispatched") in {(out.to, out.event) for out in sent}


def test_no_mail_names_the_login_of_the_one_at_the_keyboard(stage: Stage, maildesk: Commands) -> None:
    ask(stage)
    maildesk("ticket", "assign", "1001", "l2-network")
    maildesk("ticket", "resolve", "1001", "New", "roller.")
    sent = stage.step(minutes=30)
    assert {"sarah@corp.example", "wang@corp.example"} <= {out.to for out in sent}
    assert not any("cli:" in out.text for out in sent)


def test_a_change_tells_times_on_the_desks_clock(stage: Stage, maildesk: Commands) -> None:
    ask(stage)
    said = maildesk("ticket", "pending", "1001", "parts", "--until", "2030-01-02 14:00")
    assert said.code == 1
    said = maildesk("ticket", "pending", "1001", "parts", "--until", f"{stage.now + timedelta(days=3):%Y-%m-%d} 14:00")
    assert f"pending_until: - -> {stage.now + timedelta(days=3):%Y-%m-%d} 14:00" in said.out


def test_a_change_says_what_was_and_what_is(stage: Stage, maildesk: Commands) -> None:
    ask(stage)
    said = maildesk("ticket", "take", "1001", "li").out
    assert "  status: assigned -> in progress\n" in said
    assert "  assignee: - -> 李雷\n" in said


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["take", "1001", "lee"], "there is no person lee"),
        (["assign", "1001", "l2-netwrok"], "did you mean l2-network?"),
        (["priority", "1001", "P9"], "P9"),
        (["reopen", "1001"], "assigned"),
        (["resume", "1001"], "not pending"),
        (["link", "1001", "1001"], "that is this ticket itself"),
        (["link", "1001", "1099"], "there is no ticket MD-1099"),
        (["release", "1001"], "is not held"),
    ],
)
def test_a_change_that_cannot_be_done_changes_nothing(
    stage: Stage, maildesk: Commands, words: list[str], says: str
) -> None:
    ask(stage)
    before = stage.events()
    said = maildesk("ticket", *words)
    assert said.code == 1
    assert says in said.err
    assert stage.events() == before


def test_a_link_is_seen_on_the_ticket(stage: Stage, maildesk: Commands) -> None:
    ask(stage)
    ask(stage, subject="The VPN is slow", body="It crawls.")
    assert maildesk("ticket", "link", "1002", "1001", "--kind", "duplicate").code == 0
    assert maildesk("ticket", "show", "1002", "--json").rows[0]["links"] == [{"kind": "duplicate", "number": 1001}]
    assert maildesk("ticket", "link", "1002", "1001", "--kind", "cousin").code == 64


def test_a_released_ticket_is_dispatched(stage: Stage, maildesk: Commands) -> None:
    stage.write(SARAH, "Win a prize", "Click.", X_Spam_Flag="YES")
    assert stage.step() == []
    assert "held" in maildesk("ticket", "list").out
    assert "held, nobody is mailed: spam" in maildesk("ticket", "explain", "1001").out
    assert maildesk("ticket", "release", "1001").code == 0
    assert to(stage.step(minutes=30), "li@corp.example").event == "dispatched"


def test_a_deadline_that_has_passed_is_marked(stage: Stage, maildesk: Commands) -> None:
    ask(stage)
    maildesk.now = MONDAY + timedelta(days=20)
    assert maildesk("ticket", "list").out.split("\t")[4].endswith(" !")


def test_a_closed_pipe_ends_a_command_without_a_word(stage: Stage, maildesk: Commands) -> None:

    ask(stage)
    line = f"{sys.executable} -m maildesk --config {maildesk.config} ticket events 1001 --json | head -c 1"
    done = subprocess.run(["bash", "-o", "pipefail", "-c", line], capture_output=True, timeout=60)
    assert done.stderr == b""
    assert done.stdout == b"{"
