"""Reading mails out of a selected folder so that no mail stops another one (PROTOCOLS 1, steps 3 and 4)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from maildesk.errors import TemporaryError
from maildesk.mail.model import RawMail
from maildesk.sources.base import BATCH_COUNT, BATCH_OCTETS, EXCERPT, STRIKES, batches, excerpt
from maildesk.sources.imap_errors import RefusalError
from maildesk.sources.imap_session import Session, Sized


@dataclass(kw_only=True)
class Reading:
    """One pass over the messages that are not kept yet.

    A message in `strikes` failed in company, or so many times by itself: it is asked for alone, after all others,
    and given up as unreadable after STRIKES. `wanted` tells by its arrival whether a message is taken at all.
    """

    session: Session
    stem: RawMail  # account, folder, uidvalidity and historic of every mail; arrived is now
    largest: int
    strikes: dict[int, int]
    wanted: Callable[[datetime], bool]
    skipped: set[int] = field(default_factory=set)
    _failed: list[Sized] = field(default_factory=list)
    _read_one: bool = False

    def batches(self, uids: Sequence[int]) -> Iterator[list[RawMail]]:
        """The mails, in bounded batches. Raises TemporaryError when the session is lost, or refuses everything."""
        suspects = sorted((uid for uid in uids if uid in self.strikes), key=lambda uid: (self.strikes[uid], uid))
        calm = [uid for uid in uids if uid not in self.strikes]
        for start in range(0, len(calm), BATCH_COUNT):
            yield from self._group(calm[start : start + BATCH_COUNT])
        for uid in suspects:
            yield from self._group([uid])
        if unreadable := self._count_failures():
            yield unreadable

    def _group(self, uids: Sequence[int]) -> Iterator[list[RawMail]]:
        sized, absent = self._sizes(uids)
        if gone := self._gone([Sized(uid=uid, size=0, arrived=None) for uid in absent]):
            yield gone
        self.skipped |= {one.uid for one in sized if not self.wanted(self._arrived(one))}
        for run in batches([one for one in sized if one.uid not in self.skipped], self._weight):
            mails = self._run(run)
            for mail in mails:
                self.strikes.pop(int(mail.uid), None)
            if mails:
                yield mails

    def _weight(self, one: Sized) -> int:
        """Octets in a batch; an oversize mail fills one."""
        return one.size if one.size <= self.largest else max(one.size, BATCH_OCTETS)

    def _sizes(self, uids: Sequence[int]) -> tuple[list[Sized], list[int]]:
        """What can be known before the bodies are asked for, and the uids the server says nothing about."""
        try:
            sized = sorted(self.session.sizes(uids), key=lambda one: one.uid)
        except RefusalError:
            if len(uids) == 1:
                self._failed.append(Sized(uid=uids[0], size=0, arrived=None))
                return [], []
            parts = [self._sizes([uid]) for uid in uids]
            return [one for part, _ in parts for one in part], [uid for _, part in parts for uid in part]
        known = {one.uid for one in sized}
        return sized, [uid for uid in uids if uid not in known]

    def _run(self, run: list[Sized]) -> list[RawMail]:
        found: dict[int, bytes] = {}
        if len(run) > 1:
            uids = [one.uid for one in run]
            try:
                found = self.session.bodies(uids, sum(one.size for one in run))
            except RefusalError:
                pass  # one of them spoils the batch: each by itself
            except TemporaryError:
                self.strikes.update({uid: self.strikes.get(uid, 0) for uid in uids})
                raise
        mails = []
        for one in run:
            data = found.pop(one.uid, None)
            mail = self._mail(one, data) if data is not None and len(data) == one.size else self._alone(one)
            mails += [mail] if mail else []
        return mails

    def _alone(self, one: Sized) -> RawMail | None:
        struck = self.strikes.get(one.uid, 0)
        if struck >= STRIKES:
            return self._mail(one, state="unreadable")
        self.strikes[one.uid] = struck + 1  # until it is known better: the session may be lost in the next line
        try:
            mail = self._asked(one)
        except RefusalError:
            mail = None
            self._failed.append(one)
        if mail is None:
            self.strikes[one.uid] = struck  # counted at the end of the pass
        return mail

    def _asked(self, one: Sized) -> RawMail | None:
        if one.size > self.largest:
            data = self.session.bodies([one.uid], 2 * EXCERPT, first=2 * EXCERPT).get(one.uid)
            return self._none(one) if data is None else self._mail(one, excerpt(data), "oversize")
        data = self.session.bodies([one.uid], one.size).get(one.uid)
        if data is None:
            return self._none(one)
        if len(data) != one.size:
            # Some servers only estimate RFC822.SIZE (Exchange): the same octets twice are the mail.
            if self.session.bodies([one.uid], one.size).get(one.uid) != data:
                self._failed.append(one)
                return None
            one = replace(one, size=len(data))
        return self._mail(one, data)

    def _none(self, one: Sized) -> RawMail | None:
        return next(iter(self._gone([one])), None)

    def _gone(self, silent: list[Sized]) -> list[RawMail]:
        """Nothing came for these messages: the expunged ones; the others count as failures."""
        there = self.session.among([one.uid for one in silent]) if silent else set()
        self._failed += [one for one in silent if one.uid in there]
        return [self._mail(one, state="gone") for one in silent if one.uid not in there]

    def _count_failures(self) -> list[RawMail]:
        """One strike each; not when nothing at all could be read: then it is the server that is ill, not the mail."""
        if len(self._failed) > 1 and not self._read_one:
            raise TemporaryError(f"the server gives none of the {len(self._failed)} mails that wait")
        unreadable = []
        failed, self._failed = self._failed, []
        for one in failed:
            self.strikes[one.uid] = self.strikes.get(one.uid, 0) + 1
            if self.strikes[one.uid] >= STRIKES:
                del self.strikes[one.uid]
                unreadable.append(self._mail(one, state="unreadable"))
        return unreadable

    def _mail(
        self, one: Sized, data: bytes = b"", state: Literal["whole", "oversize", "unreadable", "gone"] = "whole"
    ) -> RawMail:
        self._read_one |= state in ("whole", "oversize")
        return replace(self.stem, uid=str(one.uid), arrived=self._arrived(one), size=one.size, data=data, state=state)

    def _arrived(self, one: Sized) -> datetime:
        return one.arrived or self.stem.arrived
