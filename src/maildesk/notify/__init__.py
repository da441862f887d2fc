"""Notices to mails, through the operator's templates: what maildesk says, to whom, and how it looks."""

from maildesk.notify.catalogue import EVENTS, required
from maildesk.notify.context import names
from maildesk.notify.envelope import is_automatic, lane, mail, rendered
from maildesk.notify.render import FILTERS
from maildesk.notify.templates import Row, Templates, grid, load

__all__ = [
    "EVENTS",
    "FILTERS",
    "Row",
    "Templates",
    "grid",
    "is_automatic",
    "lane",
    "load",
    "mail",
    "names",
    "rendered",
    "required",
]
