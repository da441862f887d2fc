"""`maildesk mail ...`, `rules test`, `ingest`: from a mail's bytes to what is made of them."""

import os
import pwd
from pathlib import Path

import pytest

from fixtures.commands import Commands
from fixtures.office import SARAH, ask
from fixtures.stage import Stage, letter

SHAPE = (
    "message_id in_reply_to references subject from reply_to to cc date text new_text language attachments origin"
    " authentication bounce forwarded_from received defects over_limit"
).split()
ATTACHED = """\
From: 王芳 <wangfang@corp.example>
To: it@corp.example
Subject: =?utf-8?b?{subject}?=
Message-ID: <files@client.example>
MIME-Version: 1.0
Content-Type: multipart/mixed; boundary=b

--b
Content-Type: text/plain; charset=gb2312
Content-Transfer-Encoding: 8bit

{text}
--b
Content-Type: application/octet-stream
Content-Disposition: attachment; filename="{name}"

first
--b
Content-Type: application/octet-stream
Content-Disposition: attachment; filename="{name}"

second
--b--
"""


def attached(name: str, text: str = "打印机卡纸") -> bytes:
    return ATTACHED.format(subject="5omT5Y2w5py6", name=name, text=text).encode("gb18030")


def test_show_speaks_chinese_and_the_promised_shape(bare: Commands, tmp_path: Path) -> None:
    (tmp_path / "a.eml").write_bytes(attached("a.log"))
    (tmp_path / "b.eml").write_bytes(letter("Wang <w@corp.example>", "hi", "yes\n\nOn Monday, it wrote:\n> hello")[0])
    first, second = bare("mail", "show", str(tmp_path / "a.eml"), str(tmp_path / "b.eml"), "--json").rows
    assert set(SHAPE) <= set(first)
    assert (first["subject"], first["text"].strip(), first["language"][:2]) == ("打印机", "打印机卡纸", "zh")
    assert first["from"] == {"name": "王芳", "address": "wangfang@corp.example"}
    assert set(first["attachments"][0]) == {"filename", "content_type", "size", "sha256", "inline"}
    assert (first["bounce"], first["over_limit"], first["forwarded_from"]) == (None, None, None)
    assert second["new_text"].strip() == "yes"
    shown = bare("mail", "show", str(tmp_path / "a.eml")).out
    assert "From:        王芳 <wangfang@corp.example>" in shown
    assert "a.log (application/octet-stream, 5 bytes)" in shown
    assert "打印机卡纸" in shown
    both = bare("mail", "show", str(tmp_path / "a.eml"), str(tmp_path / "b.eml")).out
    assert both.index("a.eml =====") < both.index("打印机卡纸") < both.index("b.eml =====")
    assert "=====" not in shown


HOSTILE = {
    "nothing": b"",
    "zeros": b"\x00" * 1000,
    "noise": bytes(range(256)) * 40,
    "only a header": b"Subject: \x1b[2J\x9b31mx\x07\r\n",
    "open boundary": b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\nhello",
    "nested": b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(300)),
    "escape in the text": b"From: a@b.example\nSubject: x\n\n\x1b]52;c;ZXZpbA==\x07 \xe2\x80\xae",
    "many addresses": b"To: " + b"a@b.example," * 5000 + b"\n\nx",
    "surrogates": b"Subject: =?utf-8?q?=ED=A0=80?=\nContent-Type: text/plain; charset=utf-16\n\n\x00\xd8x",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_show_of_a_hostile_mail_ends_well_and_steers_no_terminal(bare: Commands, tmp_path: Path, name: str) -> None:
    (tmp_path / "m.eml").write_bytes(HOSTILE[name])
    for words in ([], ["--json"]):
        said = bare("mail", "show", str(tmp_path / "m.eml"), *words)
        assert said.code == 0
        assert not {"\x1b", "\x07", "\x9b", "\u202e", "\x00"} & set(said.out)
        said.out.encode()


def test_show_reads_standard_input(bare: Commands) -> None:
    assert bare("mail", "show", "-", "--json", stdin=attached("x")).rows[0]["subject"] == "打印机"


@pytest.mark.parametrize("path", ["missing.eml", "."])
def test_show_of_what_cannot_be_read_is_unreadable(bare: Commands, tmp_path: Path, path: str) -> None:
    said = bare("mail", "show", str(tmp_path / path))
    assert said.code == 65
    assert str(tmp_path) in said.err


@pytest.mark.parametrize(
    "name", ["../../evil", "/etc/evil", "..", "a/b", "C:\\evil", "\x1b[2J", "打印" * 60 + ".log", "a" * 400, ".", ""]
)
def test_attachments_stay_in_their_directory_whatever_their_names(bare: Commands, tmp_path: Path, name: str) -> None:
    (tmp_path / "m.eml").write_bytes(attached(name))
    into = tmp_path / "a" / "b"
    said = bare("mail", "show", str(tmp_path / "m.eml"), "--json", "--save-attachments", str(into))
    assert said.code == 0, said.err
    assert len(said.rows) == 1
    saved = sorted(into.iterdir())
    assert sorted(file.read_bytes().strip() for file in saved) == [b"first", b"second"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "m.eml"]
    assert "\x1b" not in said.err


def test_saving_an_attachment_overwrites_nothing_and_follows_no_link(bare: Commands, tmp_path: Path) -> None:
    (tmp_path / "m.eml").write_bytes(attached("a.log"))
    into = tmp_path / "into"
    into.mkdir()
    (into / "a.log").symlink_to(tmp_path / "outside")
    (into / "a-2.log").write_text("mine")
    assert bare("mail", "show", str(tmp_path / "m.eml"), "--save-attachments", str(into)).code == 0
    assert not (tmp_path / "outside").exists()
    assert (into / "a-2.log").read_text() == "mine"
    assert (into / "a-3.log").read_bytes().strip() == b"first"
    assert (into / "a-4.log").read_bytes().strip() == b"second"


