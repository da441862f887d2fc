"""Whom a forwarded mail is from."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maildesk.mail.forwarded import mailbox, original_sender
from maildesk.mail.model import Address

CLIENT = Address(name="王客户", address="wang@customer.example")
BLOCKS = {
    "outlook zh": "发件人: 王客户 <wang@customer.example>\n发送时间: 2024年5月6日 10:00\n收件人: it\n主题: 断网",
    "outlook en": "From: 王客户 <wang@customer.example>\nSent: Monday\nTo: it\nSubject: x",
    "outlook en, old": "From: 王客户 [mailto:wang@customer.example]\nSent: Monday\nTo: it\nSubject: x",
    "outlook de": "Von: 王客户 <wang@customer.example>\nGesendet: Montag\nAn: it\nBetreff: x",
    "outlook fr": "De : 王客户 <wang@customer.example>\nEnvoyé : lundi\nÀ : it\nObjet : x",
    "folded": "From: 王客户\n<wang@customer.example>\nSent: Monday\nTo: it\nSubject: x",
    "bold": "*From:* 王客户 <wang@customer.example>\n*Sent:* Monday\n*To:* it\n*Subject:* x",
    "qq": '发件人: "王客户"<wang@customer.example>;\n发送时间: 2024年5月6日\n收件人: "it"<it@corp.example>;\n主题: x',
}
DIVIDED = {
    "gmail": "---------- Forwarded message ---------\nFrom: 王客户 <wang@customer.example>\nDate: x\nSubject: y\nTo: z",
    "gmail zh": "---------- 转发的邮件 ---------\n发件人：王客户 <wang@customer.example>\n日期：x\n主题：y\n收件人：z",
    "apple": "Begin forwarded message:\n\n> From: 王客户 <wang@customer.example>\n> Subject: x\n> Date: y\n> To: z",
    "apple zh": "开始转发的邮件：\n\n> 发件人: 王客户 <wang@customer.example>\n> 主题: x\n> 日期: y",
    "163": "-------- 转发邮件信息 --------\n发件人：王客户 <wang@customer.example>\n发送日期：x\n主题：y",
    "netease": "---- 转发的原邮件 ----\n| 发件人 | 王客户<wang@customer.example> |\n| 日期 | x |\n| 主题 | y |",
    "html": "--------- Forwarded message --------\nFrom: 王客户 <http://x.example/> <wang@customer.example>\nDate: y",
}


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
@pytest.mark.parametrize("mark", ["FW: ", "Fwd: ", "转发: ", "WG: ", "TR : ", "轉寄："])
def test_a_subject_that_says_so_and_a_header_block(block: str, mark: str) -> None:
    assert original_sender(f"{mark}断网", f"请处理\n\n{block}\n\n断网了", None) == CLIENT


@pytest.mark.parametrize("block", BLOCKS.values(), ids=BLOCKS)
@pytest.mark.parametrize("subject", ["断网", "Re: 断网", "回复: 转发: 断网"])
def test_a_reply_that_quotes_a_header_block_forwards_nothing(block: str, subject: str) -> None:
    assert original_sender(subject, f"好的\n\n{block}\n\n断网了", None) is None


@pytest.mark.parametrize("block", DIVIDED.values(), ids=DIVIDED)
def test_a_forward_divider_speaks_for_itself(block: str) -> None:
    assert original_sender("断网", f"请处理\n\n{block}\n\n断网了", None) == CLIENT


@pytest.mark.parametrize(
    "line",
    [
        "for: wang@customer.example",
        "For： <wang@customer.example>",
        "代: wang@customer.example",
        "  代：wang@customer.example ",
    ],
)
def test_the_forwarder_may_name_the_requester(line: str) -> None:
    text = f"\n{line}\n\n{BLOCKS['outlook en'].replace('wang', 'li')}"
    assert original_sender("FW: x", text, None) == Address(address="wang@customer.example")
    assert original_sender("x", text, None) == Address(address="wang@customer.example")


def test_the_requester_may_be_named_in_the_first_lines_only_and_by_an_address() -> None:
    assert original_sender("x", "1\n2\n3\n4\n5\nfor: wang@customer.example", None) is None
    assert original_sender("x", "for: the whole department", None) is None


def test_an_attached_mail_counts_when_the_subject_or_an_empty_text_says_forward() -> None:
    assert original_sender("FW: x", "请处理", CLIENT) == CLIENT
    assert original_sender("x", " \n", CLIENT) == CLIENT
    assert original_sender("suspicious mail", "I got this, is it phishing?", CLIENT) is None


def test_a_block_that_names_no_address_leaves_the_attached_mail() -> None:
    text = "请处理\n\n发件人: 王客户\n发送时间: x\n主题: y"
    assert original_sender("FW: x", text, None) is None
    assert original_sender("FW: x", text, CLIENT) == CLIENT
    assert original_sender("x", "---------- Forwarded message ---------", None) is None
    assert original_sender("x", "---------- Forwarded message ---------\nhello", None) is None


def test_of_several_blocks_the_first_counts() -> None:
    text = f"{BLOCKS['outlook zh']}\n\n{BLOCKS['outlook en'].replace('wang', 'li')}"
    assert original_sender("FW: x", text, None) == CLIENT


def test_mailboxes_as_programs_quote_them() -> None:
    assert mailbox("'Li Lei' <Li@Corp.Example>;") == Address(name="Li Lei", address="Li@corp.example")
    assert mailbox("li@corp.example") == Address(address="li@corp.example")
    assert mailbox("Li Lei") is None


@given(st.text(max_size=80), st.text(st.sampled_from("From: 发件人：<@a.b>\n>-Fwdfor代"), max_size=300))
def test_anything_may_come(subject: str, text: str) -> None:
    original_sender(subject, text, None)
