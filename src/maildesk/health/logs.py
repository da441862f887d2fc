"""One log, on standard error: a JSON object a line, or lines for a person at a terminal."""

import json
import logging
import re
from collections.abc import Mapping, MutableMapping
from functools import lru_cache
from typing import Any, TextIO

import structlog

from maildesk import clock

_LONGEST = 2_000
_SECRET = re.compile(r"passw|secret|token|authorization|credential|cookie|(?:^|_)key$", re.IGNORECASE)
_BODY = frozenset({"body", "raw", "plain", "html", "new_text"})
_UNSAFE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\ud800-\udfff]"
)
_QUIET = ("aiosmtplib", "alembic", "asyncio", "imapclient", "mailparser", "sqlalchemy", "urllib3")


def logs(stream: TextIO, *, human: bool, level: str = "INFO") -> None:
    """Set up structlog, and the standard logging of the libraries, to write to `stream`.

    Times are ISO 8601 in UTC. Control and bidi characters come out as \\uXXXX, octets as their number, values under a
    secret's or a body's name as ***. A stream that cannot be written costs the line, never the daemon.
    """
    threshold = logging.getLevelNamesMapping()[level.upper()]
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        _timed,
        _discreet,
    ]
    last = _for_people(stream) if human else _for_machines()
    structlog.configure(
        processors=[*shared, *last],
        wrapper_class=structlog.make_filtering_bound_logger(threshold),
        logger_factory=structlog.WriteLoggerFactory(_Forgiving(stream)),  # type: ignore[arg-type]
        cache_logger_on_first_use=False,
    )
    _route_standard_logging(stream, [*shared, *last], threshold)


class _Forgiving:
    """A stream that loses a line rather than raise: a full disk or a closed pipe must not stop the desk."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream

    def write(self, text: str) -> int:
        try:
            return self._stream.write(text)
        except (OSError, ValueError):
            return 0

    def flush(self) -> None:
        try:
            self._stream.flush()
        except (OSError, ValueError):
            return


def _route_standard_logging(stream: TextIO, chain: list[structlog.typing.Processor], threshold: int) -> None:
    outlet = logging.StreamHandler(_Forgiving(stream))
    outlet.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=[], processors=[_foreign, *chain]))
    root = logging.getLogger()
    for old in tuple(root.handlers):
        root.removeHandler(old)
    root.addHandler(outlet)
    root.setLevel(threshold)
    for name in _QUIET:  # at lower levels they log what is on the wire
        logging.getLogger(name).setLevel(max(threshold, logging.WARNING))
    logging.captureWarnings(capture=True)


def _foreign(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    record: logging.LogRecord = line.pop("_record")
    line.pop("_from_structlog")
    line["logger"] = record.name
    return line


def _timed(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    line["at"] = clock.now().isoformat(timespec="milliseconds")
    return line


def _discreet(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    return {key: value if key == "exc_info" else _cleaned(key, value) for key, value in line.items()}


def _cleaned(key: str, value: Any) -> Any:
    if _is_private(key):
        return "***"
    match value:
        case str():
            return _bounded(value)
        case bool() | int() | float() | None:
            return value
        case bytes():
            return f"<{len(value)} octets>"
        case Mapping():
            return {str(inner): _cleaned(str(inner), entry) for inner, entry in value.items()}
        case list() | tuple() | set() | frozenset():
            return [_cleaned("", entry) for entry in value]
    return _bounded(str(value))


@lru_cache(maxsize=512)
def _is_private(key: str) -> bool:
    return key in _BODY or _SECRET.search(key) is not None


def _bounded(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}... ({len(text)} characters)"


def escaped(text: str) -> str:
    """Text whose control and bidi characters, and half surrogates, are written \\uXXXX."""
    return _UNSAFE.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def _for_machines() -> list[structlog.typing.Processor]:
    return [structlog.processors.format_exc_info, _json]


def _json(_logger: object, _method: str, line: MutableMapping[str, Any]) -> str:
    """JSON with Chinese as it is: what is unsafe in a terminal stands only inside strings, where \\uXXXX means it."""
    return escaped(json.dumps(line, ensure_ascii=False, default=str))


def _for_people(stream: TextIO) -> list[structlog.typing.Processor]:
    console = structlog.dev.ConsoleRenderer(
        colors=stream.isatty(),
        timestamp_key="at",
        exception_formatter=structlog.dev.plain_traceback,  # the default shows local variables: secrets and mail
    )
    return [structlog.processors.format_exc_info, _escaped_values, console]


def _escaped_values(_logger: object, _method: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    def clean(value: Any) -> Any:
        match value:
            case str():
                return escaped(value)
            case dict():
                return {escaped(str(key)): clean(entry) for key, entry in value.items()}
            case list():
                return [clean(entry) for entry in value]
        return value

    trace = line.pop("exception", None)
    cleaned: dict[str, Any] = {escaped(key): clean(value) for key, value in line.items()}
    if trace:
        cleaned["exception"] = "\n".join(escaped(part) for part in trace.split("\n"))
    return cleaned
