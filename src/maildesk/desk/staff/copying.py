"""Who is in copy on a ticket: the staff let somebody take part, or no longer (#cc)."""

import re

from maildesk.desk.draft import Draft
from maildesk.desk.people import directory
from maildesk.desk.staff.command import Acting
from maildesk.mail.ids import fold_address, same_address
from maildesk.mail.model import Address

_MOST = 20  # that one command names
_PERSON = re.compile(
    r"\s*(?P<out>[-－]|(?i:remove|drop)(?=\s)|去掉|移除|删除|取消)?\s*(?P<name>[^<>,，;；、@]{0,60}?)\s*<?(?P<address>[!-;=?-~]{1,64}@[A-Za-z0-9.-]{1,190})>?\s*"
    r"(?:[,，;；、]|\s|$)\s*"
)


def cc(draft: Draft, argument: str, acting: Acting) -> str:
    """Everybody named takes part from now on: he gets the answers and may reply. Behind a minus, no longer."""
    named = _named(argument)
    if not named:
        return acting.say("say whom: #cc name@example.com", "请写明邮件地址：#抄送 name@example.com")
    joining = [address for out, address in named[:_MOST] if not out]
    leaving = [address for out, address in named[:_MOST] if out]
    for address in joining:
        if directory.is_own(address.address, acting.policy) or directory.is_nobody(address.address):
            english = f"{address.address} is an address that nobody reads"
            return acting.say(english, f"{address.address} 这个地址没有人收信")
    if joining:
        draft.add("joined", people=[{"name": a.name, "address": a.address} for a in joining])
    known = [a.address for a in draft.ticket.participants]
    gone = [a.address for a in leaving if any(same_address(a.address, k) for k in known)]
    if leaving and not gone:
        return acting.say(f"{leaving[0].address} is not in copy", f"{leaving[0].address} 不在抄送名单里")
    if gone:
        draft.add("left", addresses=[fold_address(address) for address in gone])
    return ""


def _named(argument: str) -> list[tuple[bool, Address]]:
    """The people of an argument, each with whether he is to leave; nothing where any of it cannot be read."""
    argument = re.sub(r"\s+@", "@", argument)  # 抄送ann@corp.example is read as the command, ann, and the rest
    found: list[tuple[bool, Address]] = []
    position = 0
    while position < len(argument):
        match = _PERSON.match(argument, position)
        if match is None:
            return []
        name = match["name"].strip().strip('"')
        found.append((bool(match["out"]), Address(name=name, address=match["address"])))
        position = match.end()
    return found
