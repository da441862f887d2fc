"""Our own labelled mails, read from the text files beside this one."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_HERE = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Pair:
    """Two mails, subject and text, and whether they are about the same thing."""

    one: tuple[str, str]
    other: tuple[str, str]
    same: bool


def pairs(half: str) -> Iterator[Pair]:
    """The labelled pairs of a half: each mail of a block against the one it begins with."""
    base = ("", "")
    for line in (_HERE / f"pairs_{half}.txt").read_text().splitlines():
        mark, subject, text = line[:1], *(part.strip() for part in line[1:].partition("|")[::2])
        if mark == "*":
            base = (subject, text)
        elif mark in "+-":
            yield Pair(base, (subject, text), same=mark == "+")


def blocks(half: str) -> list[list[tuple[str, str]]]:
    """The mails of each block that are about the same thing."""
    found: list[list[tuple[str, str]]] = []
    for pair in pairs(half):
        if not found or found[-1][0] != pair.one:
            found.append([pair.one])
        found[-1] += [pair.other] if pair.same else []
    return found
