"""A desk on either database."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from fixtures.office import playing
from fixtures.stage import Stage


@pytest.fixture
def desk(tmp_path: Path, store_url: str) -> Iterator[Stage]:
    """A desk with the starter policy, once on SQLite and once on PostgreSQL."""
    with playing(tmp_path / "home", more=f'[store]\nurl = "{store_url}"') as stage:
        yield stage
