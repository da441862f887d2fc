"""`kb ...`: the known solutions, as the desk would offer them."""

from datetime import date
from typing import Annotated
from zoneinfo import ZoneInfo

import typer

from maildesk import clock
from maildesk.cli.common import Exit, Json, clean, config, config_file, emit, records, say, say_problem, table, words
from maildesk.desk.knowledge import drafting, known, similarity
from maildesk.desk.knowledge.known import Article
from maildesk.errors import PermanentError
from maildesk.runners.knowledge import read_shelves
from maildesk.settings import knowledge
from maildesk.store import tickets
from maildesk.store.database import reading

kb = typer.Typer(no_args_is_help=True, help="Known solutions: what is on the shelf, and what fits a mail.")


def _today() -> date:
    return clock.now().astimezone(ZoneInfo(config().policy.timezone)).date()


def _all() -> known.Shelf:
    """Every article, of files and published ones."""
    with records() as opened, reading(opened.engine) as connection:
        return read_shelves(opened.settings).of(connection)


def _plain(article: Article, today: date) -> dict[str, object]:
    return {**known.data(article), "file": article.file, "stale": known.stale(article, today)}


@kb.command("list")
def list_articles(
    stale: Annotated[bool, typer.Option("--stale", help="Only those that are valid no longer.")] = False,
    as_json: Json = False,
) -> None:
    """List the articles."""
    today = _today()
    found = [one for one in _all().articles if not stale or known.stale(one, today)]
    if as_json:
        emit(_plain(one, today) for one in found)
        return
    rows = [
        (
            one.key,
            one.title,
            one.language,
            one.audience,
            one.service,
            f"{one.valid_until} (over)" if known.stale(one, today) else one.valid_until or "",
        )
        for one in found
    ]
    table(("article", "title", "language", "for", "service", "valid until"), rows, empty="There are no articles.")


@kb.command()
def find(
    text: Annotated[list[str], typer.Argument(help="A question, as a mail would put it.")],
    service: Annotated[str, typer.Option(help="The service that it is about.")] = "",
    as_json: Json = False,
) -> None:
    """Say which articles fit a question, and how well; those marked * would be offered to a requester."""
    least = config().policy.offering.at_least
    fits = known.find(_all(), similarity.profile(words(text)), _today(), service=service)[:10]
    if as_json:
        emit({"key": f.article.key, "title": f.article.title, "percent": f.percent, "words": f.words} for f in fits)
        return
    rows = [
        (
            f"{fit.percent} %" + ("*" if fit.percent >= least and fit.article.audience == "requesters" else ""),
            fit.article.key,
            fit.article.title,
            ", ".join(fit.words),
        )
        for fit in fits
    ]
    table(("fits", "article", "title", "shared words"), rows, empty="Nothing fits.")


@kb.command()
def check() -> None:
    """Say what is wrong with the articles in knowledge/, with file, line and key."""
    found, problems = knowledge.read(config_file().parent / "knowledge")
    problems += knowledge.unknown_services(found, config().policy.services)
    for problem in problems:
        say_problem(problem)
    if any(problem.level == "error" for problem in problems):
        raise typer.Exit(Exit.CONFIG)
    say(f"{len(found)} articles, nothing wrong" if not problems else f"{len(found)} articles")


@kb.command()
def draft(number: Annotated[int, typer.Argument(metavar="NUMBER", help="The ticket's number.")]) -> None:
    """Write what a ticket would be as an article to standard output: a file for knowledge/."""
    with records() as opened, reading(opened.engine) as connection:
        ticket = tickets.get(connection, number)
        policy = opened.policy
    if ticket is None:
        raise PermanentError(f"there is no ticket {policy.reference}-{number}")
    article = known.from_data(ticket.article) if ticket.article else drafting.article(ticket, policy)
    if not article.solution:
        raise PermanentError(f"{policy.reference}-{number} says neither #cause nor #solution")
    say(clean(knowledge.written(article)))


def register(app: typer.Typer) -> None:
    """Add these commands."""
    app.add_typer(kb, name="kb")
