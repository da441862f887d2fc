"""`keys ...`: the keys by which the desk knows its own mails again."""

import hashlib

import typer

from maildesk import settings
from maildesk.cli.common import Json, config, emit, say, table
from maildesk.mail.ids import ring


def _shown(keys: bytes) -> list[tuple[str, str]]:
    """Of each key a fingerprint, by which two machines can be compared, and what it does."""
    prints = [hashlib.sha256(b"maildesk key" + key).hexdigest()[:12] for key in ring(keys)]
    return [(one, "believed" if place else "signs") for place, one in enumerate(prints)]


def keys_list(as_json: Json = False) -> None:
    """List the keys by their fingerprints: the first signs, the others are still believed."""
    rows = _shown(settings.key(config().state))
    if as_json:
        emit({"fingerprint": one, "does": does} for one, does in rows)
        return
    table(("fingerprint", "does"), rows, empty="There are no keys.")


def keys_rotate() -> None:
    """Sign with a new key from now on. Answers to earlier mails are recognised until their key is retired."""
    keys = settings.rotate_key(config().state)
    say(f"{_shown(keys)[0][0]} signs now; {len(ring(keys)) - 1} older are still believed.")
    say("A running desk takes it up within seconds. Other instances need the same file: copy state/key to them.")


def keys_retire() -> None:
    """Believe the oldest key no more: an answer to a mail of its time counts as one without a token."""
    keys = config().state
    gone = _shown(settings.key(keys))[-1][0]
    left = ring(settings.retire_key(keys))
    say(f"{gone} is believed no more; {len(left)} left.")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    keys = typer.Typer(help="The keys that sign the desk's mails.", no_args_is_help=True)
    keys.command("list")(keys_list)
    keys.command("rotate")(keys_rotate)
    keys.command("retire")(keys_retire)
    app.add_typer(keys, name="keys")
