"""An engineer answers: the requester hears the desk, and nothing that was meant to stay inside."""

from email.message import EmailMessage

from fixtures.office import LI, SARAH, ask, kinds, last, orders, taken, whole
from fixtures.stage import Out, Stage, to
from maildesk.store import messages
from maildesk.store.database import reading

OUTLOOK = """\
Please switch it off and on again.

Li

-----Original Message-----
From: IT Service Desk <it@corp.example>
Sent: Monday, November 9, 2026 9:00 AM
To: li@corp.example
Subject: [MD-1001] Printer jams

A new ticket for l1, secret-footer-of-the-order
"""


def test_the_requester_gets_the_text_from_the_desk_in_his_own_thread_without_the_quote(desk: Stage) -> None:
    asked = desk.write(SARAH, "Printer jams", "It jams.")
    outs = desk.step()
    acknowledged, order = to(outs, "sarah@corp.example"), to(outs, "li@corp.example")
    out = to(orders(desk, order, OUTLOOK), "sarah@corp.example")
    assert out.mail.sender is not None
    assert out.mail.sender.address == "it@corp.example"
    assert out.mail.subject == "Re: [MD-1001] Printer jams"
    assert out.mail.in_reply_to == (asked,)
    assert set(acknowledged.mail.references) <= set(out.mail.references)
    assert "Please switch it off and on again." in out.text
    read = whole([out])
    assert "secret-footer" not in read
    assert "li@corp.example" not in read
    assert not list(out.mail.values("Auto-Submitted"))
    assert desk.ticket().responded_at is not None
    assert last(desk, "answered").actor == "li"


def test_an_answer_stops_the_response_clock_at_the_moment_it_arrived_not_when_it_was_read(stage: Stage) -> None:
    order = to(ask(stage), "li@corp.example")
    written = stage.now
    stage.write(LI, "Re: it", "On my way.", answers=order, at=written)
    stage.step(hours=3)
    assert stage.ticket().responded_at == written


def test_taking_noting_and_receipts_do_not_stop_the_response_clock(stage: Stage) -> None:
    order = to(ask(stage), "li@corp.example")
    orders(stage, order, "#take")
    orders(stage, order, "#note looks like the drum")
    orders(stage, order, "#priority P3")
    assert stage.ticket().responded_at is None
    orders(stage, order, "#resolve The drum is new.")
    assert stage.ticket().responded_at is not None


def test_who_gets_an_answered_ticket_is_not_asked_for_a_first_answer(stage: Stage) -> None:
    order = to(ask(stage), "li@corp.example")
    orders(stage, order, "On my way.")
    outs = orders(stage, order, "#assign han")
    han, receipt = to(outs, "han@corp.example"), to(outs, "li@corp.example")
    assert "已经有人给过用户第一次回复" in han.text
    for out in (han, receipt):
        assert "首次响应" not in out.text
        assert "解决时限" in out.text


def test_the_engineers_files_reach_the_requester_byte_by_byte(stage: Stage) -> None:
    order = to(ask(stage), "li@corp.example")
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = LI, "it@corp.example", "Re: it"
    message["In-Reply-To"] = f"<{order.mail.message_id}>"
    message["Message-ID"] = "<files@client.example>"
    message.set_content("The guide is attached.")
    content = bytes(range(256))
    message.add_attachment(content, maintype="application", subtype="pdf", filename="指南.pdf")
    stage.post(message.as_bytes())
    out = to(stage.step(minutes=1), "sarah@corp.example")
    assert [(f.filename, f.data) for f in out.mail.attachments] == [("指南.pdf", content)]


def test_markup_in_an_answer_is_shown_as_written_never_obeyed(stage: Stage) -> None:
    order = to(ask(stage), "li@corp.example")
    words = "Type <script>alert(1)</script> and [click](http://evil.example) & {{ policy }} **now**"
    out = to(orders(stage, order, words), "sarah@corp.example")
    assert words in out.text
    assert "<script" not in out.mail.html
    assert 'href="http://evil.example">http://evil.example</a>' in out.mail.html  # no link hides where it leads
    assert "{{ policy }}" in out.mail.html


