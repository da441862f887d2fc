"""A vendor is one address: it gets the work order, its mails are for the team, nothing of them leaks."""

from fixtures.office import HAN, NOC, ask, last, orders, taken, whole
from fixtures.stage import Out, Stage, to


def at_vendor(stage: Stage) -> Out:
    """A ticket that li has handed to the carrier; the carrier's order."""
    order = to(ask(stage, subject="Line is down", body="No dial tone."), "li@corp.example")
    return to(orders(stage, order, "#assign vendor-net circuit 4711"), NOC)


def test_the_vendor_gets_the_order_without_the_commands_of_staff(stage: Stage) -> None:
    order = at_vendor(stage)
    assert "circuit 4711" in order.text
    assert "No dial tone." not in order.text  # the engineer's words stand for it
    assert "sarah" not in whole([order]).lower()
    assert "#take" not in order.text
    assert stage.ticket().group == "vendor-net"


def test_what_the_vendor_writes_is_a_note_and_the_owner_hears(stage: Stage) -> None:
    order = at_vendor(stage)
    outs = orders(stage, order, "Technician booked, cost secret-price.", sender=NOC)
    assert [out.to for out in outs] == ["ops@corp.example"]
    assert "secret-price" in whole(outs)
    assert last(stage, "noted").actor == NOC
    assert stage.ticket().responded_at is None


def test_a_vendors_command_is_text(stage: Stage) -> None:
    orders(stage, at_vendor(stage), "#close\n#priority P1", sender=NOC)
    assert (stage.ticket().status, stage.ticket().priority) == ("assigned", "P4")


def test_the_vendor_may_still_answer_his_order_when_the_ticket_went_back(stage: Stage) -> None:
    outs = ask(stage, subject="Line is down")
    order = to(orders(stage, to(outs, "li@corp.example"), "#assign vendor-net"), NOC)
    orders(stage, to(outs, "han@corp.example"), "#assign l1", sender=HAN)
    heard = orders(stage, order, "It was the splitter.", sender=NOC)
    assert stage.ticket().group == "l1"
    assert len(stage.tickets()) == 1
    assert to(heard, "chen@corp.example").event == "vendor-replied"


def test_the_vendor_is_a_stranger_to_every_other_ticket(stage: Stage) -> None:
    taken(stage)
    stage.write(NOC, "Re: [MD-1001] Printer jams", "What about this one?")
    stage.step(minutes=1)
    assert ("claims", 1001) in [(link.kind, link.number) for link in stage.ticket(1002).links]
