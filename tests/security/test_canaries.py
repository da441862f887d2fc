"""Nothing that is not meant for a reader reaches him: canaries in notes, other tickets, hidden recipients, secrets."""

import base64
import io
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from fixtures.commands import logs_restored
from fixtures.office import HAN, NOC, whole
from fixtures.relay import running
from fixtures.stage import Out, Stage, build
from maildesk import settings
from maildesk.health import logs
from maildesk.runners.desk import read_templates

PASSWORD = "canary-password"


@dataclass(slots=True)
class Scene:
    """A desk, what it logs, and which canary nobody but whom may read."""

    stage: Stage
    log: io.StringIO
    may_read: dict[str, frozenset[str]] = field(default_factory=dict)  # canary: addresses outside the staff
    never_logged: set[str] = field(default_factory=set)

    @property
    def staff(self) -> set[str]:
        """Who may read everything."""
        policy = self.stage.desk.policy
        return {policy.owner, *(address for person in policy.people.values() for address in person.addresses)}

    def hide(self, canary: str, *readers: str, logged: bool = False) -> str:
        """A canary that only the staff and some readers may see."""
        self.may_read[canary] = frozenset(readers)
        if not logged:
            self.never_logged.add(canary)
        return canary

    def leaks(self, outs: list[Out]) -> list[str]:
        """Who outside the staff could read what."""
        found, staff = [], self.staff
        for out in outs:
            if out.to not in staff:
                read = whole([out]) + out.received.data.decode("utf-8", "replace")
                found += [
                    f"{canary} to {out.to}"
                    for canary, who in self.may_read.items()
                    if out.to not in who and canary in read
                ]
        return found

    def logged(self) -> list[str]:
        """Which canaries stand in the log."""
        text = self.log.getvalue()
        return [canary for canary in self.never_logged if canary in text]


@contextmanager
def scene(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Scene]:
    monkeypatch.setenv("CANARY_RELAY", PASSWORD)
    with running(logins={"it": PASSWORD}) as sink, logs_restored():
        log = io.StringIO()
        logs(log, human=False)
        desk = build(
            home, sink, relay='user = "it"\nsecret_env = "CANARY_RELAY"', more="[budget]\nunverified_hour = 10000"
        )
        made = Scene(Stage(desk=desk, sink=sink, home=home), log)
        for key in (PASSWORD, desk.key.hex(), base64.b64encode(desk.key).decode()):
            made.hide(key)
        try:
            yield made
        finally:
            desk.engine.dispose()


def _write(scene: Scene, number: int, chance: random.Random) -> str:
    """The mail that opens one of the tickets; who wrote it."""
    hidden = scene.hide(f"hidden{number}@secret.example")
    friend = f"friend{number}@partner.example"
    sender = f"user{number}@{chance.choice(('corp.example', 'partner.example'))}"
    body = scene.hide(f"canary-body-{number}.", sender, friend, NOC)
    subject = f"canary-subject-{number}. {chance.choice(('断网', 'Printer', '[URGENT] VPN'))}"
    scene.hide(f"canary-subject-{number}.", sender, friend, NOC, logged=True)
    scene.stage.write(
        sender,
        subject,
        f"{body}\n坏了。",
        Cc=friend,
        Bcc=hidden,
        X_Maildesk_Note=scene.hide(f"canary-header-{number}."),
    )
    return sender


def _worked_on(scene: Scene, orders: list[Out], chance: random.Random) -> None:
    """Notes, hand-overs with words to the colleague, answers, resolutions, refusals: a day's work on each ticket."""
    for out in orders:
        number = out.mail.subject.partition("canary-subject-")[2].partition(".")[0]
        note = scene.hide(f"canary-note-{number}.")
        answer = f"canary-answer-{number}."
        said = chance.choice(
            (
                f"#take\n#note {note}",
                f"#note {note}\n\n{answer}",
                f"#take\n#priority P1 {note}",
                f"#assign han {note}",
                f"#resolve {answer}\n#note {note}",
                f"#pending 2h {note}",
                f"#close {note}",
                f"#nonsense {note}\n\n{note}",
            )
        )
        scene.stage.write(out.to, f"Re: {out.mail.subject}", said, answers=out)


def _played(scene: Scene, tickets: int, seed: int) -> list[Out]:
    """All the mails of so many tickets from the first mail to the last."""
    chance = random.Random(seed)
    senders = {number: _write(scene, number, chance) for number in range(tickets)}
    outs = scene.stage.step()
    for out in outs:
        if out.to in scene.staff:
            scene.hide(out.mail.message_id)  # a token of the staff
    orders = list({out.mail.subject: out for out in outs if out.event == "dispatched"}.values())
    _worked_on(scene, orders, chance)
    outs += scene.stage.step(minutes=2)
    for out in orders[::3]:
        number = out.mail.subject.partition("canary-subject-")[2].partition(".")[0]
        vendor_note = scene.hide(f"canary-vendor-{number}.", NOC)
        scene.stage.write(out.to, "Re: order", f"#assign vendor-net {vendor_note}", answers=out)
    vendor = scene.stage.step(minutes=2)
    for out in (out for out in vendor if out.to == NOC):
        price = scene.hide(f"canary-price-{out.mail.subject.partition(']')[0]}.", NOC)
        scene.stage.write(NOC, "Re: order", f"It costs {price}", answers=out)
    for place, sender in senders.items():
        other = 1001 + (place + 1) % tickets
        scene.stage.write(sender, f"Re: [MD-{1001 + place}] [MD-{other}] x", "Any news?")
        scene.stage.write("eve@evil.example", f"[MD-{other}]", "Send me everything.")
    outs += vendor + scene.stage.step(minutes=2) + scene.stage.step(hours=30) + scene.stage.step(days=4)
    scene.stage.write(HAN, "Re: [MD-1001]", scene.hide("canary-unproven."))
    return outs + scene.stage.step()


@pytest.mark.parametrize("tickets", [25, pytest.param(220, marks=[pytest.mark.long, pytest.mark.timeout(900)])])
def test_no_canary_reaches_a_requester_a_vendor_or_the_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tickets: int
) -> None:
    with scene(tmp_path, monkeypatch) as played:
        outs = _played(played, tickets, seed=tickets)
        assert len([out for out in outs if out.to not in played.staff]) > 2 * tickets
        assert len(played.stage.tickets()) >= tickets
        assert played.leaks(outs) == []
        assert played.logged() == [], [line for line in played.log.getvalue().splitlines() if "canary-" in line]
        assert '"event": "decided"' in played.log.getvalue()


def test_a_leak_would_be_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with scene(tmp_path, monkeypatch) as played:
        _write(played, 1, random.Random(1))
        order = next(out for out in played.stage.step() if out.event == "dispatched")
        note = played.hide("canary-note-1.")
        played.stage.write(order.to, "Re: it", f"#note {note}", answers=order)
        assert played.leaks(played.stage.step(minutes=1)) == []
        template = played.stage.home / "templates" / "answered"
        for file in template.glob("requester.*.md"):
            file.write_text(file.read_text() + f"\n{note} {PASSWORD}\n")
        templates = read_templates(settings.load(played.stage.home / "maildesk.toml"))
        played.stage.desk = replace(played.stage.desk, templates=templates)
        played.stage.write(order.to, "Re: it", "An answer.", answers=order)
        leaks = played.leaks(played.stage.step(minutes=1))
        assert {leak.partition(" to ")[0] for leak in leaks} == {note, PASSWORD}
        played.log.write(note)
        assert played.logged() == [note]
