"""One thing that a monitoring system says, and the words by which such systems call their states."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

State = Literal["firing", "ok", "noted"]
NOWHERE = "-"  # the host of an alert that names none
LONGEST = 120  # characters of a host's or a check's name
_FIRING = frozenset(
    "problem critical warning unknown unreachable down firing alerting high error average disaster nodata 故障 告警"
    " 问题 异常 触发 严重 警告 宕机 未恢复".split()
)
_WELL = frozenset("ok up recovery recovered resolved normal 恢复 已恢复 恢复正常 正常 已解决".split())
_NOTED = frozenset(
    "acknowledgement acknowledged flappingstart flappingdisabled downtimestart downtimecancelled downtimeremoved custom"
    " updated 确认 已确认".split()
)
_WORD = re.compile(r"[A-Za-z]+|[\u4e00-\u9fff]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """What is said of one check of one host: it fires, it is well, or somebody there did something about it."""

    host: str
    check: str
    state: State
    severity: str = ""
    said: str = ""  # where it is noted: what happened, such as acknowledgement

    @property
    def key(self) -> str:
        """What makes two alerts the same one."""
        return f"{self.host}\n{self.check}".casefold()

    @property
    def name(self) -> str:
        """How people call it."""
        return self.check if self.host == NOWHERE else f"{self.host}: {self.check}"


def named(names: Mapping[str, str], states: Iterable[str]) -> Iterator[Alert]:
    """The alert that goes by these names, in the first state that is known; none without a state, a check or a host."""
    word, state = next(((word, state) for word in states if (state := _state(word))), ("", None))
    check, host = line(names.get("check", ""), 2 * LONGEST), line(names.get("host", ""))
    if state and (check or host):
        severity = line(names.get("severity") or names.get("state", "")).casefold()
        said = line(word).casefold() if state == "noted" else ""
        yield Alert(host=host or NOWHERE, check=check or "host", state=state, severity=severity, said=said)


def _state(text: str) -> State | None:
    """What a text says that begins with a word for a state, as `PROBLEM:97 %` or `[No Data]` do."""
    found = _WORD.search(text[:LONGEST])
    if found is None:
        return None
    word = "nodata" if text.casefold().strip(" []") == "no data" else found[0].casefold()
    return "noted" if word in _NOTED else "firing" if word in _FIRING else "ok" if word in _WELL else None


def line(text: str, longest: int = LONGEST) -> str:
    """A name as one short line without anything that is not shown."""
    shown = "".join(c if c.isprintable() else " " for c in text[: 4 * longest])
    return " ".join(shown.split())[:longest]