def test_an_html_only_answer_is_read(stage: Stage) -> None:
    order = to(ask(stage), "li@corp.example")
    stage.post(
        f"From: {LI}\r\nTo: it@corp.example\r\nSubject: Re\r\nMessage-ID: <html@client.example>\r\n"
        f"In-Reply-To: <{order.mail.message_id}>\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
        "<p>It is <b>fixed</b> now.</p><blockquote type=cite>hidden-quote</blockquote>".encode()
    )
    out = to(stage.step(minutes=1), "sarah@corp.example")
    assert "It is fixed now." in out.text
    assert "hidden-quote" not in whole([out])


def test_a_reply_of_nothing_but_quotes_is_no_answer(stage: Stage) -> None:
    order = to(ask(stage), "li@corp.example")
    assert (
        orders(stage, order, "On Mon, Nov 9, 2026 at 9:00 AM IT Service Desk <it@corp.example> wrote:\n\n> It jams.")
        == []
    )
    assert stage.ticket().responded_at is None


def test_the_conversation_keeps_what_was_said_and_to_whom(desk: Stage) -> None:
    order = taken(desk)
    orders(desk, order, "On my way.")
    orders(desk, order, "#note the drum again")
    orders(desk, order, "#resolve The drum is new.\n\nPlease test.")
    with reading(desk.desk.engine) as connection:
        kept = [entry.message for entry in messages.messages(connection, 1001)]
    assert [(m.direction, m.internal, m.text.strip()) for m in kept] == [
        ("in", False, "It jams."),
        ("out", False, "On my way."),
        ("in", True, "the drum again"),
        ("out", False, "The drum is new.\n\nPlease test."),
    ]


def secret_notes(stage: Stage, order: Out) -> list[Out]:
    """Notes in every way they can be written."""
    return [
        *orders(stage, order, "#note secret-one"),
        *orders(stage, order, "＃备注：secret-two\nsecret-three"),
        *orders(stage, order, "The customer is wrong secret-four.\n\n#note secret-five"),
        *orders(stage, order, "\u200b#内部 secret-six\n\nsecret-seven"),
        *orders(stage, order, "#take secret-eight"),
        *orders(stage, order, "#assign li secret-nine"),
        *orders(stage, order, "#nte secret-ten"),
    ]


def test_no_byte_of_a_note_reaches_the_requester_in_any_later_mail(desk: Stage) -> None:
    outs = ask(desk)
    order = to(outs, "li@corp.example")
    outs += secret_notes(desk, order)
    outs += orders(desk, order, "Hello Sarah, we are on it.")
    outs += orders(desk, order, "#pending 1d waiting for the drum")
    desk.write(SARAH, "Re: it", "Any news?", answers=to(outs[:3], "sarah@corp.example"))
    outs += desk.step(minutes=5)
    outs += orders(desk, order, "#note secret-eleven\n#resolve The drum is new.\n\nsecret-twelve")
    outs += desk.step(days=6)
    mine = [out for out in outs if out.to == "sarah@corp.example"]
    assert len(mine) == 5  # the acknowledgement, the answer, how it stands, the resolution, the end
    assert "secret" not in whole(mine)
    assert "The drum is new." in whole(mine)
    assert kinds(desk)[-1] == "closed"
    with reading(desk.desk.engine) as connection:
        kept = [entry.message for entry in messages.messages(connection, 1001)]
    inside = "\n".join(m.text for m in kept if m.internal)
    for word in "one two three four five six seven eight nine ten eleven twelve".split():
        assert f"secret-{word}" in inside
    assert all("secret" not in m.text for m in kept if not m.internal)


def test_where_nobody_can_be_written_to_the_engineer_hears_so_and_nothing_leaves(stage: Stage) -> None:
    stage.post(b"Subject: it is broken\r\n\r\nhelp\r\n")
    order = to(stage.step(), "li@corp.example")
    (receipt,) = orders(stage, order, "Please restart it.")
    assert (receipt.to, receipt.event) == ("li@corp.example", "receipt")
    assert "没有人可以回复" in receipt.text
    assert stage.ticket().responded_at is None
    outs = orders(stage, order, "#resolve")
    assert {out.to for out in outs} == {"li@corp.example", "han@corp.example"}
    assert stage.ticket().status == "resolved"
