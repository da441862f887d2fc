"""Which version the tables have, and how they come to the newest one."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from maildesk.errors import ConfigError, Problem

if TYPE_CHECKING:
    from alembic.config import Config

NEWEST = "0007"  # the revision of the newest migration: to ask alembic takes long, and every command looks
_MIGRATIONS = Path(__file__).parent / "migrations"
_UPGRADE_LOCK = 0x6D61696C6465736B  # "maildesk": one instance migrates, the others wait


def _config() -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return config


@cache
def _known() -> tuple[str, ...]:
    """The revisions this maildesk knows, newest first."""
    from alembic.script import ScriptDirectory

    return tuple(script.revision for script in ScriptDirectory.from_config(_config()).walk_revisions())


def _revision(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def is_new(connection: Connection) -> bool:
    """Whether no maildesk has made its tables here yet."""
    return _revision(connection) is None


def migrate(connection: Connection) -> None:
    """Run what migrations are missing, inside the transaction of `connection`. Raises ConfigError as `check` does."""
    from alembic import command

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
    if revision == NEWEST:
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
