"""The real daemon, killed at the k-th wire event and started again: nobody can tell (PROTOCOLS 1 and 2)."""

from pathlib import Path

import pytest

from crash import desks
from crash.harness import Result, run, world
from crash.wrong import Kind
from fixtures.dovecot import Dovecot


def killed(folder: Path, dovecot: Dovecot, count: int, kills: int) -> Result:
    """The real daemon after a run."""
    with world(folder, dovecot) as where:
        result = run(where, desks.maildesk(where.home), count=count, kills=kills)
    print(result)
    assert result.on_the_wire >= kills * 0.9
    return result


@pytest.mark.timeout(600)
def test_sixty_kills_at_wire_events_lose_nothing_and_double_nothing(tmp_path: Path, dovecot: Dovecot) -> None:
    result = killed(tmp_path / "desk", dovecot, count=150, kills=60)
    assert result.verdict.clean, result


@pytest.mark.long
@pytest.mark.timeout(7200)
@pytest.mark.parametrize(("count", "kills"), [(600, 200), (2000, 500)])
def test_hundreds_of_kills_at_wire_events_lose_nothing_and_double_nothing(
    tmp_path: Path, dovecot: Dovecot, count: int, kills: int
) -> None:
    result = killed(tmp_path / "desk", dovecot, count=count, kills=kills)
    assert result.verdict.clean, result


def wrong_desk(kind: Kind, folder: Path, dovecot: Dovecot, *, count: int, kills: int) -> Result:
    """A desk that is wrong on purpose, after a run."""
    with world(folder, dovecot) as where:
        return run(where, desks.wrong_desk(kind, where.home, where.quiet), count=count, kills=kills)


@pytest.mark.timeout(300)
def test_a_desk_whose_fetch_sets_seen_is_caught_losing_mails(tmp_path: Path, dovecot: Dovecot) -> None:
    result = wrong_desk("seen-first", tmp_path / "desk", dovecot, count=60, kills=20)
    assert result.verdict.lost, result


@pytest.mark.timeout(300)
def test_a_desk_that_flags_after_the_work_is_caught_doubling_tickets(tmp_path: Path, dovecot: Dovecot) -> None:
    result = wrong_desk("flag-last", tmp_path / "desk", dovecot, count=60, kills=20)
    assert result.verdict.doubled, result


@pytest.mark.parametrize("kind", ["seen-first", "flag-last"])
def test_it_is_the_kills_that_the_wrong_desks_do_not_survive(tmp_path: Path, dovecot: Dovecot, kind: Kind) -> None:
    result = wrong_desk(kind, tmp_path / "desk", dovecot, count=15, kills=0)
    assert result.verdict.clean, result
