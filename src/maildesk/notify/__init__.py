"""Notices to mails, through the operator's templates: what maildesk says, to whom, and how it looks."""

from maildesk.notify.envelope import mail
from maildesk.notify.templates import Row, Templates, grid, load

__all__ = ["Row", "Templates", "grid", "load", "mail"]
