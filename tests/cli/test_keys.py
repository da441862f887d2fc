"""`keys list`, `keys rotate`, `keys retire`: a new key signs, older ones are believed until they are retired."""

from dataclasses import replace

from fixtures.commands import Commands
from fixtures.office import ask, orders
from fixtures.stage import Out, Stage, to
from maildesk import settings
from maildesk.daemon import changes


def _order(stage: Stage) -> Out:
    return to(ask(stage), "li@corp.example")


def _reload(stage: Stage) -> None:
    stage.desk = replace(stage.desk, key=settings.key(stage.home / "state"))


def test_an_answer_to_a_mail_of_an_older_key_counts_until_that_key_is_retired(stage: Stage, maildesk: Commands) -> None:
    older = [_order(stage), to(ask(stage, subject="Keyboard", body="A key is missing."), "li@corp.example")]
    assert "1 older are still believed" in maildesk("keys", "rotate").out
    _reload(stage)
    newer = to(ask(stage, subject="Headset", body="I hear no sound in meetings."), "li@corp.example")
    orders(stage, older[0], "#close")
    orders(stage, newer, "#close")
    assert (stage.ticket(1001).status, stage.ticket(1003).status) == ("closed", "closed")
    assert maildesk("keys", "retire").code == 0
    _reload(stage)
    assert [out.event for out in orders(stage, older[1], "#close")] == ["unverified-command"]
    assert stage.ticket(1002).status == "assigned"


def test_a_new_key_signs_new_mails_and_breaks_no_thread(stage: Stage, maildesk: Commands) -> None:
    order = _order(stage)
    maildesk("keys", "rotate")
    _reload(stage)
    (receipt,) = [out for out in orders(stage, order, "#take") if out.event == "receipt"]
    assert set(order.mail.references) & set(receipt.mail.references)
    orders(stage, receipt, "#close")
    assert stage.ticket().status == "closed"


def test_the_list_shows_fingerprints_and_never_a_key(stage: Stage, maildesk: Commands) -> None:
    maildesk("keys", "rotate")
    said = maildesk("keys", "list")
    assert [line.split()[1] for line in said.out.splitlines()[-2:]] == ["signs", "believed"]
    key = settings.key(stage.home / "state")
    assert len(key) == 64
    assert key[:32].hex()[:12] not in said.out
    assert (stage.home / "state" / "key").stat().st_mode & 0o777 == 0o600


def test_the_only_key_is_not_retired(stage: Stage, maildesk: Commands) -> None:
    before = settings.key(stage.home / "state")
    said = maildesk("keys", "retire")
    assert said.code == 1
    assert "keys rotate" in said.err
    assert settings.key(stage.home / "state") == before


def test_check_tells_of_a_key_that_others_can_read_and_of_a_damaged_one(stage: Stage, maildesk: Commands) -> None:
    file = stage.home / "state" / "key"
    file.chmod(0o640)
    said = maildesk("check")
    assert said.code == 0
    assert f"can be read by others (mode 0640): chmod 600 {file}" in said.out + said.err
    file.write_bytes(b"x" * 40)
    said = maildesk("check")
    assert said.code == 78
    assert "must hold 32 bytes for each key" in said.out + said.err


def test_a_running_desk_sees_that_its_keys_changed(stage: Stage, maildesk: Commands) -> None:
    look = changes._look
    file, keys = stage.home / "maildesk.toml", stage.home / "state" / "key"
    before = look(file, keys)
    assert look(file, keys) == before
    maildesk("keys", "rotate")
    assert look(file, keys) != before
