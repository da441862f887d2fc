"""What the operator wrote: maildesk.toml, rules/ and templates/, read into one frozen Settings."""

from maildesk.errors import ConfigError
from maildesk.settings.check import check
from maildesk.settings.keys import key, replace_key, retire_key, rotate_key
from maildesk.settings.load import Settings, calendars, find, load, proposed, rule_set, tried
from maildesk.settings.starter import init, starter

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
    "retire_key",
    "rotate_key",
    "rule_set",
    "starter",
    "tried",
]
