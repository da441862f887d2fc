"""A few connections to the relay, kept and reused, behind a synchronous call."""

import asyncio
import ssl
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from queue import SimpleQueue

from maildesk.mail.model import Delivery, Parcel, Refused
from maildesk.smtp.envelope import StaleError, send
from maildesk.smtp.relay import Relay, UnusableError
from maildesk.smtp.session import Session, connect, tls_context

_MOST = 100  # mails on one connection
_SHARES = 8  # in which the outcomes of a call are told: those of a small one each by itself
_SOON = 0.1  # seconds in which an outcome waits for the next, at most
_GRACE = 3.0  # seconds that a mail under way may still take after `stop`


@dataclass(slots=True)
class _Round:
    """One call of `deliver`: what waits, what came of the rest, and why the relay could not be used."""

    waiting: deque[tuple[int, Parcel]]
    tell: Callable[[list[Delivery]], None]
    portion: int  # outcomes told together, unless that takes long
    outcomes: dict[int, Delivery] = field(default_factory=dict)
    failure: UnusableError | None = None
    _untold: list[Delivery] = field(default_factory=list)
    _timer: asyncio.TimerHandle | None = None

    def ended(self, place: int, outcome: Delivery) -> None:
        """One mail's outcome is known."""
        self.outcomes[place] = outcome
        self._untold.append(outcome)
        if len(self._untold) >= self.portion:
            self.tell_now()
        elif self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(_SOON, self.tell_now)

    def tell_now(self) -> None:
        """Tell what was not told yet."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._untold:
            self.tell(self._untold)
            self._untold = []


class Courier:
    """Hands parcels to one relay. Use it through `courier`; a loop of its own keeps the connections between calls."""

    def __init__(self, relay: Relay) -> None:
        self._relay = relay
        self._stopped = threading.Event()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="smtp", daemon=True)
        self._context: ssl.SSLContext | None = None
        self._idle: dict[Session, asyncio.TimerHandle] = {}
        self._rounds: set[asyncio.Task[list[Delivery]]] = set()
        self._workers: set[asyncio.Task[None]] = set()
        self._leaving: set[asyncio.Task[None]] = set()
        self._door = asyncio.Lock()  # one connection is opened at a time: a wrong password is tried once
        self._thread.start()

    def deliver(
        self, parcels: Sequence[Parcel], heard: Callable[[Sequence[Delivery]], None] = lambda _: None
    ) -> list[Delivery]:
        """One outcome per parcel, in their order; never raises for what a relay does.

        Blocks while mails are under way: each step ends within `relay.timeout`, the body and the reply after the
        final dot within `relay.data_timeout` each. Once the relay proves unusable, the parcels left over are refused
        with scope "relay", untried. `heard` is called, here and not in the background, with the outcomes that have
        come since its last call: what it writes down at once, no crash can make us send again.
        """
        if not parcels:
            return []
        if self._stopped.is_set():
            untried: list[Delivery] = [_untried(parcel, None) for parcel in parcels]
            heard(untried)
            return untried
        came: SimpleQueue[list[Delivery] | None] = SimpleQueue()
        future = asyncio.run_coroutine_threadsafe(self._round(parcels, came.put), self._loop)
        future.add_done_callback(lambda _: came.put(None))
        while (outcomes := came.get()) is not None:
            heard(outcomes)
        return future.result()

    def stop(self) -> None:
        """Begin no further mail, and give those under way three seconds. From any thread; returns at once.

        A mail whose final dot had left by then is Unknown.
        """
        if not self._stopped.is_set():
            self._stopped.set()
            self._loop.call_soon_threadsafe(self._loop.call_later, _GRACE, self._abandon)

    def close(self) -> None:
        """Abandon what is under way, part from the relay, and end the thread."""
        self.stop()
        asyncio.run_coroutine_threadsafe(self._part(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _round(self, parcels: Sequence[Parcel], tell: Callable[[list[Delivery]], None]) -> list[Delivery]:
        task = self._loop.create_task(self._deliver(parcels, tell))
        self._rounds.add(task)
        task.add_done_callback(self._rounds.discard)
        return await task

    async def _deliver(self, parcels: Sequence[Parcel], tell: Callable[[list[Delivery]], None]) -> list[Delivery]:
        work = _Round(waiting=deque(enumerate(parcels)), tell=tell, portion=len(parcels) // _SHARES)
        count = min(max(self._relay.connections, 1), len(parcels))
        running = {asyncio.create_task(self._work(work)) for _ in range(count)}
        self._workers |= running
        try:
            while running and len(work.outcomes) < len(parcels):
                _, running = await asyncio.wait(running, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in running:  # still opening a connection that nobody needs now
                task.cancel()
            self._workers = {task for task in self._workers if not task.done()}
        for place, parcel in enumerate(parcels):
            if place not in work.outcomes:
                work.ended(place, _untried(parcel, work.failure))
        work.tell_now()
        return [work.outcomes[place] for place in range(len(parcels))]

    async def _work(self, work: _Round) -> None:
        """Take parcels one by one until none is left, on one connection after another."""
        session: Session | None = None
        fresh = False
        try:
            while work.waiting and not self._stopped.is_set():
                if session is not None and not _usable(session):
                    if session.is_connected:  # worn out, not lost: the relay works, whatever a second connection met
                        work.failure = None
                    await session.leave()
                    session = None
                if session is None:
                    session = await self._session(work, fresh=fresh)
                if session is None or not work.waiting:
                    break
                place, parcel = work.waiting.popleft()
                try:
                    outcome = await send(session, parcel)
                except StaleError:
                    work.waiting.appendleft((place, parcel))
                    fresh = True
                    continue
                work.ended(place, outcome)
                if isinstance(outcome, Refused) and outcome.scope == "relay":
                    work.failure = UnusableError(outcome.text, code=outcome.code)
        finally:
            if session is not None:
                self._keep(session)

    async def _session(self, work: _Round, *, fresh: bool) -> Session | None:
        """A kept connection, or a new one; None when the relay has proved unusable in this round."""
        while self._idle and not fresh:
            session, timer = self._idle.popitem()
            timer.cancel()
            if session.is_connected:
                return session
        async with self._door:
            if work.failure is not None or not work.waiting:
                return None
            try:
                self._context = self._context or tls_context(self._relay)
                return await connect(self._relay, self._context)
            except UnusableError as error:
                work.failure = error
                return None

    def _keep(self, session: Session) -> None:
        """For the next call, or until it was idle too long; what is worn out or no longer wanted goes."""
        if not _usable(session) or self._stopped.is_set():
            self._let_go(session)
            return
        self._idle[session] = self._loop.call_later(self._relay.idle, self._let_go, session)

    def _let_go(self, session: Session) -> None:
        self._idle.pop(session, None)
        task = self._loop.create_task(session.leave())
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)

    def _abandon(self) -> None:
        for task in self._workers:
            task.cancel()

    async def _part(self) -> None:
        self._abandon()
        for session, timer in tuple(self._idle.items()):
            timer.cancel()
            self._let_go(session)
        await asyncio.gather(*self._workers, *self._rounds, return_exceptions=True)
        await asyncio.gather(*self._leaving)
        for _ in range(3):  # let the transports see that they are closed, and `deliver` its result
            await asyncio.sleep(0)


def _usable(session: Session) -> bool:
    return session.is_connected and session.mails < _MOST


def _untried(parcel: Parcel, failure: UnusableError | None) -> Refused:
    if failure is None:
        return Refused(id=parcel.id, code=0, text="not tried, as the desk stops", permanent=False, scope="relay")
    return Refused(id=parcel.id, code=failure.code, text=failure.text, permanent=False, scope="relay")


@contextmanager
def courier(relay: Relay) -> Iterator[Courier]:
    """A courier for the time of the block. Connects on the first parcel, not before."""
    one = Courier(relay)
    try:
        yield one
    finally:
        one.close()
