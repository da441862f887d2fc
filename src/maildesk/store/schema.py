"""Which version the tables have, and how they come to the newest one."""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from maildesk.errors import ConfigError, Problem

_MIGRATIONS = Path(__file__).parent / "migrations"
_UPGRADE_LOCK = 0x6D61696C6465736B  # "maildesk": one instance migrates, the others wait


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


@cache
def _known() -> tuple[str, ...]:
    """The revisions this maildesk knows, newest first."""
    return tuple(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def is_new(connection: Connection) -> bool:
    """Whether no maildesk has made its tables here yet."""
    return _revision(connection) is None


def migrate(connection: Connection) -> None:
    """Run what migrations are missing, inside the transaction of `connection`. Raises ConfigError as `check` does."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _UPGRADE_LOCK})
    if _revision(connection) not in (None, *_known()):
        raise _newer()
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


def check(connection: Connection) -> None:
    """Raises ConfigError, telling what to do, unless the tables have the newest version."""
    revision = _revision(connection)
    if revision == _known()[0]:
        return
    if revision is None:
        raise _problem("the database has no tables yet: run `maildesk db upgrade`")
    raise (
        _problem("the tables are of an older maildesk: run `maildesk db upgrade`") if revision in _known() else _newer()
    )


def _newer() -> ConfigError:
    return _problem("the tables are of a newer maildesk: install that one, or restore a backup")


def _problem(message: str) -> ConfigError:
    return ConfigError([Problem(file="maildesk.toml", line=0, key="store.url", message=message)])
