"""Known solutions: the right one among the first three, and none where none fits."""

from dataclasses import replace
from datetime import date

import pytest

from likeness.articles import articles, others, questions
from maildesk.desk.knowledge import known
from maildesk.desk.knowledge.knowing import Offering
from maildesk.desk.knowledge.known import Article, Fit
from maildesk.desk.knowledge.similarity import profile

TODAY = date(2026, 11, 9)
LEAST = Offering().at_least
FULL = known.shelf(articles())


def found(text: str, language: str = "en") -> tuple[Fit, ...]:
    return known.offered(known.find(FULL, profile(text), TODAY, at_least=LEAST), language, known.MOST)


@pytest.mark.parametrize("half", ["first", "second"])
def test_the_right_article_is_among_the_first_three(half: str) -> None:
    asked = questions(half)
    right = sum(topic in [fit.article.topic for fit in found(text)] for topic, text in asked)
    assert len(asked) == 100
    assert right / len(asked) >= 0.85


@pytest.mark.parametrize("half", ["first", "second"])
def test_nothing_is_offered_where_nothing_fits(half: str) -> None:
    asked = others(half)
    assert len(asked) == 50
    assert sum(not found(text) for text in asked) / len(asked) >= 0.90


def test_a_third_set_of_questions_written_later_is_answered_as_well() -> None:
    asked = [one for part in ("first", "second", "third") for one in questions(part)]
    assert len(asked) == 240
    assert sum(topic in [fit.article.topic for fit in found(text)] for topic, text in asked) / len(asked) >= 0.85
    assert not [text for text in others("third") if found(text)]


def test_a_word_that_many_articles_hold_makes_none_of_another_language_fit() -> None:
    assert "phishing" not in [fit.article.topic for fit in found("Outlook slow")]


def test_each_topic_is_offered_once_in_the_readers_language() -> None:
    for language, title in (("zh", "打印机卡纸"), ("en", "Paper jam in a printer")):
        first = found("printer: paper jam 打印机卡纸", language)[0]
        assert first.article.title == title
        assert first.percent >= LEAST


def test_a_translation_fits_as_well_as_what_it_translates() -> None:
    chinese = Article(key="jam.zh", title="打印机卡纸了怎么办", language="zh", solution="拉。")
    english = Article(key="jam.en", title="Sheets get caught in the tray of a copier", language="en", solution="Pull.")
    text = profile("打印机卡纸了怎么办")
    for language, key in (("en", "jam.en"), ("zh", "jam.zh")):
        fits = known.find(known.shelf([chinese, english]), text, TODAY, at_least=LEAST)
        assert [fit.article.key for fit in known.offered(fits, language, 3)] == [key]
    old = replace(english, valid_until=date(2026, 11, 8))
    fits = known.find(known.shelf([chinese, old]), text, TODAY, at_least=LEAST)
    assert [fit.article.key for fit in fits] == ["jam.zh"]


def test_what_is_for_the_staff_or_out_of_date_is_not_offered_to_a_requester() -> None:
    article = Article(key="x", title="Paper jam in a printer", language="en", solution="Pull.")
    text = profile("paper jam in the printer")

    def offers(one: Article, *, staff: bool = False) -> int:
        return len(known.offered(known.find(known.shelf([one]), text, TODAY, at_least=LEAST), "en", 3, staff=staff))

    assert offers(article) == 1
    assert offers(replace(article, audience="staff")) == 0
    assert offers(replace(article, audience="staff"), staff=True) == 1
    assert offers(replace(article, valid_until=date(2026, 11, 8)), staff=True) == 0
    assert offers(replace(article, valid_until=TODAY)) == 1


def test_an_article_about_the_service_of_a_mail_fits_better() -> None:
    on = known.shelf([Article(key="x", title="Paper jam in a printer", service="printing", solution="Pull.")])
    text = profile("the printer on floor 2 is jammed")
    plain, about = (known.find(on, text, TODAY, service=service)[0].score for service in ("", "printing"))
    assert about > plain
