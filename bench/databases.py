"""A database for a measurement."""

from collections.abc import Iterator
from contextlib import contextmanager

from fixtures import postgres as servers


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of an empty PostgreSQL database on a server of its own; ends the program where none is installed."""
    programs = servers.programs()
    if programs is None:
        raise SystemExit("PostgreSQL is not installed (apt install postgresql)")
    with servers.server(programs) as made:
        yield made.url
