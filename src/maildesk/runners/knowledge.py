"""The known solutions of a desk: those in knowledge/ and those that were published from tickets, on one shelf."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from maildesk.desk.knowledge import known
from maildesk.desk.knowledge.known import Article, Fit, Shelf
from maildesk.errors import ConfigError
from maildesk.runners import likeness
from maildesk.settings import knowledge
from maildesk.store import articles

if TYPE_CHECKING:
    from maildesk.desk.model import Decision, Facts
    from maildesk.runners.desk import Desk
    from maildesk.settings import Settings
    from maildesk.store.articles import Stamp
    from maildesk.store.database import Connection


@dataclass(slots=True)
class Shelves:
    """The index of every article: built when it is first asked for, and again when one was published."""

    files: tuple[Article, ...] = ()
    _built: tuple[Stamp, Shelf] | None = field(default=None, repr=False)

    def of(self, connection: Connection) -> Shelf:
        """The index, as the database is now."""
        stamp = articles.stamp(connection)
        if self._built is None or self._built[0] != stamp:
            own = {article.key for article in self.files}  # a file of the same name takes its place
            published = [article for article in articles.published(connection) if article.key not in own]
            self._built = (stamp, known.shelf((*self.files, *published)))
        return self._built[1]


def read_shelves(config: Settings) -> Shelves:
    """The articles beside a configuration. Raises ConfigError with everything wrong in them."""
    found, problems = knowledge.read(config.file.parent / "knowledge")
    if problems:
        raise ConfigError(problems)
    return Shelves(tuple(found))


def fits(connection: Connection, desk: Desk, facts: Facts, service: str, now: datetime) -> tuple[Fit, ...]:
    """The known solutions that fit a new mail."""
    policy = desk.policy
    today = now.astimezone(ZoneInfo(policy.timezone)).date()
    shelf = desk.shelves.of(connection)
    profile = likeness.profile(facts.mail, policy)
    return known.find(shelf, profile, today, service=service, at_least=policy.offering.at_least)


def publish(connection: Connection, decision: Decision) -> None:
    """Put on the shelf what a decision publishes."""
    for event in decision.events:
        if event.kind == "article-published" and decision.ticket is not None:
            articles.put(
                connection, dict(event.data["article"]), ticket=decision.ticket.number, at=event.at, by=event.actor
            )
