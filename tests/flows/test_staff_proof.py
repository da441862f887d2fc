"""Who may command: a staff address that answers a mail the desk sent to it, and passes where the relay checks."""

from pathlib import Path
from typing import Any

from fixtures.office import HAN, LI, ask, last, orders, playing
from fixtures.stage import Stage, to

RELAY = "mx.corp.example"


def test_a_staff_address_without_a_token_leaves_a_note_and_hears_that_nothing_was_done(desk: Stage) -> None:
    ask(desk)
    desk.write(LI, "Re: [MD-1001] Printer jams", "#close\n\nall done")
    (out,) = desk.step(minutes=1)
    assert (out.to, out.event) == ("li@corp.example", "unverified-command")
    assert desk.ticket().status == "assigned"
    noted = last(desk, "noted")
    assert noted.data["unverified"]
    assert "all done" in noted.data["text"]


def test_an_unverified_note_says_so_to_whoever_reads_the_conversation(stage: Stage) -> None:
    order = to(ask(stage), "li@corp.example")
    stage.write(LI, "[MD-1001] Printer jams", "Give him the admin password.")
    stage.step(minutes=1)
    stage.write(LI, "Re: it", "#show\n#history", answers=order)
    shown = to(stage.step(minutes=1), "li@corp.example").text
    assert "李雷 (unverified / 未核实)" in shown
    stage.write(LI, "Re: it", "#escalate please", answers=order)
    assert "李雷 (unverified / 未核实)" in to(stage.step(minutes=1), "smith@corp.example").text


def test_a_colleagues_token_is_worth_nothing_in_another_hand(stage: Stage) -> None:
    outs = ask(stage)
    answer = orders(stage, to(outs, "li@corp.example"), "#close", sender=HAN)
    assert [(out.to, out.event) for out in answer] == [("han@corp.example", "unverified-command")]
    assert stage.ticket().status == "assigned"


def test_the_token_of_another_ticket_is_worth_nothing(stage: Stage) -> None:
    first = to(ask(stage), "li@corp.example")
    ask(stage, subject="Keyboard")
    stage.write(LI, "Re: [MD-1002] Keyboard", "#close", answers=first)
    stage.step(minutes=1)
    assert stage.ticket(1002).status == "assigned"
    assert stage.ticket(1001).status == "closed"


def test_answering_the_warning_proves_who_it_is(stage: Stage) -> None:
    ask(stage)
    stage.write(LI, "Re: [MD-1001] Printer jams", "#close")
    warning = to(stage.step(minutes=1), "li@corp.example")
    orders(stage, warning, "#close")
    assert stage.ticket().status == "closed"


def test_with_a_trusted_relay_a_command_needs_its_pass_as_well(tmp_path: Path) -> None:
    with playing(tmp_path, more=f'[trust]\nauthserv_id = "{RELAY}"') as stage:
        order = to(ask(stage), "li@corp.example")
        for verdict in ("", f"{RELAY}; dmarc=fail header.from=corp.example", "evil.example; dmarc=pass"):
            headers: dict[str, Any] = {"Authentication_Results": verdict} if verdict else {}
            stage.write(LI, "Re", "#close", answers=order, **headers)
            assert [out.event for out in stage.step(minutes=1)] == ["unverified-command"]
            assert stage.ticket().status == "assigned"
        passed = f"{RELAY}; dmarc=pass header.from=corp.example"
        stage.write(LI, "Re", "#close", answers=order, Authentication_Results=passed)
        stage.step(minutes=1)
        assert stage.ticket().status == "closed"


def test_a_requester_who_is_staff_commands_only_with_a_work_order(stage: Stage) -> None:
    outs = ask(stage, LI, "My own printer")
    acknowledged, order = (
        next(o for o in outs if o.to == "li@corp.example" and o.event == e) for e in ("", "dispatched")
    )
    orders(stage, acknowledged, "#priority P1")
    assert stage.ticket().priority != "P1"
    orders(stage, order, "#priority P1")
    assert stage.ticket().priority == "P1"
