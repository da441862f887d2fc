"""A decision in the making: events are folded in as they are added."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from maildesk.desk import events
from maildesk.desk.model import Decision, Event, Message, Notice, Ticket
from maildesk.desk.staff import undoing


class Draft:
    """Collects events, messages and notices, then gives the Decision. It lives inside one decision only."""

    def __init__(self, before: Ticket | None, *, at: datetime, actor: str, cause: str) -> None:
        self.before = before
        self._ticket = before
        self._at, self._actor, self._cause = at, actor, cause
        self._events: list[Event] = []
        self._notices: list[Notice] = []
        self._messages: list[Message] = []
        self._also: list[Decision] = []

    @property
    def changed(self) -> bool:
        """Whether there is anything to write or to tell."""
        return bool(self._events or self._messages or self._notices or self._also)

    @property
    def ticket(self) -> Ticket:
        """The ticket as it is with every event added so far."""
        if self._ticket is None:
            raise ValueError("nothing was opened yet")
        return self._ticket

    @property
    def at(self) -> datetime:
        """When what is added takes place."""
        return self._at

    @property
    def cause(self) -> str:
        """What brings it about."""
        return self._cause

    def has(self, kind: str) -> bool:
        """Whether an event of a kind was added."""
        return any(event.kind == kind for event in self._events)

    def add(self, kind: str, /, **data: Any) -> None:
        """One more event, by this draft's actor; values that are None are left out."""
        event = Event(
            kind=kind,
            at=self._at,
            actor=self._actor,
            cause=self._cause,
            data={key: value for key, value in data.items() if value is not None},
        )
        self._ticket = events.apply(self._ticket, event)
        self._events.append(event)

    def take_back(self, journal: Sequence[Event], versions: Sequence[int], /, **data: Any) -> None:
        """One more event, which takes earlier ones of the ticket's journal back."""
        event = Event(
            kind=undoing.UNDONE,
            at=self._at,
            actor=self._actor,
            cause=self._cause,
            data={"versions": list(versions), **data},
        )
        self._ticket = events.replay((*journal, *self._events, event))
        self._events.append(event)

    def tell(self, *notices: Notice) -> None:
        """Somebody must hear of it."""
        self._notices.extend(notices)

    def keep(self, message: Message) -> None:
        """One more entry of the conversation."""
        self._messages.append(message)

    def along(self, decision: Decision) -> None:
        """What becomes of another ticket by the same act."""
        self._also.append(decision)

    def decision(self, reason: str) -> Decision:
        """What was collected."""
        return Decision(
            reason=reason,
            before=self.before,
            ticket=self._ticket,
            events=tuple(self._events),
            notices=tuple(self._notices),
            messages=tuple(self._messages),
            also=tuple(self._also),
        )
