"""`db verify`: a desk that worked fits together, and each deliberate fault is one line."""

import pytest

from fixtures.commands import Commands
from fixtures.office import SARAH
from fixtures.stage import Stage, to
from maildesk import settings
from maildesk.store import verify
from maildesk.store.database import transaction


@pytest.fixture
def worked(stage: Stage) -> Stage:
    """Mails in and out, a command, an attachment's worth of text, a breach, a dead mail, a closed ticket."""
    stage.write(SARAH, "Printer", "It jams. " * 100)
    outs = stage.step()
    stage.write("li@corp.example", "Re: Printer", "#take", answers=to(outs, "li@corp.example"))
    stage.step(minutes=5)
    stage.write("ghost@corp.example", "Screen", "打不开")
    stage.sink.script("RCPT", "550 5.1.1 no such user", times=1)
    stage.step(minutes=5)
    stage.step(days=5)
    stage.step(days=20)
    assert any(event.kind == "escalated" for number in (1001, 1002) for event in stage.events(number))
    return stage


def test_a_desk_that_worked_fits_together(worked: Stage, maildesk: Commands) -> None:
    said = maildesk("db", "verify")
    assert (said.code, said.out) == (0, "Everything fits together.\n")
    assert maildesk("db", "verify", "--json").rows == []


FAULTS = {
    "a ticket changed past its journal": (
        'UPDATE ticket SET state = replace(state, \'"subject":"Printer"\', \'"subject":"Other"\') WHERE number = 1001',
        "journal: ticket 1001: its state is not what its journal says: subject",
    ),
    "a column changed": (
        "UPDATE ticket SET \"group\" = 'elsewhere' WHERE number = 1001",
        "journal: ticket 1001: its columns are not what its state says: group",
    ),
    "a journal entry lost": (
        "DELETE FROM event WHERE ticket = 1001 AND version = 2",
        "journal: ticket 1001: its version is",
    ),
    "a journal entry of no kind": (
        "UPDATE event SET kind = 'blessed' WHERE ticket = 1001 AND version = 2",
        "journal: ticket 1001: cannot be read back: ValueError: unknown event blessed",
    ),
    "a state that is no JSON": (
        "UPDATE ticket SET state = '{' WHERE number = 1001",
        "journal: ticket 1001: cannot be read back: ValidationError",
    ),
    "the counter set back": (
        "UPDATE counter SET next = 1001",
        "journal: counter: the next ticket would be 1001, but 1002 exists",
    ),
    "an entry that comes from no mail": (
        "UPDATE event SET cause = 'inbound:77' WHERE ticket = 1001 AND version = 2",
        "journal: ticket 1001: entry 2 comes from inbound:77, which was never decided",
    ),
    "a mail of a ticket that is none": (
        "UPDATE inbound SET ticket = 4711 WHERE id = 1",
        "ledger: mail 1: became ticket 4711, which does not exist",
    ),
    "a waiting mail without bytes": (
        "UPDATE inbound SET sha256 = NULL, state = 'waiting' WHERE id = 1",
        "ledger: mail 1: is waiting, but no bytes of it are kept",
    ),
    "bytes that rotted": (
        "UPDATE raw_mail SET bytes = x'00' WHERE sha256 = (SELECT sha256 FROM inbound WHERE id = 1)",
        "ledger: mail 1: its bytes are not those that came",
    ),
    "an attachment that rotted": (
        "INSERT INTO blob VALUES ('4711', x'00')",
        "ledger: attachment 4711: its bytes are not those that came",
    ),
    "a mail about no ticket": (
        "UPDATE outbox SET ticket = 4711 WHERE id = 1",
        "outbox: mail 1: is about ticket 4711, which does not exist",
    ),
    "a forged identity": (
        "UPDATE outbox SET message_id = '1001.aaaaaaaaaaaaaaaa.aaaaaaaaaaaaaaaa@corp.example' WHERE id = 1",
        "outbox: mail 1: its Message-ID was not made with these keys, or not for this ticket and person",
    ),
    "bytes of another mail": (
        "UPDATE outbox SET bytes = (SELECT bytes FROM outbox WHERE id = 2) WHERE id = 1",
        "outbox: mail 1: its bytes do not bear its Message-ID",
    ),
    "a mail sent again": (
        "UPDATE outbox SET due = created WHERE id = 1",
        "outbox: mail 1: is sent, but due again",
    ),
    "a mail that would wait for ever": (
        "UPDATE outbox SET state = 'ready', finished = NULL WHERE id = 1",
        "outbox: mail 1: is ready, but never due",
    ),
    "an end that is not noted": (
        "UPDATE outbox SET finished = NULL WHERE id = 1",
        "outbox: mail 1: is sent, but its end is not noted",
    ),
    "a mail that nobody sends": (
        "UPDATE outbox SET state = 'sending', finished = NULL, due = created WHERE id = 1",
        "outbox: mail 1: is sending, held by nobody",
    ),
    "a death that the journal does not know": (
        "UPDATE outbox SET state = 'dead' WHERE id = 1",
        "outbox: mail 1: is dead, and the journal of ticket 1001 does not say so",
    ),
    "a breach of which nobody was told": (
        "DELETE FROM outbox WHERE event IN ('sla-breached', 'digest')",
        "was told, and the outbox has no such mail",
    ),
    "a row that belongs to nothing": (
        "INSERT INTO attachment VALUES (4711, 0, 'a', 'b', 1, 'c', 0, '')",
        "database: attachment",
    ),
}


def test_each_deliberate_fault_is_found(worked: Stage) -> None:
    key = settings.key(worked.home / "state")
    found: dict[str, list[str]] = {}
    with worked.desk.engine.connect() as plain:
        driver = plain.connection.driver_connection
        assert driver is not None
        driver.execute("PRAGMA foreign_keys = OFF")
        for fault, (statement, _) in FAULTS.items():
            with plain.begin() as transaction:
                plain.exec_driver_sql(statement)
                found[fault] = [str(one) for one in verify.findings(plain, key)]
                transaction.rollback()
    assert {fault: found[fault] for fault, (_, line) in FAULTS.items() if line not in "\n".join(found[fault])} == {}


def test_what_does_not_fit_is_a_line_each_and_exit_code_1(worked: Stage, maildesk: Commands) -> None:
    with transaction(worked.desk.engine) as connection:
        connection.exec_driver_sql("UPDATE ticket SET assignee = 'x\x1b[2J', status = 'new' WHERE number = 1001")
        connection.exec_driver_sql("UPDATE counter SET next = 7")
    said = maildesk("db", "verify")
    assert (said.code, len(said.lines)) == (1, 2)
    rows = maildesk("db", "verify", "--json").rows
    assert [(row["part"], row["what"]) for row in rows] == [("journal", "ticket 1001"), ("journal", "counter")]
