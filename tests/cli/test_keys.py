"""`keys list`, `keys rotate`, `keys retire`: a new key signs, older ones are believed until they are retired."""

from dataclasses import replace

from fixtures.commands import Commands, program
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


def _other_key(stage: Stage) -> bytes:
    """The state directory holds the key of another desk; the right one."""
    right = settings.key(stage.home / "state")
    settings.replace_key(stage.home / "state", b"x" * 32)
    return right


def test_the_key_of_another_desk_is_told_everywhere_and_nothing_is_sent_with_it(
    stage: Stage, maildesk: Commands
) -> None:
    ask(stage)
    right = _other_key(stage)
    words = "goes with another database: it signed none of the mails of this one"
    for command in (("once",), ("ticket", "take", "1001", "li")):
        said = maildesk(*command)
        assert (said.code, words in said.err) == (78, True), command
    said = program("--config", str(stage.home / "maildesk.toml"), "run")
    assert (said.code, words in said.err) == (78, True)
    assert words in maildesk("check", "--connect").out
    assert words in maildesk("status").out
    assert maildesk("status", "--json").rows[0]["key_fits"] is False
    verified = maildesk("db", "verify")
    assert (verified.code, len(verified.lines)) == (1, 1)
    assert words in verified.out
    settings.replace_key(stage.home / "state", right)
    assert maildesk("once").code == 0
    assert words not in maildesk("status").out
    assert maildesk("db", "verify").code == 0


def test_a_lost_key_is_noticed_though_a_new_one_is_made_and_the_operator_may_go_on(
    stage: Stage, maildesk: Commands
) -> None:
    order = _order(stage)
    (stage.home / "state" / "key").unlink()
    assert maildesk("status", "--json").rows[0]["key_fits"] is False
    assert maildesk("once").code == 78
    assert maildesk("keys", "adopt").code == 0
    assert maildesk("once").code == 0
    assert maildesk("db", "verify").code == 0
    _reload(stage)
    assert [out.event for out in orders(stage, order, "#close")] == ["unverified-command"]


def test_after_a_rotation_and_a_retirement_the_mails_of_before_still_fit(stage: Stage, maildesk: Commands) -> None:
    ask(stage)
    assert maildesk("once").code == 0
    maildesk("keys", "rotate")
    assert maildesk("db", "verify").code == 0
    assert maildesk("keys", "retire").code == 0
    assert maildesk("db", "verify").code == 0
    assert maildesk("once").code == 0
    settings.replace_key(stage.home / "state", b"x" * 32)
    assert maildesk("once").code == 78
