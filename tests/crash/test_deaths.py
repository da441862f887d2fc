"""What a death leaves behind, step by step: attempts of mails that were claimed, outcomes that were not written."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import pytest

from crash.harness import until
from fixtures.stage import MONDAY, Stage
from maildesk import clock, smtp
from maildesk.errors import TemporaryError
from maildesk.mail.model import Delivery, Parcel
from maildesk.runners import intake, mailbox, outbox
from maildesk.store import inbound
from maildesk.store.database import transaction

NOW = clock.fixed(MONDAY)


def taken_in(stage: Stage, count: int) -> None:
    """Some mails are kept, none is decided."""
    for number in range(count):
        stage.write(f"ann{number}@corp.example", "Printer", "It jams.")
    source = mailbox.source(stage.desk.settings.mailboxes[0], stage.desk.engine, NOW)
    assert mailbox.run_once(stage.desk, source, MONDAY) == count
    source.close()


def dies_while_deciding(stage: Stage) -> list[int]:
    """The attempts are counted, and then nothing more happens."""
    with transaction(stage.desk.engine) as connection:
        return [mail.attempts for mail in inbound.claim(connection, 50)]


def test_at_the_start_what_a_death_left_is_decided_and_the_rest_waits_its_turn(stage: Stage) -> None:
    taken_in(stage, 2)
    assert dies_while_deciding(stage) == [1, 1]
    taken_in(stage, 1)
    intake.suspects(stage.desk, NOW)
    assert len(stage.tickets()) == 2
    assert dies_while_deciding(stage) == [1]


def test_a_mail_over_which_the_desk_dies_again_and_again_costs_its_neighbours_no_attempt(stage: Stage) -> None:
    taken_in(stage, 3)
    assert dies_while_deciding(stage) == [1, 1, 1]
    assert [dies_while_deciding(stage) for _ in range(4)] == [[2], [2], [2], [3]]


@dataclass(frozen=True, slots=True)
class BrokenMeanwhile:
    """The real courier; while it is on its way somebody takes the outbox table away."""

    stage: Stage
    courier: smtp.Courier

    def deliver(
        self, parcels: Sequence[Parcel], heard: Callable[[Sequence[Delivery]], None] = lambda _: None
    ) -> list[Delivery]:
        sql(self.stage, "ALTER TABLE outbox RENAME TO elsewhere")
        return self.courier.deliver(parcels, heard)


def sql(stage: Stage, statement: str) -> None:
    """Something from outside happens to the database."""
    with transaction(stage.desk.engine) as connection:
        connection.exec_driver_sql(statement)


def test_outcomes_that_cannot_be_written_down_are_owed_and_nothing_is_sent_twice(stage: Stage) -> None:
    taken_in(stage, 2)
    intake.run_once(stage.desk, MONDAY)
    owed = outbox.Owed()
    with smtp.courier(stage.desk.settings.relay) as courier:
        with pytest.raises(TemporaryError):
            outbox.run_once(stage.desk, BrokenMeanwhile(stage, courier), MONDAY, owed=owed)
        sent = len(stage.sink.mails)
        assert len(owed.marks) == sent > 0
        sql(stage, "ALTER TABLE elsewhere RENAME TO outbox")
        outbox.run_once(stage.desk, courier, MONDAY + timedelta(days=1), owed=owed)
    assert not owed.marks
    assert len({mail.data for mail in stage.sink.mails}) == len(stage.sink.mails) == sent


def test_outcomes_are_heard_while_other_mails_are_still_under_way(stage: Stage) -> None:
    stage.sink.script(after_dot="silence", skip=1)
    parcels = [
        Parcel(id=number, sender="it@corp.example", recipient="ann@corp.example", data=b"Subject: x\r\n\r\nx\r\n")
        for number in range(2)
    ]
    heard: list[Delivery] = []

    def hear(outcomes: Sequence[Delivery]) -> None:
        if not heard:
            until(lambda: stage.sink.commands.count(".") == 2, 10, "the second mail is under way")
            stage.sink.hang_up()
        heard.extend(outcomes)

    with smtp.courier(stage.sink.settings(connections=1)) as courier:
        assert courier.deliver(parcels, hear) == heard
    assert [type(outcome).__name__ for outcome in heard] == ["Sent", "Unknown"]
