"""What the operator wrote: maildesk.toml, rules/ and templates/, read into one frozen Settings."""

from maildesk.errors import ConfigError
from maildesk.settings.check import check
from maildesk.settings.load import Settings, find, load
from maildesk.settings.starter import init, key, starter

__all__ = ["ConfigError", "Settings", "check", "find", "init", "key", "load", "starter"]
