"""Changed files of the configuration: seen by their sizes and times, so that an editor's save is enough."""

from pathlib import Path

from maildesk import clock

EVERY = 3.0  # seconds between two looks
Seen = dict[Path, tuple[int, int]]


class Files:
    """What maildesk.toml, rules/, templates/ and the keys looked like when they were last read."""

    def __init__(self, file: Path, keys: Path) -> None:
        self._file, self._keys = file, keys
        self._read = self._before = _look(file, keys)
        self._looked = clock.monotonic()

    def read(self) -> None:
        """The files as they are now have been read, with whatever success."""
        self._read = self._before = _look(self._file, self._keys)

    def changed(self) -> bool:
        """Whether they differ from what was read, and nobody is writing any more: two looks gave the same."""
        if clock.monotonic() - self._looked < EVERY:
            return False
        self._looked = clock.monotonic()
        now, before = _look(self._file, self._keys), self._before
        self._before = now
        return now == before != self._read


def _look(file: Path, keys: Path) -> Seen:
    found: Seen = {}
    for path in (
        file,
        keys,
        *(file.parent / "rules").rglob("*"),
        *(file.parent / "templates").rglob("*"),
        *(file.parent / "knowledge").glob("*.md"),
    ):
        try:
            status = path.stat()
        except OSError:  # gone since it was listed
            continue
        found[path] = (status.st_mtime_ns, status.st_size)
    return found
