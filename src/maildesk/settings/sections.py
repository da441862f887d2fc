"""The sections of maildesk.toml, as an operator writes them.

The shapes are schema and manual at once: docs/configuration.md is made from their docstrings and descriptions.
"""

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass

from maildesk.desk.clocks import hours
from maildesk.rules.arguments import Address, Domain, Text
from maildesk.rules.timing import Zone, day
from maildesk.rules.written import STRICT, checked, text_once, unless_empty

_HOST = re.compile(r"\[?[\w.:%-]{1,253}\]?")
_DONE = re.compile(r"keyword|nothing|move:[^\x00-\x1f\x7f]{1,200}")
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}", re.ASCII)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_URL = re.compile(r"sqlite:///.+|postgresql(?:\+psycopg)?://\S+")


def seconds(text: str) -> float:
    """Seconds of a wall clock from `90s` or `5m`. Raises ValueError."""
    duration = hours.parse_duration(text)
    if duration.days:
        raise ValueError(f'"{text}" is in business days; write hours, minutes or seconds such as 60s')
    return float(duration.seconds)


def _fitting(pattern: re.Pattern[str], wanted: str) -> Callable[[str], str]:
    def check(text: str) -> str:
        if not pattern.fullmatch(text):
            raise ValueError(f'"{text}" is not {wanted}')
        return text

    return check


def _start(value: object) -> object:
    if value in ("now", "all") or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    if isinstance(value, str):
        try:
            return day(value)
        except ValueError:
            pass
    raise ValueError(f'"{value}" is not "now", "all" or a date such as 2026-12-31')


