"""Words of strangers on their way into headers, templates, markup and commands: they stay words."""

import base64
from email import message_from_bytes

import pytest

from fixtures.office import ask, orders
from fixtures.stage import Out, Stage, to

ALLOWED = {
    "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted",
    "X-Auto-Response-Suppress", "X-Maildesk-Loop", "X-Maildesk-Event", "X-Maildesk-Ticket", "X-Maildesk-Priority",
    "X-Maildesk-Status", "X-Maildesk-Group", "Importance", "X-Priority", "MIME-Version", "Content-Type",
    "Content-Transfer-Encoding",
}  # fmt: skip


def encoded(text: str) -> str:
    return f"=?utf-8?b?{base64.b64encode(text.encode()).decode()}?="


def sound(outs: list[Out]) -> None:
    """Every mail has one recipient and no header line beside those the desk writes."""
    for out in outs:
        message = message_from_bytes(out.received.data)
        assert set(message.keys()) <= ALLOWED
        assert len(message.keys()) == len(set(message.keys()))
        assert len(out.received.recipients) == 1
        assert "victim" not in out.to


HOSTILE = [
    encoded("=?utf-8?q?x=0D=0ABcc:_victim@far.example?="),
    encoded("x\r\nBcc: victim@far.example\r\n\r\nbody"),
    encoded("x\nX-Maildesk-Ticket: MD-1\u2028Bcc: victim@far.example\x85\x00"),
    "x\r\n Bcc: victim@far.example",
    encoded("[MD-1001] " * 300),
    encoded("\u202eevil\u2066 {{ ticket.requester }} {% for x in y %} <img src=x onerror=alert(1)>"),
    encoded("\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16") * 500),
]


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_hostile_subject_and_name_stay_inside_their_headers(stage: Stage, hostile: str) -> None:
    stage.post(
        f"From: {hostile} <sarah@corp.example>\r\nTo: it@corp.example\r\nSubject: {hostile}\r\n"
        "Message-ID: <h@client.example>\r\n\r\nbody\r\n".encode()
    )
    outs = stage.step()
    sound(outs)
    sound(orders(stage, to(outs, "li@corp.example"), "Hello."))
    assert all("<img" not in out.mail.html for out in outs)


def test_a_body_is_shown_never_obeyed(stage: Stage) -> None:
    body = "{{ policy }} {% include 'x' %} <script>alert(1)</script> ![x](http://t.example/p.png) [a](javascript:b)"
    outs = ask(stage, body=body)
    order = to(outs, "li@corp.example")
    assert body in order.text.replace("\r\n> ", " ")
    assert "<script" not in order.mail.html
    assert "<img" not in order.mail.html
    assert 'href="javascript' not in order.mail.html
    sound(outs)


def test_a_recipient_never_comes_from_a_subject_or_a_header_of_ours(stage: Stage) -> None:
    outs = ask(
        stage,
        "eve@elsewhere.example",
        "Hello",
        X_Maildesk_Recipient="victim@far.example",
        X_Maildesk_Event="answered",
        Reply_To="victim@far.example",
        Bcc="victim@far.example",
    )
    sound(outs)
    assert {out.to for out in outs} == {"eve@elsewhere.example", "li@corp.example", "han@corp.example"}


@pytest.mark.parametrize("name", ["../../etc/passwd", 'x"\r\nBcc: victim@far.example', "a/b\\c.txt", "\u202etxt.exe"])
def test_a_file_name_of_an_attachment_is_cleaned_on_its_way_out(stage: Stage, name: str) -> None:
    stage.post(
        b"From: sarah@corp.example\r\nTo: it@corp.example\r\nSubject: file\r\nMessage-ID: <f@client.example>\r\n"
        b"MIME-Version: 1.0\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n"
        b"Content-Disposition: attachment; filename*=utf-8''"
        + "".join(f"%{byte:02X}" for byte in name.encode()).encode()
        + b"\r\n\r\naGVsbG8=\r\n"
    )
    outs = stage.step()
    sound(outs)
    (file,) = to(outs, "li@corp.example").mail.attachments
    assert file.data == b"hello"
    assert not set(file.filename) & set("/\\\r\n\u202e")
    assert ".." not in file.filename


def test_words_of_a_mail_in_a_command_receipt_are_only_words(stage: Stage) -> None:
    order = to(ask(stage), "li@corp.example")
    outs = orders(stage, order, "#assign <img src=x> {{ policy }} [a](http://t.example)")
    assert "<img" not in to(outs, "li@corp.example").mail.html
    assert 'http://t.example"' not in to(outs, "li@corp.example").mail.html
    sound(outs)
