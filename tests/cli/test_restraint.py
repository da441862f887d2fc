"""Not a weapon: muted addresses, limits per thread, rule and hour, and the outbox that parks itself."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from fixtures.commands import Commands
from fixtures.office import LI, SARAH, ask, last, orders, playing, taken, without_likeness
from fixtures.reports import report
from fixtures.stage import Out, Stage, to
from maildesk import settings
from maildesk.mail.parse import parse
from maildesk.store import alarms, restraint
from maildesk.store.database import reading, transaction


def _bounced(stage: Stage, status: str = "5.1.1") -> list[Out]:
    """sarah's acknowledgement comes back; who hears of it."""
    action = "failed" if status[0] == "5" else "delayed"
    stage.post(report(to(ask(stage), "sarah@corp.example"), status=status, action=action))
    return stage.step(minutes=1)


def _muted(stage: Stage) -> list[str]:
    with reading(stage.desk.engine) as connection:
        return [entry.address for entry in restraint.all_muted(connection, stage.now)]


def test_an_address_from_which_a_mail_came_back_gets_no_automatic_mail_and_the_ticket_says_so(
    stage: Stage, maildesk: Commands
) -> None:
    heard = _bounced(stage)
    assert {out.event for out in heard} == {"undelivered"}
    assert {out.to for out in heard} == {"li@corp.example", "han@corp.example"}
    assert _muted(stage) == ["sarah@corp.example"]
    stage.write(LI, "Re: [MD-1001] it", "#close", answers=_dispatch(stage))
    assert "sarah@corp.example" not in [out.to for out in stage.step(minutes=1)]
    assert last(stage, "suppressed").data["event"] == "closed"
    said = maildesk("ticket", "explain", "1001").out
    assert "no closed mail to sarah@corp.example: a mail to it came back" in " ".join(said.split())


def _dispatch(stage: Stage) -> Out:
    """The dispatch of the first ticket to li."""
    return next(Out(mail, parse(mail.data)) for mail in stage.sink.mails if mail.recipients == ("li@corp.example",))


def test_a_persons_answer_goes_to_a_muted_address_all_the_same(stage: Stage) -> None:
    _bounced(stage)
    outs = orders(stage, _dispatch(stage), "Are you there?")
    assert "sarah@corp.example" in [out.to for out in outs]


def test_a_mail_from_a_muted_address_unmutes_it(stage: Stage) -> None:
    _bounced(stage)
    assert "sarah@corp.example" in [out.to for out in ask(stage, SARAH, "Keyboard", "It lacks a key.")]
    assert _muted(stage) == []


def test_a_mute_ends_by_itself_and_by_command(stage: Stage, maildesk: Commands) -> None:
    _bounced(stage)
    assert "sarah@corp.example" in maildesk("outbox", "muted").out
    assert maildesk("outbox", "unmute", "Sarah@corp.example").code == 0
    assert maildesk("outbox", "unmute", "sarah@corp.example").code == 1
    assert "No address is muted" in maildesk("outbox", "muted").out
    stage.post(report(_acknowledged(stage), name="again"))
    stage.step(minutes=1)
    assert _muted(stage) == ["sarah@corp.example"]
    stage.step(days=15)
    assert _muted(stage) == []


def _acknowledged(stage: Stage) -> Out:
    return next(Out(mail, parse(mail.data)) for mail in stage.sink.mails if mail.recipients == ("sarah@corp.example",))


def test_a_delay_a_forged_report_and_a_member_of_the_staff_mute_nobody(stage: Stage) -> None:
    _bounced(stage, "4.4.1")
    order = _dispatch(stage)
    stage.post(report(order, name="order"))
    forged = report(order, name="forged").replace(order.mail.message_id.encode(), b"1001.aaaa.bbbb@corp.example")
    stage.post(forged)
    stage.step(minutes=1)
    assert _muted(stage) == []


def test_an_address_that_the_relay_refuses_is_muted(stage: Stage) -> None:
    stage.sink.script("RCPT", "550 5.1.1 no such user")
    ask(stage)  # the acknowledgement leaves first
    assert _muted(stage) == ["sarah@corp.example"]


