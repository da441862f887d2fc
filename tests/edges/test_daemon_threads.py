"""The daemon's threads in this process: a Maildir, a real relay, and what the log says of it all."""

import io
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
import time_machine

from fixtures.commands import logs_restored
from fixtures.stage import Stage, letter
from maildesk import clock, health
from maildesk.daemon.running import serve
from maildesk.errors import TemporaryError
from maildesk.mail.parse import parse

FANG = "王芳 <wangfang@corp.example>"


@dataclass(slots=True)
class Serving:
    """A desk at work in a thread."""

    stage: Stage
    stop: threading.Event = field(default_factory=threading.Event)
    reload: threading.Event = field(default_factory=threading.Event)
    written: io.StringIO = field(default_factory=io.StringIO)

    def start(self) -> threading.Thread:
        file = self.stage.home / "maildesk.toml"
        thread = threading.Thread(target=serve, args=(file, self.stop, self.reload))
        thread.start()
        self.until(lambda: self.logged("running"))
        return thread

    def log(self) -> list[dict[str, Any]]:
        lines = self.written.getvalue().splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def logged(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.log() if line["event"] == event]

    def to(self, address: str) -> list[str]:
        """What kinds of mail somebody got."""
        mails = [parse(mail.data) for mail in list(self.stage.sink.mails) if address in mail.recipients]
        return [next(mail.values("X-Maildesk-Event"), "to a requester") for mail in mails]

    def status(self) -> dict[str, Any]:
        found = health.ask(self.stage.desk.settings.state)
        assert found is not None
        return dict(found)

    def until(self, what: Callable[[], object], seconds: float = 20.0) -> None:
        deadline = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < deadline, self.written.getvalue()[-5000:]
            time.sleep(0.05)


@pytest.fixture
def serving(stage: Stage) -> Iterator[Serving]:
    made = Serving(stage)
    toml = stage.home / "maildesk.toml"
    toml.write_text(toml.read_text().replace('kind = "maildir"', 'kind = "maildir"\npoll = "1s"'))
    with logs_restored():
        health.logs(made.written, human=False)
        thread = made.start()
        yield made
        made.stop.set()
        thread.join(15)
        assert not thread.is_alive()
    assert made.logged("stopped")


def arrives(serving: Serving, subject: str, body: str) -> None:
    serving.stage.post(letter(FANG, subject, body)[0], at=clock.now())


def test_the_log_is_json_and_holds_no_text_of_a_mail(serving: Serving) -> None:
    arrives(serving, "打印机卡纸", "我的密码是 hunter2，请帮忙")
    serving.until(lambda: serving.to("wangfang@corp.example") == ["to a requester"])
    serving.until(lambda: serving.status()["outbox"]["ready"] == 0)
    text = serving.written.getvalue()
    assert "hunter2" not in text
    assert "请帮忙" not in text
    assert all({"event", "level", "at"} <= set(line) for line in serving.log())
    beats = serving.status()["threads"]
    assert {"intake", "outbox", "sla", "reports", "mailbox:main"} == set(beats)
    assert {beat["state"] for beat in beats.values()} == {"ok"}


def test_the_owner_hears_once_of_a_mailbox_that_went_away_and_once_that_it_is_back(serving: Serving) -> None:
    inbox = serving.stage.home / "inbox"
    inbox.rename(serving.stage.home / "away")
    serving.until(lambda: serving.to("ops@corp.example"))
    assert serving.status()["mailboxes"][0]["state"] == "failing"
    (serving.stage.home / "away").rename(inbox)
    arrives(serving, "断网", "上不了网")
    serving.until(lambda: serving.to("wangfang@corp.example") == ["to a requester"])
    serving.until(lambda: serving.to("ops@corp.example") == ["alarm", "recovered"])
    assert {line["loop"] for line in serving.logged("failing")} == {"mailbox:main"}


def test_a_relay_that_is_away_is_shown_and_waited_for(serving: Serving) -> None:
    serving.stage.sink.down()
    arrives(serving, "断网", "上不了网")
    serving.until(lambda: serving.status()["threads"]["outbox"]["state"] == "failing")
    assert "127.0.0.1" in serving.status()["threads"]["outbox"]["reason"]
    assert serving.status()["tickets"]["open"] == 1
    serving.stage.sink.up()


def test_a_reload_takes_all_of_a_good_configuration_and_nothing_of_a_bad_one(serving: Serving) -> None:
    toml = serving.stage.home / "maildesk.toml"
    good = toml.read_text()
    toml.write_text(good.replace("[relay]", "[relay]\nconnections = 2"))
    serving.reload.set()
    serving.until(lambda: serving.logged("reloaded"))
    assert serving.logged("reloaded")[0]["restart_needed_for"] == ["relay"]
    toml.write_text(good.replace("[relay]", "[relay]\nconections = 2"))
    serving.reload.set()
    serving.until(lambda: serving.logged("reload refused"))
    assert "relay.conections" in serving.logged("reload refused")[0]["problem"]
    arrives(serving, "断网", "上不了网")
    serving.until(lambda: serving.to("wangfang@corp.example") == ["to a requester"])


def test_a_second_desk_on_the_same_state_does_not_start(serving: Serving) -> None:
    with pytest.raises(TemporaryError, match="pid"):
        serve(serving.stage.home / "maildesk.toml", threading.Event(), threading.Event())


def test_a_clock_that_is_set_is_told_once_and_mails_go_on(serving: Serving) -> None:
    with time_machine.travel(clock.now() + timedelta(hours=3), tick=True):
        serving.until(lambda: "alarm" in serving.to("ops@corp.example"))
        arrives(serving, "打印机", "卡纸了")
        serving.until(lambda: serving.to("wangfang@corp.example"))
        time.sleep(2.5)  # one tick more
        assert serving.to("ops@corp.example") == ["alarm"]
