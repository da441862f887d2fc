"""Ten exchanges, as four mail clients write them: one ticket, one thread, one subject."""

import re

import pytest

from fixtures.office import LI, SARAH, ask
from fixtures.stage import Out, Stage, letter, to


def outlook(out: Out) -> dict[str, str]:
    """RE: before the whole subject, the whole References, ids over 80 characters of its own."""
    refs = [*out.mail.references, out.mail.message_id]
    return {
        "Subject": f"RE: {out.mail.subject}",
        "refs": " ".join(f"<{i}>" for i in refs),
        "parent": out.mail.message_id,
    }


def gmail(out: Out) -> dict[str, str]:
    """The subject as it is where it has a Re:, References folded to its own form."""
    subject = out.mail.subject if out.mail.subject.lower().startswith("re:") else f"Re: {out.mail.subject}"
    refs = [*out.mail.references, out.mail.message_id]
    return {"Subject": subject, "refs": " ".join(f"<{i}>" for i in refs), "parent": out.mail.message_id}


def foxmail(out: Out) -> dict[str, str]:
    """回复: before the subject, References cut to the root and the last."""
    refs = [*out.mail.references[:1], out.mail.message_id]
    return {
        "Subject": f"回复: {out.mail.subject}",
        "refs": ", ".join(f"<{i}>" for i in refs),
        "parent": out.mail.message_id,
    }


def mutt(out: Out) -> dict[str, str]:
    """Re: once, References of which the parent's In-Reply-To is a part."""
    bare = re.sub(r"^(?:re: )+", "", out.mail.subject, flags=re.IGNORECASE)
    refs = [*out.mail.references, out.mail.message_id]
    return {"Subject": f"Re: {bare}", "refs": " ".join(f"<{i}>" for i in refs), "parent": out.mail.message_id}


def answer(stage: Stage, sender: str, out: Out, client: dict[str, str], body: str) -> str:
    raw, message_id = letter(
        sender,
        client["Subject"],
        body,
        In_Reply_To=f"<{client['parent']}>",
        References=client["refs"],
        message_id=f"<{'x' * 80}.{hash((body, sender)) & 0xFFFFFF}@client.example>",
    )
    stage.post(raw)
    return message_id


@pytest.mark.parametrize("client", [outlook, gmail, foxmail, mutt])
def test_ten_exchanges_are_one_ticket_and_one_thread(stage: Stage, client: object) -> None:
    assert callable(client)
    outs = ask(stage, subject="Printer jams")
    mine, order = to(outs, "sarah@corp.example"), to(outs, "li@corp.example")
    roots = (mine.mail.references[0], order.mail.references[0])
    for turn in range(10):
        sent = answer(stage, SARAH, mine, client(mine), f"Question {turn}.")
        heard = next(out for out in stage.step(minutes=5) if out.to == "li@corp.example")
        assert heard.mail.subject == "[MD-1001] Printer jams"
        assert heard.mail.references[0] == roots[1]
        answer(stage, LI, heard, client(heard), f"Answer {turn}.")
        mine = to([out for out in stage.step(minutes=5) if out.event == ""], "sarah@corp.example")
        assert mine.mail.subject == "Re: [MD-1001] Printer jams"
        assert mine.mail.in_reply_to == (sent,)
        assert mine.mail.references[0] == roots[0]
        assert sent in mine.mail.references
        assert len(mine.mail.references) <= 5
        assert f"Answer {turn}." in mine.text
    assert len(stage.tickets()) == 1


def test_who_is_in_copy_has_a_thread_of_his_own_as_stable(stage: Stage) -> None:
    order = to(ask(stage, Cc="王芳 <wangfang@corp.example>"), "li@corp.example")
    answer(stage, LI, order, outlook(order), "First.")
    copy = to(stage.step(minutes=5), "wangfang@corp.example")
    root = copy.mail.references[0]
    for turn in range(3):
        sent = answer(stage, "王芳 <wangfang@corp.example>", copy, foxmail(copy), f"我也是 {turn}")
        heard = to(stage.step(minutes=5), "li@corp.example")
        answer(stage, LI, heard, outlook(heard), f"Answer {turn}.")
        copy = to(stage.step(minutes=5), "wangfang@corp.example")
        assert copy.mail.subject == "Re: [MD-1001] Printer jams"
        assert copy.mail.in_reply_to == (sent,)
        assert copy.mail.references[0] == root
    assert len(stage.tickets()) == 1
