"""What the operator wrote: maildesk.toml, rules/ and templates/, read into one frozen Settings."""

from maildesk.errors import ConfigError
from maildesk.settings.check import check
from maildesk.settings.load import Settings, calendars, find, load, proposed, rule_set, tried
from maildesk.settings.starter import init, key, replace_key, starter

__all__ = [
    "ConfigError",
    "Settings",
    "calendars",
    "check",
    "find",
    "init",
    "key",
    "load",
    "proposed",
    "replace_key",
    "rule_set",
    "starter",
    "tried",
]
