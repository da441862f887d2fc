"""A desk's settings and its store: enough to look, and to change what needs no mail."""

from dataclasses import dataclass

from maildesk.desk.policy import Policy
from maildesk.settings import Settings
from maildesk.store import database
from maildesk.store.database import Engine


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """A configured desk as far as it needs no templates."""

    settings: Settings
    engine: Engine

    @property
    def policy(self) -> Policy:
        """What the operator decided."""
        return self.settings.policy


def open_records(config: Settings, *, create: bool = False) -> Records:
    """The store of a desk. A new, empty database is made; an old one must have been upgraded.

    Raises ConfigError and TemporaryError.
    """
    config.state.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = database.connect(config.store_url, config.store_secret)
    try:
        if create and database.is_empty(engine):
            database.upgrade(config.store_url, config.store_secret)
        database.check_schema(engine)
    except BaseException:
        engine.dispose()
        raise
    return Records(settings=config, engine=engine)
