"""Those in copy: informed like the requester, each in a mail of his own, and never in charge."""

from dataclasses import replace
from email.message import EmailMessage

import pytest

from fixtures.office import FANG, LI, SARAH, ask, kinds, orders, taken, whole
from fixtures.stage import Out, Stage, to

WANG = "王芳 <wangfang@corp.example>"


def asked(stage: Stage, **more: str) -> Out:
    """Sarah asks, Wang Fang is in copy; li's order."""
    outs = ask(stage, Cc=WANG, **more)
    assert "wangfang@corp.example" not in [out.to for out in outs]  # nobody in copy is acknowledged
    return to(outs, "li@corp.example")


def test_who_is_in_copy_gets_the_answer_in_a_mail_of_his_own(desk: Stage) -> None:
    order = asked(desk)
    outs = orders(desk, order, "Please try again.")
    sarah, fang = to(outs, "sarah@corp.example"), to(outs, "wangfang@corp.example")
    assert fang.mail.subject == "Re: [MD-1001] Printer jams"
    assert "in copy" in fang.text
    assert "in copy" not in sarah.text
    assert fang.mail.in_reply_to == sarah.mail.in_reply_to  # both had Sarah's mail
    for one, other in ((sarah, "wangfang"), (fang, "sarah")):
        assert other not in whole([one]).lower()
    assert not [name for name, _ in fang.mail.headers if name.startswith("X-Maildesk-") and name != "X-Maildesk-Loop"]


def test_his_own_words_decide_his_language_from_then_on(stage: Stage) -> None:
    order = asked(stage)
    copy = to(orders(stage, order, "Please try again."), "wangfang@corp.example")
    orders(stage, copy, "我这里也不行。", sender=WANG)
    again = to(orders(stage, order, "We go on."), "wangfang@corp.example")
    assert "抄送名单" in again.text


def test_what_he_writes_reaches_the_team_and_makes_him_no_owner(stage: Stage) -> None:
    order = asked(stage)
    copy = to(orders(stage, order, "Please try again."), "wangfang@corp.example")
    outs = orders(stage, copy, "It fails here too. Bob shall know.", sender=WANG)
    assert [out.to for out in outs] == ["li@corp.example"]
    assert stage.ticket().requester.address == "sarah@corp.example"


def test_only_the_requester_brings_others_into_copy(stage: Stage) -> None:
    order = asked(stage)
    copy = to(orders(stage, order, "Please try again."), "wangfang@corp.example")
    stage.write(WANG, "Re: [MD-1001] Printer jams", "It fails.", answers=copy, Cc="bob@corp.example")
    stage.step(minutes=1)
    assert [a.address for a in stage.ticket().participants] == ["wangfang@corp.example"]
    stage.write(SARAH, "Re: [MD-1001] Printer jams", "Bob shall know.", Cc="bob@corp.example")
    stage.step(minutes=1)
    assert "bob@corp.example" in [a.address for a in stage.ticket().participants]


def test_he_cannot_close_it_but_his_trouble_brings_it_back(stage: Stage) -> None:
    order = asked(stage)
    copy = to(orders(stage, order, "#resolve New drum."), "wangfang@corp.example")
    assert "score" not in copy.text
    orders(stage, copy, "已解决", sender=WANG)
    assert stage.ticket().status == "resolved"
    orders(stage, copy, "还是卡纸。", sender=WANG)
    assert stage.ticket().status == "in progress"


@pytest.mark.parametrize(
    "command", ["#cc wangfang@corp.example", "#抄送 王芳 <wangfang@corp.example>", "＃抄送wangfang@corp.example"]
)
def test_staff_let_somebody_take_part_who_hears_from_then_on(stage: Stage, command: str) -> None:
    order = taken(stage)
    outs = orders(stage, order, command)
    assert [out.to for out in outs] == ["li@corp.example"]
    assert "wangfang@corp.example" in outs[0].text
    copy = to(orders(stage, order, "Please try again."), "wangfang@corp.example")
    orders(stage, copy, "It fails.", sender=WANG)
    assert kinds(stage).count("received") == 1


@pytest.mark.parametrize("wrong", ["#cc", "#cc wang", "#cc it@corp.example", "#抄送 noreply@corp.example"])
def test_who_cannot_be_in_copy_is_refused(stage: Stage, wrong: str) -> None:
    order = taken(stage)
    (receipt,) = orders(stage, order, wrong)
    assert "没有执行" in receipt.mail.subject
    assert not stage.ticket().participants


@pytest.mark.parametrize(
    "command", ["#cc -bob@corp.example", "#cc Remove bob@corp.example", "#抄送 去掉 bob@corp.example"]
)
def test_several_at_once_and_one_may_be_left_out_again(stage: Stage, command: str) -> None:
    order = taken(stage)
    orders(stage, order, "#cc wangfang@corp.example, bob@corp.example；ann@corp.example")
    assert len(stage.ticket().participants) == 3
    orders(stage, order, command)
    assert [a.address for a in stage.ticket().participants] == ["wangfang@corp.example", "ann@corp.example"]


def test_lists_and_robots_in_copy_get_nothing(stage: Stage) -> None:
    order = to(ask(stage, Cc="no-reply@corp.example, it@corp.example"), "li@corp.example")
    outs = orders(stage, order, "Please try again.")
    assert [out.to for out in outs if out.event != "taken"] == ["sarah@corp.example"]


def test_files_pass_both_ways_and_what_is_too_large_is_named_with_its_size(stage: Stage) -> None:
    order = asked(stage)
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = LI, "it@corp.example", "Re: it"
    message["In-Reply-To"] = f"<{order.mail.message_id}>"
    message["Message-ID"] = "<large@client.example>"
    message.set_content("Both are attached.")
    message.add_attachment(b"small", maintype="application", subtype="octet-stream", filename="small.bin")
    message.add_attachment(b"x" * 9_000_000, maintype="application", subtype="octet-stream", filename="large.bin")
    stage.post(message.as_bytes())
    outs = stage.step(minutes=1)
    for reader in ("sarah@corp.example", "wangfang@corp.example"):
        out = to(outs, reader)
        assert [file.filename for file in out.mail.attachments] == ["small.bin"]
        assert "large.bin (9.0 MB)" in out.text


def test_the_staff_read_no_address_where_the_policy_says_so(stage: Stage) -> None:
    settings = replace(stage.desk.settings, policy=replace(stage.desk.policy, show_addresses=False))
    stage.desk = replace(stage.desk, settings=settings)
    outs = ask(stage, FANG)
    order = to(outs, "li@corp.example")
    outs = orders(stage, to(outs, "wangfang@corp.example"), "还在吗？", sender=FANG)
    assert "wangfang@" not in whole([order, to(outs, "li@corp.example")])
    assert "王芳" in order.text
