"""maildesk.toml -> its part of the settings, with everything that is wrong with it."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar

from maildesk.credentials import Secret
from maildesk.desk.policy import Budget, Policy
from maildesk.errors import ConfigError, Located, Problem
from maildesk.mail.ids import fold_address
from maildesk.rules.written import nearest, problem, read
from maildesk.settings import connections, sections, toml
from maildesk.settings.connections import Box
from maildesk.settings.logins import Place, store_secret
from maildesk.smtp import Relay

T = TypeVar("T")
SECTIONS = ("desk", "mailbox", "relay", "store", "trust", "budget", "health")
_NEEDED = ("desk", "mailbox", "relay")
_NOBODY = sections.Desk(address="desk@desk.invalid", owner="owner@desk.invalid")  # stands in, so that the rest is read


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What maildesk.toml says. Of a part with an error the defaults stand here."""

    located: Located
    policy: Policy
    state: Path
    mailboxes: tuple[Box, ...] = ()
    relay: Relay | None = None
    store_url: str = ""
    store_secret: Secret | None = None
    health_port: int = 0
    problems: tuple[Problem, ...] = ()


def document(file: Path, environment: Mapping[str, str]) -> Document:
    """Read a maildesk.toml. Problems are in the result; nothing is raised."""
    try:
        located = toml.read(file)
    except ConfigError as error:
        nothing = Located(value={}, file=str(file))
        return Document(
            located=nothing, policy=Policy(address="", owner=""), state=file.parent / "state", problems=error.problems
        )
    return _Reader(located, file.parent, environment).document()


class _Reader:
    """One reading of the file; problems gather on the way."""

    def __init__(self, located: Located, folder: Path, environment: Mapping[str, str]) -> None:
        self.located = located
        self.folder = folder
        self.environment = environment
        self.problems: list[Problem] = []

    def document(self) -> Document:
        """All sections."""
        self._sections()
        desk = self._section("desk", sections.Desk) or _NOBODY
        state = self.folder / (desk.state or self.environment.get("STATE_DIRECTORY", "").split(":")[0] or "state")
        boxes, wrong = connections.mailboxes(self._places(state), desk.timezone)
        self.problems += wrong
        relay, null_sender = None, False
        if "relay" in self.located.value:
            relay, null_sender, wrong = connections.relay(self._place("relay", self.located.value["relay"], state))
            self.problems += wrong
        store, secret = self._store(state)
        health = self._section("health", sections.Health) or sections.Health()
        return Document(
            located=self.located,
            policy=self._policy(desk, null_sender),
            state=state,
            mailboxes=boxes,
            relay=relay,
            store_url=self._store_url(store.url, state),
            store_secret=secret,
            health_port=health.port,
            problems=tuple(self.problems),
        )

    def _sections(self) -> None:
        written: Mapping[str, Located] = self.located.value
        for name in _NEEDED:
            if name not in written:
                header = f"[[{name}]]" if name == "mailbox" else f"[{name}]"
                self.problems.append(problem(self.located, name, f"the section {header} is missing"))
        for name, value in written.items():
            if name not in SECTIONS:
                self.problems.append(problem(value, name, "unknown section" + nearest(name, SECTIONS)))

    def _section(self, name: str, shape: Callable[..., T]) -> T | None:
        written: Located | None = self.located.value.get(name)
        if written is None:
            return None
        result = read(written, shape, name)
        self.problems += result.problems
        return result.value

    def _place(self, key: str, located: Located, state: Path) -> Place:
        return Place(located=located, key=key, folder=self.folder, environment=self.environment, tokens=state)

    def _places(self, state: Path) -> list[Place]:
        written: Located | None = self.located.value.get("mailbox")
        if written is None:
            return []
        if not isinstance(written.value, list):
            self.problems.append(problem(written, "mailbox", "is a list: write [[mailbox]]"))
            return []
        several = len(written.value) > 1
        return [
            self._place(f"mailbox[{index}]" if several else "mailbox", entry, state)
            for index, entry in enumerate(written.value, start=1)
        ]

    def _policy(self, desk: sections.Desk, null_sender: bool) -> Policy:
        trust = self._section("trust", sections.Trust) or sections.Trust()
        budget = self._section("budget", sections.Budget) or sections.Budget()
        values = {key: value for key, value in asdict(desk).items() if key != "state"}
        policy = Policy(
            **values, authserv_id=trust.authserv_id, null_sender=null_sender, budget=Budget(**asdict(budget))
        )
        if desk.owner and fold_address(desk.owner) in policy.own_addresses():
            owner = self.located.value["desk"].value["owner"]
            self.problems.append(problem(owner, "desk.owner", "must not be an address of the desk itself"))
        return policy

    def _store(self, state: Path) -> tuple[sections.Store, Secret | None]:
        written = self._section("store", sections.Store)
        if written is None:
            return sections.Store(), None
        secret, wrong = store_secret(written, self._place("store", self.located.value["store"], state))
        self.problems += wrong
        return written, secret

    def _store_url(self, written: str, state: Path) -> str:
        """A relative SQLite path is relative to the file, as every other path."""
        if not written:
            return f"sqlite:///{(state / 'maildesk.db').absolute()}"
        path = written.removeprefix("sqlite:///")
        return f"sqlite:///{(self.folder / path).absolute()}" if path != written else written
