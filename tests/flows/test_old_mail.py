"""Mail that is older than it looks: an old one moved into the mailbox (PROTOCOLS 7)."""

from datetime import timedelta

from fixtures.stage import MONDAY, Stage


def test_an_old_mail_that_is_moved_into_the_mailbox_does_not_start_with_a_breached_clock(stage: Stage) -> None:
    stage.step()
    stage.write("old@corp.example", "printer", "it was broken then", at=stage.now - timedelta(days=90))
    outs = stage.step(minutes=1)
    assert stage.ticket().opened_at == MONDAY - timedelta(hours=24)
    assert not any(out.event.startswith("sla") for out in outs)
    assert [out.to for out in outs if out.to == "old@corp.example"] == []
