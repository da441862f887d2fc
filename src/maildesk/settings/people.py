"""The directory file that the rules name: read, and its mistakes with file and line."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from maildesk.desk.people.requesters import Requester
from maildesk.errors import ConfigError, Located, Problem
from maildesk.rules import directory_file
from maildesk.settings.files import text_of

LARGEST = 64 << 20  # bytes: some 500,000 people


def files(documents: Iterable[Located]) -> Iterator[tuple[Path, Located]]:
    """The directory files that rule files name, each with the place that names it."""
    for document in documents:
        section = document.value.get("directory") if isinstance(document.value, dict) else None
        named = section.value.get("file") if section is not None and isinstance(section.value, dict) else None
        if named is not None and isinstance(named.value, str) and named.value.strip():
            yield Path(named.file).parent / named.value.strip(), named


def requesters(documents: Iterable[Located], problems: list[Problem]) -> Mapping[str, Requester]:
    """Everybody whom the directory file names, by folded address. What is wrong goes into `problems`."""
    found: dict[str, Requester] = {}
    for path, named in files(documents):
        try:
            read = directory_file.read(text_of(path, LARGEST), ldif=path.suffix.casefold() == ".ldif")
        except ConfigError as error:
            where = f"(named in {named.file}:{named.line})"
            problems += [replace(one, message=f"{one.message} {where}") for one in error.problems]
            continue
        found |= read.requesters
        problems += [Problem(file=str(path), line=wrong.line, key="", message=str(wrong)) for wrong in read.wrong]
    return found
