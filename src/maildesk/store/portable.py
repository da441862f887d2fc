"""What SQLite and PostgreSQL both do, but SQLAlchemy spells once for each."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, Row, Table
from sqlalchemy.dialects import postgresql, sqlite

AnyRow = Row[*tuple[Any, ...]]
_BEYOND = 2**63  # what a column can hold


def findable(number: int) -> int:
    """`number` for a look-up; one that no row has when no column can hold it."""
    return number if -_BEYOND < number < _BEYOND else -1


@cache
def _insert_new(dialect: str, table: Table) -> Executable:
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    return insert(table).on_conflict_do_nothing().execution_options(preserve_rowcount=True)


def insert_new(c: Connection, table: Table, rows: Sequence[dict[str, Any]]) -> int:
    """Insert the rows that break no unique key, and return how many those were."""
    if not rows:
        return 0
    return c.execute(_insert_new(c.dialect.name, table), rows if len(rows) > 1 else rows[0]).rowcount


@cache
def _count_up(dialect: str, table: Table) -> Executable:
    insert = sqlite.insert if dialect == "sqlite" else postgresql.insert
    key, number = table.columns
    return insert(table).on_conflict_do_update(index_elements=[key], set_={number.name: number + 1})


def counted(c: Connection, table: Table, keys: Sequence[int]) -> None:
    """Count each key of a table of keys and numbers once more."""
    key, number = table.columns
    c.execute(_count_up(c.dialect.name, table), [{key.name: one, number.name: 1} for one in keys])