def test_one_person_gets_so_many_mails_an_hour_about_a_ticket_and_p1_passes(tmp_path: Path) -> None:
    with playing(tmp_path, more="[budget]\nthread_hour = 4") as stage:
        order = taken(stage)
        heard = []
        for n in range(8):
            stage.write(SARAH, "Re: [MD-1001] it", f"And another thing, number {n}.")
            heard += [out.to for out in stage.step(minutes=1)]
        assert 1 <= heard.count("li@corp.example") < 4
        assert "within the hour" in last(stage, "suppressed").data["reason"]
        assert len([event for event in stage.events() if event.kind == "received"]) == 8
        stage.write(SARAH, "Re: [MD-1001] it", "An hour later.")
        assert "li@corp.example" in [out.to for out in stage.step(hours=1.1)]
        orders(stage, order, "#priority P1")
        for n in range(6):
            stage.write(SARAH, "Re: [MD-1001] it", f"It burns, number {n}.")
            assert "li@corp.example" in [out.to for out in stage.step(minutes=1)]


def test_a_rule_that_opens_too_many_tickets_is_told_of_to_its_owner_once(tmp_path: Path) -> None:
    with playing(tmp_path, more="[budget]\nrule_hour = 3", rules=without_likeness()) as stage:
        outs = []
        for n in range(6):
            stage.write(f"user{n}@corp.example", f"VPN {n}", f"My VPN password {'x' * n} is gone.")
            outs += stage.step(minutes=1)
        assert {out.to for out in outs if not out.event} == {f"user{n}@corp.example" for n in range(3)}
        raised = [out for out in outs if out.event == "alarm"]
        assert raised
        assert {out.to for out in raised} == {"ops@corp.example"}
        assert "rule" in raised[0].mail.subject
        assert "opened more tickets" in last(stage, "suppressed", 1006).data["reason"]
        stage.write("late@corp.example", "VPN", "My VPN is gone too.")
        assert "late@corp.example" in [out.to for out in stage.step(hours=1.1)]


def test_too_many_mails_in_an_hour_park_the_outbox_until_it_is_calm(tmp_path: Path) -> None:
    with playing(tmp_path, more="[budget]\ntotal_hour = 10\nrule_hour = 0", rules=without_likeness()) as stage:
        for n in range(6):
            stage.write(f"user{n}@corp.example", f"Matter {n}", f"Words {n}.")
        outs = stage.step()
        assert [(out.to, out.event) for out in outs] == [("ops@corp.example", "alarm")]
        assert "resume" in outs[0].text
        assert stage.step(minutes=5) == []
        released = stage.step(hours=1)
        assert {f"user{n}@corp.example" for n in range(6)} <= {out.to for out in released}
        assert [out.event for out in released if out.to == "ops@corp.example"] == ["recovered"]


def test_a_parked_outbox_lets_p1_pass_and_goes_on_by_command(stage: Stage, maildesk: Commands) -> None:
    toml = stage.home / "maildesk.toml"
    toml.write_text(toml.read_text() + "\n[budget]\ntotal_hour = 10\n")
    stage.desk = replace(stage.desk, settings=settings.load(toml))
    order = taken(stage)
    assert maildesk("outbox", "resume").code == 1
    for n in range(6):
        stage.write(f"user{n}@corp.example", f"Matter {n}", f"Words {n}.")
    assert {out.event for out in stage.step(minutes=1)} - {"surge"} == {"alarm"}  # both are urgent
    outs = orders(stage, order, "#priority P1")
    assert [out.to for out in outs] == ["li@corp.example"]
    assert maildesk("outbox", "resume").code == 0
    assert {f"user{n}@corp.example" for n in range(6)} <= {out.to for out in stage.step(minutes=1)}
    assert "recovered" not in [out.event for out in stage.step(hours=2)]


def test_status_counts_the_muted_addresses(stage: Stage, maildesk: Commands) -> None:
    assert "muted addresses" not in maildesk("status").out
    with transaction(stage.desk.engine) as connection:
        later = datetime.now(UTC) + timedelta(days=1)
        restraint.mute(connection, "sarah@corp.example", later, "5.1.1", stage.now)
        alarms.raise_(connection, restraint.PARKED, "too many", stage.now)
    said = maildesk("status").out
    assert "muted addresses: 1" in said
    assert "the outbox is parked since 2026-11-09 09:00" in said
