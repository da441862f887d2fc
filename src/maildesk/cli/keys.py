"""`keys ...`: the keys by which the desk knows its own mails again."""

import typer

from maildesk import clock, settings
from maildesk.cli.common import Json, config, emit, records, say, table
from maildesk.mail.ids import fingerprint, ring
from maildesk.store import signature
from maildesk.store.database import transaction


def _shown(keys: bytes) -> list[tuple[str, str]]:
    """Of each key a fingerprint, by which two machines can be compared, and what it does."""
    return [(one, "believed" if place else "signs") for place, one in enumerate(map(fingerprint, ring(keys)))]


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
    with records() as opened:
        state = opened.settings.state
        before = settings.key(state)
        with transaction(opened.engine) as connection:
            left = settings.retire_key(state)
            signature.given_up(connection, left, clock.now())
    say(f"{_shown(before)[-1][0]} is believed no more; {len(ring(left))} left.")


def keys_adopt() -> None:
    """Sign with the keys in state/key although they go with another database: for when the right ones are lost."""
    with records() as opened:
        keys = settings.key(opened.settings.state)
        with transaction(opened.engine) as connection:
            signature.given_up(connection, keys, clock.now())
    say(f"{_shown(keys)[0][0]} signs from now on. An answer to an earlier mail counts as one without a token.")


def register(app: typer.Typer) -> None:
    """Add these commands."""
    keys = typer.Typer(help="The keys that sign the desk's mails.", no_args_is_help=True)
    keys.command("list")(keys_list)
    keys.command("rotate")(keys_rotate)
    keys.command("retire")(keys_retire)
    keys.command("adopt")(keys_adopt)
    app.add_typer(keys, name="keys")
