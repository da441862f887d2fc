"""knowledge/: one Markdown file a known solution, with a front matter; what is wrong has file, line and key."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field
from pydantic.dataclasses import dataclass

from maildesk.desk.knowledge.known import Article
from maildesk.desk.policy import Service
from maildesk.errors import ConfigError, Problem
from maildesk.rules.arguments import Text
from maildesk.rules.timing import day
from maildesk.rules.written import STRICT, Texts, checked, nearest
from maildesk.rules.written import read as shaped
from maildesk.settings import yaml
from maildesk.settings.files import refused, text_of
from maildesk.settings.starter import starter

_LARGEST = 64 * 1024  # bytes of an article
_MOST_FILES = 2_000
_RULE = "---"


@dataclass(frozen=True, slots=True, kw_only=True, config=STRICT)
class Front:
    """The front matter of an article; the solution stands below it."""

    title: Annotated[Text, Field(max_length=200, description="as mails show it")]
    symptoms: Annotated[Texts, Field(max_length=40, description="what people write who have the problem")] = ()
    audience: Annotated[
        Literal["requesters", "staff"], Field(description="requesters: offered to them as well; staff: to staff alone")
    ] = "requesters"
    language: Annotated[Literal["zh", "en"], Field(description="zh or en")]
    service: Annotated[str, Field(description="one of `services`: a mail about it fits better")] = ""
    valid_until: Annotated[date | None, checked(day), Field(description="the last day it is offered: 2027-12-31")] = (
        None
    )


def read(folder: Path) -> tuple[list[Article], list[Problem]]:
    """Every article of a folder, drafts/ left out, and what is wrong."""
    found: list[Article] = []
    problems: list[Problem] = []
    files = sorted(path for path in folder.glob("*.md") if path.is_file() and not path.name.startswith("."))
    if len(files) > _MOST_FILES:
        problems.append(Problem(file=str(folder), line=0, key="", message=f"holds more than {_MOST_FILES} articles"))
    for path in files[:_MOST_FILES]:
        try:
            article, wrong = parse(path.stem, text_of(path, _LARGEST), str(path))
        except ConfigError as error:
            problems += error.problems
            continue
        problems += wrong
        found += [article] if article else []
    return found, problems


def parse(key: str, text: str, file: str) -> tuple[Article | None, tuple[Problem, ...]]:
    """An article from its text. Raises ConfigError when its front matter is no YAML."""
    lines = text.splitlines()
    end = next((number for number, line in enumerate(lines[1:], 1) if line.rstrip() == _RULE), 0)
    if not lines or lines[0].rstrip() != _RULE or not end:
        raise refused(file, 1, "an article begins with a front matter between two lines of ---")
    front = shaped(yaml.parse("\n" + "\n".join(lines[1:end]), file), Front, "")
    body = "\n".join(lines[end + 1 :]).strip()
    problems = [replace(one, key=one.key.removeprefix(".")) for one in front.problems]
    if not body:
        problems.append(Problem(file=file, line=end + 1, key="", message="has no solution below its front matter"))
    if front.value is None or problems:
        return None, tuple(problems)
    value = front.value
    article = Article(
        key=key,
        title=value.title,
        symptoms=tuple(map(str, value.symptoms)),
        audience=value.audience,
        language=value.language,
        service=value.service,
        valid_until=value.valid_until,
        solution=body,
        file=file,
    )
    return article, ()


def written(article: Article) -> str:
    """An article as its file would be."""
    front = [f"title: {_quoted(article.title)}"]
    if article.symptoms:
        front += ["symptoms:", *(f"  - {_quoted(one)}" for one in article.symptoms)]
    front += [f"audience: {article.audience}", f"language: {article.language or 'en'}"]
    front += [f"service: {_quoted(article.service)}"] if article.service else []
    front += [f"valid_until: {article.valid_until}"] if article.valid_until else []
    return "\n".join((_RULE, *front, _RULE, article.solution, ""))


def _quoted(text: str) -> str:
    clean = " ".join(text.split())
    return '"' + clean.replace("\\", "\\\\").replace('"', '\\"') + '"'


def unknown_services(articles: Iterable[Article], services: Mapping[str, Service]) -> list[Problem]:
    """Services that articles name and the rules do not have: a mail can never be about them."""
    return [
        Problem(
            file=article.file,
            line=1,
            key="service",
            message=f'there is no service "{article.service}"' + nearest(article.service, list(services)),
            level="warning",
        )
        for article in articles
        if article.service and article.service not in services and not _as_shipped(article)
    ]


def _as_shipped(article: Article) -> bool:
    """Whether nobody has changed it since `init` put it there: its services are those of the starter rules."""
    own = Path(article.file)
    shipped = starter() / "knowledge" / own.name
    return own.is_file() and shipped.is_file() and own.read_bytes() == shipped.read_bytes()