def test_saving_where_nothing_can_be_written_cannot_create(bare: Commands, tmp_path: Path) -> None:
    (tmp_path / "m.eml").write_bytes(attached("a.log"))
    assert bare("mail", "show", str(tmp_path / "m.eml"), "--save-attachments", str(tmp_path / "m.eml")).code == 73


def test_explain_says_what_became_of_a_mail(stage: Stage, maildesk: Commands, tmp_path: Path) -> None:
    ask(stage, message_id="<one@client.example>")
    raw = letter(SARAH, "Printer jams.", "It jams.", message_id="<one@client.example>")[0]
    (tmp_path / "one.eml").write_bytes(raw)
    for wanted in ("one@client.example", "<one@client.example>", "1", str(tmp_path / "one.eml")):
        (row,) = maildesk("mail", "explain", wanted, "--json").rows
        assert (row["ticket"], row["state"], row["mailbox"]) == (1001, "done", "main")
    said = maildesk("mail", "explain", "1").out
    assert "done, 1 attempt\n" in said
    assert "a new ticket" in said
    assert "maildesk ticket explain 1001" in said


@pytest.mark.parametrize("wanted", ["<nobody@client.example>", "99", "²", "x" * 5000, "9" * 50])
def test_explain_of_an_unknown_mail_is_wanting(maildesk: Commands, wanted: str) -> None:
    said = maildesk("mail", "explain", wanted)
    assert said.code == 1
    assert "was taken in" in said.err


def test_explain_of_a_file_without_a_message_id_says_what_to_do(maildesk: Commands, tmp_path: Path) -> None:
    (tmp_path / "m.eml").write_bytes(b"Subject: x\n\ny")
    said = maildesk("mail", "explain", str(tmp_path / "m.eml"))
    assert said.code == 1
    assert "has no Message-ID" in said.err


def test_rules_test_says_what_and_why_and_does_nothing(stage: Stage, maildesk: Commands, tmp_path: Path) -> None:
    file = tmp_path / "m.eml"
    file.write_bytes(letter(SARAH, "Network down", "The whole office is offline. Urgent!")[0])
    (row,) = maildesk("rules", "test", str(file), "--json").rows
    assert set(row) == {"file", "classification", "matched", "overridden", "left_out", "priority", "reason", "rule_set"}
    assert (row["file"], row["priority"], row["classification"]["category"]) == (str(file), "P1", "network")
    assert all(set(hit) == {"rule", "condition", "text"} for hit in row["matched"])
    shown = maildesk("rules", "test", str(file)).out
    assert "priority:  P1" in shown
    assert "network" in shown
    assert stage.tickets() == []


def test_ingest_takes_files_and_standard_input(stage: Stage, maildesk: Commands, tmp_path: Path) -> None:
    (tmp_path / "m.eml").write_bytes(letter(SARAH, "From a file", "x")[0])
    said = maildesk("ingest", str(tmp_path / "m.eml"), "-", stdin=letter(SARAH, "From a pipe", "x")[0])
    assert (said.code, said.out, said.err) == (0, "", "")
    assert [ticket.subject for ticket in stage.tickets()] == ["From a file", "From a pipe"]


def test_ingest_takes_a_mail_before_those_that_answer_it(stage: Stage, maildesk: Commands, tmp_path: Path) -> None:
    question, _ = letter(SARAH, "VPN", "It does not connect.")
    identity = next(line for line in question.splitlines() if line.lower().startswith(b"message-id:"))
    answer = question.replace(identity, b"Message-ID: <2@corp.example>\nIn-Reply-To:" + identity[11:], 1)
    (tmp_path / "1.eml").write_bytes(answer.replace(b"VPN", b"Re: VPN", 1))
    (tmp_path / "2.eml").write_bytes(question)
    assert maildesk("ingest", str(tmp_path / "1.eml"), str(tmp_path / "2.eml")).code == 0
    assert [ticket.subject for ticket in stage.tickets()] == ["VPN"]


def test_ingest_takes_what_it_can_and_names_the_rest(stage: Stage, maildesk: Commands, tmp_path: Path) -> None:
    (tmp_path / "good.eml").write_bytes(letter(SARAH, "Good", "x")[0])
    (tmp_path / "empty.eml").write_bytes(b"")
    said = maildesk("ingest", *(str(tmp_path / name) for name in ("missing.eml", "empty.eml", "good.eml")))
    assert said.code == 65
    assert "missing.eml" in said.err
    assert "empty" in said.err
    assert [ticket.subject for ticket in stage.tickets()] == ["Good"]


def test_who_acts_is_in_the_journal(stage: Stage, maildesk: Commands) -> None:
    ask(stage)
    maildesk.monkeypatch.setenv("SUDO_USER", "zhang")
    assert maildesk("ticket", "close", "1001").code == 0
    assert stage.events()[-1].actor == "cli:zhang"


def test_without_any_environment_the_account_acts(stage: Stage, maildesk: Commands) -> None:
    ask(stage)
    for name in ("SUDO_USER", "USER"):
        maildesk.monkeypatch.delenv(name, raising=False)
    assert maildesk("ticket", "close", "1001").code == 0
    assert stage.events()[-1].actor == f"cli:{pwd.getpwuid(os.getuid()).pw_name}"
