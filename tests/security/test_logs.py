"""A mail cannot write into the log or steer the terminal of whoever reads it: each line is one JSON object of ours."""

import io
import json
import unicodedata
from base64 import b64encode

import pytest

from fixtures.commands import Commands, logs_restored
from fixtures.stage import Stage
from maildesk.health import logs

EVIL = {
    "a line of its own": 'x\n{"event": "decided", "level": "info", "forged": true}',
    "a carriage return": "x\rforged",
    "a terminal's title": "\x1b]0;forged\x07",
    "a clear screen": "\x1b[2J\x1b[1;1H",
    "text from right to left": "\u202egnp.exe\u2066",
    "line ends of Unicode": "a\u2028b\u2029c\x85d\x0be",
    "a null": "a\0b",
    "C1 controls": "\x9b31m\x90",
    "half a character": "a\udcffb",
}


def hostile(evil: str) -> bytes:
    """A mail that says it wherever the desk looks."""
    word = "=?utf-8?b?" + b64encode(evil.encode("utf-8", "surrogatepass")).decode() + "?="
    return (
        f"From: {word} <sarah@corp.example>\r\nTo: it@corp.example\r\nSubject: {word}\r\n"
        f"Message-ID: <{word}@x.example>\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n".encode()
        + evil.encode("utf-8", "surrogatepass")
        + f"\r\n--b\r\nContent-Type: application/x\r\nContent-Disposition: attachment; filename*=utf-8''{word}\r\n"
        "\r\nx\r\n--b--\r\n".encode()
    )


def steers(text: str) -> set[str]:
    """Characters that a terminal or a reader of lines may obey, line feeds and tabs apart."""
    return {c for c in text if unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp", "Cs") and c not in "\n\t"}


@pytest.mark.parametrize("evil", EVIL.values(), ids=EVIL.keys())
def test_a_hostile_mail_is_data_in_every_line_of_the_log(stage: Stage, evil: str) -> None:
    stream = io.StringIO()
    stage.sink.script("RCPT", "550 5.1.1 " + "".join(c for c in evil if c not in "\r\n" and ord(c) < 256), times=1)
    with logs_restored():
        logs(stream, human=False)
        stage.post(hostile(evil))
        stage.step()
    lines = stream.getvalue().splitlines()
    assert stream.getvalue().count("\n") == len(lines) > 2
    assert not steers(stream.getvalue())
    entries = [json.loads(line) for line in lines]
    assert not any("forged" in entry for entry in entries)
    assert [entry["event"] for entry in entries].count("decided") == 1


def test_what_the_commands_print_obeys_no_mail(stage: Stage, maildesk: Commands) -> None:
    for evil in EVIL.values():
        stage.post(hostile(evil))
    stage.step()
    for words in (["ticket", "list"], ["ticket", "show", "1001"], ["ticket", "explain", "1002"], ["outbox", "list"]):
        for form in ([], ["--json"]) if words[1] == "list" else ([],):
            said = maildesk(*words, *form)
            assert said.code == 0
            assert not steers(said.out)
            if form:
                assert all(isinstance(row, dict) for row in said.rows)


def test_a_log_that_obeys_is_caught() -> None:
    assert steers("\x1b[2J")
    assert steers("a\u2028b")
    assert not steers('{"event": "打印机坏了"}\n')
