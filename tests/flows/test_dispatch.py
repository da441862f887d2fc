"""The work order: one mail to each member, each with a token of his own; the first to act becomes the assignee."""

from email.message import EmailMessage
from pathlib import Path

import pytest

from fixtures.office import HAN, LI, SARAH, ask, kinds, last, orders, playing, taken, whole
from fixtures.stage import Stage, to


def with_files(*files: tuple[str, bytes]) -> bytes:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = SARAH, "it@corp.example", "Printer jams"
    message["Message-ID"] = "<files@client.example>"
    message.set_content("Please see the files.")
    for name, content in files:
        message.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return message.as_bytes()


def test_each_member_gets_one_mail_with_an_identity_of_its_own(desk: Stage) -> None:
    outs = ask(desk, body="It jams.\n\nSince this morning.")
    li, han = to(outs, "li@corp.example"), to(outs, "han@corp.example")
    assert len(outs) == 3
    assert li.mail.message_id != han.mail.message_id
    assert not set(li.mail.references) & set(han.mail.references)
    for out in (li, han):
        assert out.mail.subject == "[MD-1001] Printer jams"
        assert "> It jams." in out.text
        assert "> Since this morning." in out.text
        assert dict(out.mail.headers) | {
            "X-Maildesk-Event": "dispatched",
            "X-Maildesk-Ticket": "MD-1001",
            "X-Maildesk-Priority": "P4",
            "X-Maildesk-Status": "assigned",
            "X-Maildesk-Group": "l1",
            "Auto-Submitted": "auto-generated",
        } == dict(out.mail.headers)
    assert not any(name.startswith("X-Maildesk-T") for name, _ in to(outs, "sarah@corp.example").mail.headers)


def test_attachments_go_along_up_to_the_size_and_what_is_left_out_is_named(stage: Stage) -> None:
    stage.post(with_files(("small.txt", b"short"), ("core.dump", b"x" * 12_000_000), ("photo.jpg", b"\xff\xd8 jpeg")))
    out = to(stage.step(), "li@corp.example")
    assert [(f.filename, f.data) for f in out.mail.attachments] == [
        ("small.txt", b"short"),
        ("photo.jpg", b"\xff\xd8 jpeg"),
    ]
    assert "core.dump (12.0 MB)" in out.text


def test_the_first_to_take_becomes_the_assignee_and_the_others_hear(desk: Stage) -> None:
    order = to(ask(desk), "li@corp.example")
    outs = orders(desk, order, "#take")
    assert desk.ticket().assignee == "li"
    assert desk.ticket().status == "in progress"
    assert {(out.to, out.event) for out in outs} == {("han@corp.example", "taken"), ("li@corp.example", "receipt")}
    assert "李雷" in to(outs, "han@corp.example").text
    assert desk.ticket().responded_at is None


def test_the_first_to_answer_becomes_the_assignee_and_the_others_hear(stage: Stage) -> None:
    order = to(ask(stage), "han@corp.example")
    outs = orders(stage, order, "On my way.", sender=HAN)
    assert stage.ticket().assignee == "han"
    assert {(out.to, out.event) for out in outs} == {("li@corp.example", "taken"), ("sarah@corp.example", "")}


def test_a_second_answer_by_a_colleague_takes_nothing_over(stage: Stage) -> None:
    outs = ask(stage)
    orders(stage, to(outs, "li@corp.example"), "On my way.")
    orders(stage, to(outs, "han@corp.example"), "Or shall I go?", sender=HAN)
    assert stage.ticket().assignee == "li"
    assert kinds(stage).count("taken") == 1


def test_who_takes_a_ticket_from_a_colleague_is_known_to_him(stage: Stage) -> None:
    outs = ask(stage)
    orders(stage, to(outs, "li@corp.example"), "#take")
    heard = orders(stage, to(outs, "han@corp.example"), "#take", sender=HAN)
    assert to(heard, "li@corp.example").event == "taken"
    assert "韩梅梅" in to(heard, "li@corp.example").text


def test_whoever_resolves_at_once_is_the_assignee(stage: Stage) -> None:
    order = to(ask(stage), "li@corp.example")
    outs = orders(stage, order, "#resolve Toner replaced.")
    assert stage.ticket().assignee == "li"
    assert stage.ticket().status == "resolved"
    assert to(outs, "han@corp.example").event == "taken"


