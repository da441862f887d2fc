"""Published articles: known solutions that came from tickets, beside those that stand in files."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from maildesk.desk.knowledge.known import Article, from_data
from maildesk.store.encoding import indexable, to_json
from maildesk.store.tables import article

Stamp = tuple[int, datetime | None]
_STAMP = select(func.count(), func.max(article.c.published_at))
_ALL = select(article.c.content).order_by(article.c.key)


def put(c: Connection, data: dict[str, Any], *, ticket: int, at: datetime, by: str) -> None:
    """Publish an article, in place of an earlier one of the same key."""
    key = indexable(str(data["key"]))
    c.execute(delete(article).where(article.c.key == key))
    row = {"key": key, "ticket": ticket, "published_at": at, "published_by": by, "content": to_json(data)}
    c.execute(insert(article), row)


def stamp(c: Connection) -> Stamp:
    """What changes when an article is published."""
    count, latest = c.execute(_STAMP).one()
    return count, latest


def published(c: Connection) -> list[Article]:
    """Every published article."""
    return [from_data(json.loads(content)) for content in c.execute(_ALL).scalars()]
