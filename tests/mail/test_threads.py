"""Which mails belong together, and in which order."""

from hypothesis import given
from hypothesis import strategies as st

from maildesk.mail.model import Mail
from maildesk.mail.threads import threads


def mail(message_id: str = "", references: str = "", in_reply_to: str = "", subject: str = "") -> Mail:
    return Mail(
        message_id=message_id,
        references=tuple(references.split()),
        in_reply_to=tuple(in_reply_to.split()),
        subject=subject,
    )


def test_an_answer_stands_behind_what_it_answers_whatever_came_first() -> None:
    assert threads([mail("c@x", "a@x b@x"), mail("b@x", in_reply_to="a@x"), mail("a@x")]) == ((2, 1, 0),)


def test_answers_to_a_mail_that_is_missing_belong_together() -> None:
    assert threads([mail("b@x", "a@x"), mail("c@x", "a@x"), mail("d@x")]) == ((0, 1), (2,))


def test_mails_of_one_subject_belong_together_and_those_without_do_not() -> None:
    assert threads([mail("a@x", subject="打印机"), mail("b@x", subject="回复：打印机")]) == ((0, 1),)
    assert threads([mail("a@x"), mail("b@x", subject="Re:"), mail()]) == ((0,), (1,), (2,))


def test_a_message_id_used_twice_names_the_first_mail() -> None:
    assert threads([mail("a@x"), mail("a@x"), mail("b@x", "a@x")]) == ((0, 2), (1,))


def test_mails_that_answer_each_other_in_a_circle_end() -> None:
    assert threads([mail("a@x", "b@x"), mail("b@x", "a@x")]) == ((1, 0),)
    assert threads([mail("a@x", "a@x")]) == ((0,),)


def test_a_very_long_thread_ends_too() -> None:
    chain = [mail(f"{n}@x", f"{n - 1}@x") for n in range(1, 3_000)]
    assert sum(map(len, threads(chain))) == len(chain)


IDS = st.text("abc", min_size=1, max_size=1)


@given(st.lists(st.builds(mail, IDS, st.lists(IDS, max_size=4).map(" ".join), subject=st.sampled_from(["", "x", "y"]))))
def test_every_mail_is_in_exactly_one_thread(mails: list[Mail]) -> None:
    assert sorted(place for places in threads(mails) for place in places) == list(range(len(mails)))
