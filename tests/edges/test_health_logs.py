"""The log: one line a thing, whatever stands in it."""

import io
import json
import logging
import warnings
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from maildesk import health

HOSTILE = '断网\x1b[31m\r\n{"event": "forged"}\u202etxt.exe\u2028\x00\ud800'


@pytest.fixture(autouse=True)
def restored() -> Iterator[None]:
    """The log is one for the process: put it back as it was."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    logging.captureWarnings(capture=False)
    root.handlers[:], root.level = handlers, level
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_line_is_one_json_object_with_a_utc_time() -> None:
    stream = io.StringIO()
    health.logs(stream, human=False)
    structlog.get_logger().info("sent", mail=7, to="李雷", ratio=0.5, nothing=None, ok=True, ids=(1, 2))
    (line,) = lines(stream)
    assert line.pop("at").endswith("+00:00")
    assert line == {
        "event": "sent",
        "level": "info",
        "mail": 7,
        "to": "李雷",
        "ratio": 0.5,
        "nothing": None,
        "ok": True,
        "ids": [1, 2],
    }
    assert "李雷" in stream.getvalue()


@pytest.mark.parametrize("human", [True, False])
def test_hostile_text_can_neither_forge_a_line_nor_steer_a_terminal(human: bool) -> None:
    stream = io.StringIO()
    health.logs(stream, human=human)
    structlog.get_logger().warning(HOSTILE, **{"subject": HOSTILE, HOSTILE: [HOSTILE, {HOSTILE: HOSTILE}]})
    text = stream.getvalue()
    assert len(text.splitlines()) == 1
    assert all(c.isprintable() for c in text.rstrip("\n"))
    assert "断网" in text
    assert "\\u202e" in text
    if not human:
        assert json.loads(text)["subject"] == HOSTILE


def test_secrets_bodies_and_octets_never_stand_in_the_log() -> None:
    stream = io.StringIO()
    health.logs(stream, human=False)
    structlog.get_logger().error(
        "refused",
        password="p4ss",
        login={"access_token": "t0ken", "user": "it"},
        body="Dear all",
        data=b"Subject: secret",
        key="k3y",
        dedupe_key="acknowledged:1",
        why=ValueError("no"),
    )
    (line,) = lines(stream)
    assert line["password"] == line["body"] == line["key"] == "***"
    assert line["login"] == {"access_token": "***", "user": "it"}
    assert line["data"] == "<15 octets>"
    assert line["why"] == "no"
    assert not any(word in stream.getvalue() for word in ("p4ss", "t0ken", "Dear", "k3y"))


def test_long_value_is_cut() -> None:
    stream = io.StringIO()
    health.logs(stream, human=False)
    structlog.get_logger().info("x", reason="y" * 1_000_000)
    assert lines(stream)[0]["reason"].endswith("... (1000000 characters)")
    assert len(stream.getvalue()) < 3_000


@pytest.mark.parametrize("human", [True, False])
def test_traceback_is_kept_without_the_values_of_variables(human: bool) -> None:
    stream = io.StringIO()
    health.logs(stream, human=human)
    hidden = "".join(["p4", "ss"])
    try:
        raise ValueError(f"\x1b broke: {len(hidden)}")
    except ValueError:
        structlog.get_logger().exception("failed")
    text = stream.getvalue()
    assert "ValueError: \\u001b broke: 4" in text
    assert hidden not in text
    assert human or len(text.splitlines()) == 1


def test_level_holds_for_us_and_for_libraries() -> None:
    stream = io.StringIO()
    health.logs(stream, human=False, level="warning")
    structlog.get_logger().info("quiet")
    logging.getLogger("some.library").info("quiet")
    structlog.get_logger().error("loud")
    assert [line["event"] for line in lines(stream)] == ["loud"]


def test_libraries_that_log_the_wire_are_quiet_even_at_debug() -> None:
    stream = io.StringIO()
    health.logs(stream, human=False, level="DEBUG")
    logging.getLogger("imapclient.imaplib").debug("LOGIN it p4ss")
    logging.getLogger("aiosmtplib").debug("AUTH PLAIN AGl0AHA0c3M=")
    structlog.get_logger().debug("seen")
    assert [line["event"] for line in lines(stream)] == ["seen"]


def test_libraries_speak_the_same_lines() -> None:
    stream = io.StringIO()
    health.logs(stream, human=False)
    logging.getLogger("alembic.runtime").warning("upgrade %s\x1b", "0001")
    try:
        raise KeyError("gone")
    except KeyError:
        logging.getLogger("some.library").exception("broke")
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn("old way", stacklevel=1)
    found = lines(stream)
    assert [line["logger"] for line in found] == ["alembic.runtime", "some.library", "py.warnings"]
    assert found[0]["event"] == "upgrade 0001\x1b"
    assert "KeyError: 'gone'" in found[1]["exception"]
    assert "old way" in found[2]["event"]


def test_context_of_a_thread_stands_on_its_lines() -> None:
    stream = io.StringIO()
    health.logs(stream, human=False)
    with structlog.contextvars.bound_contextvars(mailbox="main"):
        structlog.get_logger().info("taken")
    assert lines(stream)[0]["mailbox"] == "main"


def test_setting_the_log_up_again_writes_each_line_once() -> None:
    first, second = io.StringIO(), io.StringIO()
    health.logs(first, human=False)
    health.logs(second, human=False)
    logging.getLogger("some.library").warning("once")
    assert (len(lines(first)), len(lines(second))) == (0, 1)


class Full(io.StringIO):
    """A stream on a full disk."""

    def write(self, _text: str) -> int:
        raise OSError(28, "No space left on device")

    def flush(self) -> None:
        raise OSError(28, "No space left on device")


class Detached(io.StringIO):
    """A terminal that has gone."""

    def flush(self) -> None:
        raise ValueError("I/O operation on closed file")


@pytest.mark.parametrize("stream", [Full(), Detached()])
@pytest.mark.parametrize("human", [True, False])
def test_stream_that_cannot_be_written_stops_nothing(stream: io.StringIO, human: bool) -> None:
    health.logs(stream, human=human)
    structlog.get_logger().error("lost", mail=7)
    logging.getLogger("some.library").error("lost")


def test_unknown_level_is_refused() -> None:
    with pytest.raises(KeyError):
        health.logs(io.StringIO(), human=False, level="loud")