def test_a_hand_over_carries_the_request_its_files_and_the_note(desk: Stage) -> None:
    desk.post(with_files(("trace.txt", b"trace")))
    order = to(desk.step(), "li@corp.example")
    outs = orders(desk, order, "#assign l2-network please look at the port\n\nThe cable is fine.")
    out = to(outs, "wang@corp.example")
    assert out.event == "dispatched"
    assert "> Please see the files." in out.text
    assert "please look at the port" in out.text
    assert "The cable is fine." in out.text
    assert [f.filename for f in out.mail.attachments] == ["trace.txt"]
    assert "l2-network" in to(outs, "han@corp.example").text
    assert "sarah@corp.example" not in [o.to for o in outs]
    assert (desk.ticket().group, desk.ticket().assignee) == ("l2-network", "")


def test_the_former_assignee_hears_who_has_his_ticket_now(stage: Stage) -> None:
    outs = ask(stage)
    orders(stage, to(outs, "li@corp.example"), "#take")
    heard = orders(stage, to(outs, "han@corp.example"), "#assign smith", sender=HAN)
    assert to(heard, "smith@corp.example").event == "dispatched"
    assert to(heard, "li@corp.example").event == "taken"
    assert "Alex Smith" in to(heard, "li@corp.example").text


def test_a_group_that_is_not_there_means_the_owner_hears(tmp_path: Path) -> None:
    rules = {"10.yaml": "people: {li: {name: Li, addresses: [li@corp.example]}}\ngroups: {l1: {members: [li]}}\n"}
    with playing(tmp_path, rules=rules) as stage:
        out = to(ask(stage), "ops@corp.example")
        assert out.event == "dispatched"
        assert "No group gets it, so this ticket comes to you" in out.text


@pytest.mark.parametrize(
    ("language", "says", "does"),
    [
        ("en", "Nobody gets the mail of l1, so this ticket comes to you", "maildesk ticket assign MD-1001 NAME"),
        ("zh", "支持组 l1 没有人收信，这张工单转到您这里", "maildesk ticket assign MD-1001 姓名"),
    ],
)
def test_the_owner_hears_that_nobody_reads_the_group_whose_and_what_to_do(
    tmp_path: Path, language: str, says: str, does: str
) -> None:
    rules = {"10.yaml": "defaults: {group: l1}\ngroups: {l1: {members: []}}\n"}
    with playing(tmp_path, rules=rules, desk=f'language = "{language}"') as stage:
        (out,) = [out for out in ask(stage) if out.event == "dispatched"]
        assert out.to == "ops@corp.example"
        assert says in out.text
        assert does in out.text
        assert "sarah@corp.example" in out.text
        assert "nobody there gets mail: told the owner" in last(stage, "dispatched").data["why"]


def test_an_order_that_comes_back_is_told_to_the_colleagues(stage: Stage) -> None:
    order = to(ask(stage, subject="VPN network is slow"), "wang@corp.example")
    stage.post(
        b"Return-Path: <>\r\nFrom: MAILER-DAEMON@relay.example\r\nTo: it@corp.example\r\nSubject: failure\r\n"
        b'Content-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        b"--b\r\n\r\nNo such user.\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\n"
        b"Reporting-MTA: dns; relay.example\r\n\r\nFinal-Recipient: rfc822; wang@corp.example\r\n"
        b"Action: failed\r\nStatus: 5.1.1\r\n\r\n--b\r\nContent-Type: text/rfc822-headers\r\n\r\n"
        b"Message-ID: <" + order.mail.message_id.encode() + b">\r\n\r\n--b--\r\n"
    )
    outs = stage.step(minutes=1)
    assert to(outs, "zhao@corp.example").event == "undelivered"
    assert last(stage, "bounced").data["recipient"] == "wang@corp.example"


def test_the_conversation_of_staff_never_shows_in_a_mail_to_the_requester(stage: Stage) -> None:
    order = taken(stage)
    outs = orders(stage, order, "#assign han sideboard-word\n\nmore-inside")
    outs += orders(stage, to(outs, "han@corp.example"), "Hello from Han.", sender=HAN)
    outs += orders(stage, order, "#resolve All fine.", sender=LI)
    mine = whole([out for out in outs if out.to == "sarah@corp.example"])
    assert "Hello from Han." in mine
    assert "sideboard-word" not in mine
    assert "more-inside" not in mine
