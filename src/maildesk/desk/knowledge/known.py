"""Do we know the answer? Known solutions, and which of them fit a mail. Pure: the articles come from knowledge/."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal

from maildesk.desk.knowledge import similarity
from maildesk.desk.knowledge.similarity import Likeness, Profile, Weighed

MOST = 3  # articles that are offered at once
_NEAR = 60  # faces that are compared
_BESIDE = 0.65  # what fits that much worse than the best is not offered beside it
_SERVICE = 1.1  # an article about the mail's own service fits that much better
Audience = Literal["requesters", "staff"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One known solution in one language. Articles of the same `topic` say the same in other languages."""

    key: str  # its file's name without the suffix, or the ticket it came from
    title: str
    symptoms: tuple[str, ...] = ()
    audience: Audience = "requesters"
    language: str = ""  # zh or en
    service: str = ""
    valid_until: date | None = None
    solution: str = ""  # Markdown
    file: str = ""  # where it stands; "" in the database

    @property
    def topic(self) -> str:
        """The key without a language behind it."""
        return self.key.removesuffix(f".{self.language}") if self.language else self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Fit:
    """An article that fits a mail, from 0 to 1, and the words that say so."""

    article: Article
    score: float
    words: tuple[str, ...] = ()

    @property
    def percent(self) -> int:
        """The score as people read it."""
        return round(100 * self.score)


@dataclass(frozen=True, slots=True)
class Shelf:
    """Articles and the index of their faces: each title and each symptom is one."""

    articles: tuple[Article, ...]
    faces: tuple[tuple[int, Profile], ...]
    postings: Mapping[str, tuple[int, ...]]


def data(article: Article) -> dict[str, Any]:
    """An article as plain data."""
    until = article.valid_until
    return {
        "key": article.key,
        "title": article.title,
        "symptoms": list(article.symptoms),
        "audience": article.audience,
        "language": article.language,
        "service": article.service,
        "valid_until": until.isoformat() if until else "",
        "solution": article.solution,
    }


def from_data(data: Mapping[str, Any]) -> Article:
    """The article that `data` wrote."""
    until = data.get("valid_until", "")
    return Article(
        key=data["key"],
        title=data["title"],
        symptoms=tuple(data.get("symptoms", ())),
        audience=data.get("audience", "staff"),
        language=data.get("language", ""),
        service=data.get("service", ""),
        valid_until=date.fromisoformat(until) if until else None,
        solution=data.get("solution", ""),
    )


def shelf(articles: Iterable[Article]) -> Shelf:
    """An index of articles."""
    kept = tuple(articles)
    faces = tuple(
        (number, similarity.profile(text))
        for number, article in enumerate(kept)
        for text in dict.fromkeys((article.title, *article.symptoms))
    )
    postings: dict[str, list[int]] = {}
    for number, (_, face) in enumerate(faces):
        for gram in face.grams:
            postings.setdefault(gram, []).append(number)
    return Shelf(kept, faces, {gram: tuple(numbers) for gram, numbers in postings.items()})


def find(on: Shelf, profile: Profile, today: date, *, service: str = "", at_least: int = 0) -> tuple[Fit, ...]:
    """The articles that fit a mail and are still valid, the best first; of a topic in all its languages."""
    counts = {gram: len(on.postings[gram]) for gram in profile.grams if gram in on.postings}
    weighed = similarity.weigh(profile, counts, len(on.faces))
    least = (at_least - 0.5) / 100 / _SERVICE
    best: dict[int, Likeness] = {}
    for number in _near(on, weighed):
        place, face = on.faces[number]
        like = similarity.compare(weighed, face, worded=least)
        if like.score < least:
            continue
        score = like.score * similarity.telling(weighed, face)
        if place not in best or score > best[place].score:
            best[place] = Likeness(score=score, words=like.words)
    fits = []
    for place, like in best.items():
        article = on.articles[place]
        factor = _SERVICE if service and article.service == service else 1.0
        fit = Fit(article=article, score=min(1.0, like.score * factor), words=like.words)
        if fit.percent >= at_least and not stale(article, today):
            fits.append(fit)
    return tuple(sorted(_translated(on, fits, today), key=lambda fit: (-fit.score, fit.article.key)))


def _translated(on: Shelf, fits: Iterable[Fit], today: date) -> Iterator[Fit]:
    """What fits, and what says the same in another language: it fits as well, whatever the mail was written in."""
    tops: dict[str, Fit] = {}
    for fit in sorted(fits, key=lambda fit: fit.score):
        tops[fit.article.topic] = fit
    for article in on.articles:
        if article.topic in tops and not stale(article, today):
            yield replace(tops[article.topic], article=article)


def _near(on: Shelf, weighed: Weighed) -> list[int]:
    """The faces that share most with a mail: the rest is not compared."""
    shared: dict[int, float] = {}
    for gram, weight in weighed.rarity.items():
        for number in on.postings.get(gram, ()):
            shared[number] = shared.get(number, 0.0) + weight
    return sorted(shared, key=lambda number: -shared[number])[:_NEAR]


def stale(article: Article, today: date) -> bool:
    """Whether an article is valid no longer."""
    return article.valid_until is not None and article.valid_until < today


def offered(fits: Iterable[Fit], language: str, most: int, *, staff: bool = False) -> tuple[Fit, ...]:
    """The best article of each topic, in the reader's language where there is one; staff may see all."""
    found = tuple(fit for fit in fits if staff or fit.article.audience == "requesters")
    topics: dict[str, list[Fit]] = {}
    for fit in found:
        if fit.score >= _BESIDE * found[0].score:
            topics.setdefault(fit.article.topic, []).append(fit)
    return tuple(
        next((fit for fit in one if fit.article.language in (language, "")), one[0]) for one in topics.values()
    )[:most]
