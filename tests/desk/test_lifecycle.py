"""Which change a status allows, and where it leads: the whole table."""

from dataclasses import replace

import pytest

from fixtures.desk_samples import TICKET
from maildesk.desk import lifecycle
from maildesk.desk.model import Status

OPEN: tuple[Status, ...] = ("new", "assigned", "in progress", "pending")
TABLE: dict[str, dict[Status, str]] = {
    "dispatched": dict.fromkeys(OPEN, "assigned"),
    "assigned": dict.fromkeys(OPEN, "assigned"),
    "taken": dict.fromkeys(OPEN, "in progress"),
    "answered": {"new": "in progress", "assigned": "in progress"},
    "pending": dict.fromkeys(OPEN, "pending"),
    "resumed": {"pending": "assigned"},
    "resolved": dict.fromkeys(OPEN, "resolved"),
    "closed": dict.fromkeys((*OPEN, "resolved"), "closed"),
    "reopened": {"resolved": "assigned", "closed": "assigned"},
}


def test_the_table_names_every_change() -> None:
    assert set(TABLE) == set(lifecycle.TRANSITIONS)
    assert set(lifecycle.STATUSES) == lifecycle.OPEN | lifecycle.DONE


@pytest.mark.parametrize("status", lifecycle.STATUSES)
@pytest.mark.parametrize("change", TABLE)
def test_a_change_is_allowed_and_leads_where_the_table_says(change: str, status: Status) -> None:
    ticket = replace(TICKET, status=status)
    expected = TABLE[change].get(status)
    assert lifecycle.allows(ticket, change) == (expected is not None)
    assert lifecycle.entered(ticket, change) == (expected or status)


@pytest.mark.parametrize(
    ("group", "assignee", "status"), [("l1", "li", "in progress"), ("l1", "", "assigned"), ("", "", "new")]
)
def test_who_comes_back_has_the_status_of_his_owner(group: str, assignee: str, status: Status) -> None:
    owned = replace(TICKET, group=group, assignee=assignee)
    assert lifecycle.entered(replace(owned, status="pending"), "resumed") == status
    assert lifecycle.entered(replace(owned, status="closed"), "reopened") == status


def test_an_event_without_a_row_changes_no_status() -> None:
    assert lifecycle.entered(TICKET, "noted") == "assigned"
