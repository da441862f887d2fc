"""Marks, references and the numbers of other trackers in subjects."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maildesk.mail import subject as subjects


@pytest.mark.parametrize(
    ("subject", "base"),
    [
        ("打印机坏了", "打印机坏了"),
        ("Re: 打印机坏了", "打印机坏了"),
        ("RE：回复: 答复： AW: SV: 打印机坏了", "打印机坏了"),
        ("转发: Fwd: WG: 打印机坏了", "打印机坏了"),
        ("Re[2]: Re^3: Re(4): printer", "printer"),
        ("回覆: 轉寄: 印表機", "印表機"),
        ("回复: [MD-1042] 打印机坏了", "打印机坏了"),
        ("[md-1042] Re: 【ＭＤ－１０４２】打印机坏了", "打印机坏了"),
        ("打印机坏了 [MD-1042]", "打印机坏了"),
        ("[紧急] 打印机坏了", "[紧急] 打印机坏了"),
        ("RE: [EXTERNAL] RE: [MD-1042] [EXTERNAL] printer", "[EXTERNAL] printer"),
        ("【外部】回复：打印机", "【外部】 打印机"),
        ("[OTHER-12] printer", "[OTHER-12] printer"),
        ("回复流程说明", "回复流程说明"),
        ("Reset: my password", "Reset: my password"),
        ("R: drive is full", "R: drive is full"),
        ("  a   b  ", "a b"),
        ("Re:", ""),
        ("", ""),
    ],
)
def test_the_base_of_a_subject_is_the_senders_words(subject: str, base: str) -> None:
    assert subjects.base(subject) == base


def test_the_base_knows_the_desks_own_prefix() -> None:
    assert subjects.base("Re: [IT-1042] x", "IT") == "x"
    assert subjects.base("Re: [MD-1042] x", "IT") == "[MD-1042] x"


@pytest.mark.parametrize(
    ("subject", "numbers"),
    [
        ("[MD-1042] x", (1042,)),
        ("Re: [md-1042] [Md-1043] [MD-1042]", (1042, 1043)),
        ("回复：【ＭＤ－１０４２】打印机", (1042,)),
        ("［ＭＤ-1042］", (1042,)),
        ("[MD–1042]", (1042,)),
        ("[ MD - 1042 ]", (1042,)),
        ("MD-1042", ()),
        ("[XMD-1042]", ()),
        ("[MD-]", ()),
        ("[MD-1234567890]", ()),
        ("[MD-१२३४]", ()),
    ],
)
def test_references_are_read_in_any_case_and_width(subject: str, numbers: tuple[int, ...]) -> None:
    assert subjects.references(subject, "MD") == numbers


def test_a_letter_that_only_folds_to_the_prefix_is_not_the_prefix() -> None:
    assert subjects.references("[\u212a-1042]", "K") == ()
    assert subjects.references("[k-1042]", "K") == (1042,)


def test_the_reference_stands_once_in_front() -> None:
    assert subjects.with_reference("RE: [MD-1042] 回复: 打印机", 1042, "MD") == "[MD-1042] 打印机"
    assert subjects.with_reference("", 7, "IT") == "[IT-7]"
    assert subjects.reference(1042, "MD") == "[MD-1042]"


@given(st.text(max_size=200), st.integers(1, 999_999_999))
def test_a_reference_survives_every_round_trip(subject: str, number: int) -> None:
    sent = subjects.with_reference(subject, number, "MD")
    assert subjects.references(sent, "MD")[0] == number
    assert subjects.with_reference(f"回复: RE: {sent}", number, "MD") == sent


@pytest.mark.parametrize(
    ("subject", "base"),
    [
        ("[list] Re: hello (fwd)", "hello"),
        ("[a] [b] hello", "hello"),
        ("[hello]", "[hello]"),
        ("[a] [b]", "[a] [b]"),
        ("[Fwd: Re: hello]", "hello"),
        ("[Fwd: [a] hello] x", "[Fwd: [a] hello] x"),
        ("答复: 转发：[公告] 停机", "停机"),
        ("Fwd: hello (Fwd)(fw)", "hello"),
    ],
)
def test_the_thread_base_drops_tags_too(subject: str, base: str) -> None:
    assert subjects.thread_base(subject) == base


@pytest.mark.parametrize("subject", ["FW: x", "Fwd: x", "转发：x", "轉寄: x", "WG: Re: x", "[Fwd: x]", "TR : x"])
def test_a_forward_is_known_by_its_outermost_mark(subject: str) -> None:
    assert subjects.is_forward(subject)


@pytest.mark.parametrize("subject", ["x", "Re: FW: x", "转发规则", "Forward: x", "[x] Fwd"])
def test_other_subjects_forward_nothing(subject: str) -> None:
    assert not subjects.is_forward(subject)


def test_numbers_of_other_trackers() -> None:
    assert subjects.tracker_numbers("[Desk #9] [#7] [Desk #9] [x#3] #4 [Desk #]") == (9, 7)
    assert subjects.tracker_numbers("[other.example #79] [https://Desk.example  #12]", "desk.example") == (12,)


@given(st.text(max_size=300))
def test_any_subject_has_a_base(subject: str) -> None:
    subjects.base(subject)
    subjects.thread_base(subject)
    subjects.is_forward(subject)
    subjects.tracker_numbers(subject)
