"""How much the outbox takes at a time: little while the desk may die again, more once it lives (PROTOCOLS 2)."""

import pytest

from maildesk.runners.outbox import FEWEST, MOST, Round, larger


def test_rounds_grow_while_every_mail_is_sent_and_not_without_end() -> None:
    limit = FEWEST
    for _ in range(50):
        grown = larger(limit, Round(tried=limit, sent=limit))
        assert grown > limit or grown == MOST
        limit = grown
    assert limit == MOST


@pytest.mark.parametrize("done", [Round(tried=8, sent=7, deferred=1), Round(tried=3, dead=3), Round(tried=4, sent=3)])
def test_a_mail_that_is_not_sent_makes_the_next_round_small(done: Round) -> None:
    assert larger(MOST, done) == FEWEST
