"""Strangers who guess or know references: none of them gets into a ticket, and none of the ids holds."""

import random
from pathlib import Path

import pytest

from fixtures.office import ask, playing
from fixtures.stage import Stage, to
from maildesk.desk import thread
from maildesk.mail.ids import ours, ring, thread_root, verify
from maildesk.mail.parse import Reading, parse
from maildesk.store import facts
from maildesk.store.database import reading

BASE32 = "abcdefghijklmnopqrstuvwxyz234567"


def _guess(chance: random.Random, honest: str, root: str) -> str:
    """An id made up by somebody who has seen one of ours: a letter, the number, the key, or all of it is another."""
    number, nonce, mac = honest.partition("@")[0].split(".")
    any16 = "".join(chance.choices(BASE32, k=16))
    place = chance.randrange(16)
    other = chance.choice([c for c in BASE32 if c != mac[place]])
    other_nonce = chance.choice([c for c in BASE32 if c != nonce[place]])
    made = chance.choice(
        (
            f"{number}.{nonce}.{any16}",
            f"{number}.{any16}.{mac}",
            f"{number}.{any16}.{''.join(chance.choices(BASE32, k=16))}",
            f"{chance.randrange(1, int(number))}.{nonce}.{mac}",
            f"{number}.{nonce}.{mac[:place]}{other}{mac[place + 1 :]}",
            f"{number}.{nonce[:place]}{other_nonce}{nonce[place + 1 :]}.{mac}",
            f"{number}.{mac}.{nonce}",
            f"{number}.{nonce}.{mac}{any16[:1]}",
            f"{number}.{nonce}.{mac[:-1]}",
            root.partition("@")[0],
            ours(chance.randbytes(32), "dispatched:1001:5:li@corp.example", int(number), "corp.example").partition("@")[
                0
            ],
        )
    )
    return f"{made}@corp.example"


def _held(tries: int, seed: int) -> int:
    """How many of so many guesses hold, with two keys in force."""
    chance = random.Random(seed)
    keys = chance.randbytes(64)
    honest = ours(keys, "dispatched:1001:5:li@corp.example", 1001, "corp.example")
    root = thread_root(keys, 1001, "li@corp.example", "corp.example")
    assert verify(keys, honest) == 1001  # the harness can fail
    assert verify(keys, ours(ring(keys)[1], "answered:1001:5:x", 1001, "corp.example")) == 1001
    return sum(verify(keys, _guess(chance, honest, root)) is not None for _ in range(tries))


def test_no_guessed_reference_holds() -> None:
    assert _held(20_000, seed=1) == 0


@pytest.mark.long
@pytest.mark.timeout(900)
def test_none_of_a_million_guessed_references_holds() -> None:
    assert _held(1_000_000, seed=2) == 0


def _joined(stage: Stage, tries: int, seed: int) -> int:
    """How many of so many mails of strangers, with every id there is to know, belong to one of ten tickets."""
    chance = random.Random(seed)
    known: list[str] = []
    for number in range(10):
        known.append(stage.write("sarah@corp.example", f"Matter {number}", "Words."))
        for out in stage.step():
            known += [out.mail.message_id, *out.mail.references, *out.mail.in_reply_to]
    root, honest = known[2], known[1]
    desk, now = stage.desk, stage.now

    def belongs(sender: str, reference: str) -> bool:
        raw = (
            f"From: {sender}\r\nTo: it@corp.example\r\nSubject: Re: [MD-{chance.randrange(1001, 1011)}] Matter\r\n"
            f"Message-ID: <{chance.getrandbits(64)}@evil.example>\r\nIn-Reply-To: <{reference}>\r\n"
            f"References: <{chance.choice(known)}> <{reference}>\r\n\r\n#close\r\n"
        )
        mail = parse(raw.encode(), Reading(authserv_id="", loop=desk.policy.address))
        found = facts.gather(
            connection,
            mail,
            inbound=10**6,
            mailbox="main",
            arrived=now,
            historic=False,
            oversize=False,
            key=desk.key,
            policy=desk.policy,
            now=now,
        )
        return isinstance(thread.match(found, desk.policy, now), thread.Belongs)

    with reading(desk.engine) as connection:
        assert belongs("sarah@corp.example", honest)  # the harness can fail
        return sum(
            belongs(
                chance.choice(
                    ("Sarah <eve{}@evil.example>", "sarah{}@corp.example", '"li@corp.example" <x{}@y.example>')
                ).format(n),
                chance.choice(known) if n % 2 else _guess(chance, chance.choice([honest]), root),
            )
            for n in range(tries)
        )


def test_strangers_who_know_every_reference_join_nothing(stage: Stage) -> None:
    assert _joined(stage, 300, seed=3) == 0


@pytest.mark.long
@pytest.mark.timeout(900)
def test_none_of_ten_thousand_forged_in_reply_to_joins(stage: Stage) -> None:
    assert _joined(stage, 10_000, seed=4) == 0


RELAY = "mx.corp.example"


FAILED = ("dmarc=fail header.from=corp.example", "spf=fail smtp.mailfrom=evil.example", "none")


@pytest.mark.parametrize(
    ("verdict", "body", "status"),
    [
        (FAILED[0], "Still broken!", "resolved"),
        (FAILED[0], "It is solved, please close it.", "assigned"),
        (FAILED[1], "It is solved, please close it.", "resolved"),
        (FAILED[1], "#close", "assigned"),
        (FAILED[2], "5", "resolved"),
        (FAILED[2], "Send it to eve@evil.example.", "assigned"),
    ],
)
def test_a_forged_participant_leaves_an_unverified_note_and_changes_nothing(
    tmp_path: Path, verdict: str, body: str, status: str
) -> None:
    passed = f"{RELAY}; dmarc=pass header.from=corp.example"
    with playing(tmp_path, more=f'[trust]\nauthserv_id = "{RELAY}"') as stage:
        order = to(ask(stage, Authentication_Results=passed), "li@corp.example")
        if status == "resolved":
            stage.write("li@corp.example", "Re", "#resolve done", answers=order, Authentication_Results=passed)
            stage.step()
        before = stage.ticket()
        stage.write(
            "sarah@corp.example",
            "Re: [MD-1001] Printer jams",
            body,
            Authentication_Results=f"{RELAY}; {verdict}",
            Cc="eve@evil.example",
        )
        outs = stage.step(minutes=1)
        after = stage.ticket()
        assert stage.events()[-1].data["unverified"]
        assert {out.event for out in outs} == {"unverified-reply"}
        assert {out.to for out in outs} <= {"li@corp.example", "han@corp.example"}
        for name in ("status", "pauses", "participants", "assignee", "priority", "last_id", "closed_at", "resolved_at"):
            assert getattr(after, name) == getattr(before, name)


@pytest.mark.parametrize(("trust", "verdict"), [("", "none"), (RELAY, "none"), (RELAY, FAILED[0])])
def test_to_write_of_the_same_matter_in_somebodys_name_lets_nobody_in(tmp_path: Path, trust: str, verdict: str) -> None:
    passed = f"{RELAY}; dmarc=pass header.from=corp.example"
    with playing(tmp_path, more=f'[trust]\nauthserv_id = "{trust}"', whole=True) as stage:
        ask(stage, Authentication_Results=passed)
        stage.write(
            "sarah@corp.example",
            "Printer jams",
            "It jams.",
            Cc="eve@evil.example",
            Authentication_Results=f"{RELAY}; {verdict}",
        )
        stage.step(minutes=5)
        assert stage.ticket().participants == ()
        assert len(stage.tickets()) == (2 if trust else 1)
