"""Sixty articles of our own, and questions that are put to them."""

from pathlib import Path

from maildesk.desk.knowledge.known import Article
from maildesk.settings import knowledge

_HERE = Path(__file__).parent
SHIPPED = _HERE.parents[1] / "knowledge"


def articles() -> list[Article]:
    """Those that are shipped, and as many again."""
    found, problems = knowledge.read(SHIPPED)
    assert not problems
    for line in (_HERE / "articles.txt").read_text().splitlines()[1:]:
        key, language, service, title, symptoms = (part.strip() for part in line.split("|"))
        found.append(
            Article(
                key=key,
                title=title,
                symptoms=tuple(map(str.strip, symptoms.split(";"))),
                language=language,
                service=service,
                solution="1. Do it.",
            )
        )
    return found


def questions(half: str) -> list[tuple[str, str]]:
    """Topic and question."""
    lines = (_HERE / f"questions_{half}.txt").read_text().splitlines()
    return [(topic.strip(), text.strip()) for topic, _, text in (line.partition("|") for line in lines)]


def others(half: str) -> list[str]:
    """Mails that no article answers."""
    return (_HERE / f"others_{half}.txt").read_text().splitlines()