Host = Annotated[str, checked(_fitting(_HOST, "a host such as imap.corp.example: no scheme, no port, no path"))]
Port = Annotated[int, Field(ge=1, le=65535, strict=True)]
Seconds = Annotated[float, checked(seconds), Field(ge=1)]
Start = Annotated[date | Literal["now", "all"], BeforeValidator(_start)]
Done = Annotated[str, checked(_fitting(_DONE, '"keyword", "nothing" or "move:" and a folder'))]
Variable = Annotated[str, unless_empty(_fitting(_VARIABLE, "the name of an environment variable"))]
Name = Annotated[str, checked(_fitting(_NAME, "a name of small letters, digits, - and _"))]
Tls = Literal["implicit", "starttls", "none"]
Addresses = Annotated[tuple[Address, ...], BeforeValidator(text_once)]
Domains = Annotated[tuple[Domain, ...], BeforeValidator(text_once)]
Reference = Annotated[str, checked(_fitting(re.compile(r"[A-Z]{1,8}"), "1 to 8 capital letters such as MD"))]
Count = Annotated[int, Field(ge=0, strict=True)]


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Desk:
    """Who the desk is."""

    address: Annotated[Address, Field(description="the support address: mail is read there and answered from there")]
    owner: Annotated[Address, Field(description="hears of quarantine, dead mail and alarms")]
    name: Annotated[Text, Field(description="what the desk calls itself in its mails")] = "IT Service Desk"
    aliases: Annotated[Addresses, Field(description="other addresses of the desk: like its own, never mailed")] = ()
    domains: Annotated[
        Domains,
        Field(description="your own domains: their people are acknowledged in full; default: the domain of `address`"),
    ] = ()
    language: Annotated[Literal["zh", "en"], Field(description="zh or en, for readers whose own is not known")] = "en"
    timezone: Annotated[Zone, Field(description="such as Asia/Shanghai, for readers whose own is not known")] = "UTC"
    reference: Annotated[
        Reference, Field(description="the letters of ticket references: `MD` gives `[MD-1042]`; never change it later")
    ] = "MD"
    state: Annotated[
        str,
        Field(
            description="where database, lock and keys lie; default: `$STATE_DIRECTORY`, else `state` beside this file"
        ),
    ] = ""
    trust_reply_to: Annotated[
        Domains, Field(description="domains of contact forms: for mail From there, answers go to Reply-To")
    ] = ()
    plus_address: Annotated[
        bool,
        Field(
            strict=True,
            description="true where mail to `it+anything@...` comes to the mailbox of `it@...`: answers then carry "
            "their token in Reply-To too, for clients that drop In-Reply-To and References; those of the staff only "
            "with `trust.authserv_id`, since whoever is in copy can read it",
        ),
    ] = False
    reopen_days: Annotated[
        Count, Field(description="an answer within these days reopens a closed ticket; later a new one follows it")
    ] = 14
    close_days: Annotated[
        int,
        Field(ge=1, strict=True, description="a resolved ticket closes by itself after these days without an answer"),
    ] = 5
    attach_mb: Annotated[
        int,
        Field(ge=0, le=100, strict=True, description="files of one mail, in MB as they travel; what is over is named"),
    ] = 10
    remember_days: Annotated[
        Count, Field(description="how long a sender is remembered whom the staff marked by `#spam` or `#ham`")
    ] = 365
    show_addresses: Annotated[
        bool,
        Field(strict=True, description="whether the staff read requesters' addresses; nobody outside reads theirs"),
    ] = True


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class OAuth:
    """Access tokens instead of a password (RFC 6749 section 6: a refresh-token grant)."""

    token_url: Annotated[str, Field(description="the token server, https")] = ""
    client_id: Annotated[str, Field(description="this application's id there")] = ""
    client_secret_file: Annotated[str, Field(description="file with its secret, when it has one")] = ""
    client_secret_env: Annotated[Variable, Field(description="or an environment variable")] = ""
    refresh_token_file: Annotated[str, Field(description="file with the refresh token")] = ""
    refresh_token_env: Annotated[Variable, Field(description="or an environment variable")] = ""
    scope: Annotated[
        str, Field(description="such as https://outlook.office.com/IMAP.AccessAsUser.All offline_access")
    ] = ""
    mechanism: Annotated[Literal["XOAUTH2", "OAUTHBEARER"], Field(description="XOAUTH2 or OAUTHBEARER")] = "XOAUTH2"


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Login:
    """A user and one of: `secret_file`, `secret_env`, `oauth`, `token_command`."""

    user: Annotated[str, Field(description="the login's name")] = ""
    secret_file: Annotated[
        str,
        Field(description="file with the password, mode 0600; a systemd credential of that name comes first"),
    ] = ""
    secret_env: Annotated[Variable, Field(description="or an environment variable")] = ""
    oauth: Annotated[OAuth | None, Field(description="or OAuth2, see below")] = None
    token_command: Annotated[
        tuple[Text, ...], Field(description="or a command that prints an access token: a list of words, no shell")
    ] = ()


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Mailbox(Login):
    """A mailbox to read over IMAP. `[[mailbox]]` may be there several times."""

    kind: Annotated[Literal["imap"], Field(description='"imap", or "maildir" with the keys of the next table')] = "imap"
    name: Annotated[Name, Field(description="what logs, `status` and the condition `mailbox` call it")] = "main"
    host: Annotated[Host, Field(description="the IMAP server")]
    tls: Annotated[
        Tls, Field(description="implicit (port 993), starttls (143), or none for this machine only; never falls back")
    ] = "implicit"
    port: Annotated[Port | None, Field(description="default: as `tls` says")] = None
    ca_file: Annotated[str, Field(description="certificates to trust instead of the system's")] = ""
    folder: Annotated[str, Field(min_length=1, description="the folder to read")] = "INBOX"
    start_from: Annotated[
        Start,
        Field(description="what is taken in at first contact: only what comes `now`, `all`, or mail since a date"),
    ] = "now"
    done: Annotated[
        Done, Field(description="what is done to a mail that is a ticket: keyword, nothing, or `move:Processed`")
    ] = "keyword"
    poll: Annotated[Seconds, Field(description="longest time between two looks")] = 60.0
    idle: Annotated[bool, Field(strict=True, description="let the server say at once when mail comes (RFC 2177)")] = (
        True
    )


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Maildir:
    """A Maildir to read: `kind = "maildir"`."""

    kind: Annotated[Literal["maildir"], Field(description='"maildir"')]
    path: Annotated[str, Field(min_length=1, description="the folder that holds new/ and cur/")]
    name: Annotated[Name, Field(description="as above")] = "main"
    start_from: Annotated[Start, Field(description="as above, by the time of the file")] = "now"
    done: Annotated[Done, Field(description="as above; keyword sets the flag S")] = "keyword"
    poll: Annotated[Seconds, Field(description="time between two looks")] = 5.0


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Relay(Login):
    """The SMTP server that takes the desk's mail. Without `user` there is no login."""

    host: Annotated[Host, Field(description="the SMTP server")]
    tls: Annotated[
        Tls, Field(description="starttls (port 587), implicit (465), or none (25) for this machine only")
    ] = "starttls"
    port: Annotated[Port | None, Field(description="default: as `tls` says")] = None
    ca_file: Annotated[str, Field(description="certificates to trust instead of the system's")] = ""
    null_sender: Annotated[
        bool | None,
        Field(
            strict=True,
            description="automatic mail leaves with the envelope sender <>; default: true without a login, else false",
        ),
    ] = None
    connections: Annotated[int, Field(ge=1, le=32, strict=True, description="how many at a time")] = 4
    data_timeout: Annotated[
        Seconds, Field(description="how long to wait for the answer to a mail (RFC 5321 section 4.5.3.2.6)")
    ] = 600.0


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Store:
    """Where tickets are kept."""

    url: Annotated[
        str,
        unless_empty(_fitting(_URL, "sqlite:/// and a path, or a postgresql:// URL")),
        Field(description="`sqlite:///state/maildesk.db` (the default) or `postgresql://user@host/maildesk`"),
    ] = ""
    secret_file: Annotated[
        str, Field(description="file with the database's password, as in a login; nothing, where none is asked for")
    ] = ""
    secret_env: Annotated[Variable, Field(description="or an environment variable")] = ""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Trust:
    """What may be believed of a mail's sender."""

    authserv_id: Annotated[
        str,
        Field(
            description="the name your own mail server writes at the front of Authentication-Results (RFC 8601); only "
            "those lines count. Without it a staff member's command is believed by the reply token alone"
        ),
    ] = ""


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Budget:
    """How many mails may go out, so that no loop and no flood becomes ours. What is not sent stands on the ticket."""

    per_ticket: Annotated[Count, Field(description="acknowledgements for one ticket")] = 1
    per_address_hour: Annotated[Count, Field(description="acknowledgements to one address in an hour")] = 3
    per_address_day: Annotated[
        Count, Field(description="acknowledgements to one address in a day; one to a stranger")
    ] = 6
    unverified_hour: Annotated[Count, Field(description="acknowledgements to all strangers together in an hour")] = 60
    thread_hour: Annotated[
        Count,
        Field(description="automatic mails to one person about one ticket in an hour; P1 and escalations pass; 0: any"),
    ] = 30
    rule_hour: Annotated[
        Count,
        Field(
            description="tickets of one rule in an hour that are acknowledged and dispatched by mail; P1 passes; 0: any"
        ),
    ] = 300
    total_hour: Annotated[
        Count,
        Field(
            description="mails of any kind in an hour; with more the outbox is parked, but for P1 and escalations, "
            "until it is calm or `maildesk outbox resume`; 0: any"
        ),
    ] = 5_000
    mute_days: Annotated[
        Count,
        Field(description="how long an address from which a mail came back gets no automatic mail; 0: mute nobody"),
    ] = 14


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Health:
    """Metrics for Prometheus, on 127.0.0.1 only."""

    port: Annotated[
        int, Field(ge=0, le=65535, strict=True, description="0: no port, only the socket that `status` reads")
    ] = 0
