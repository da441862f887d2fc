"""What is known of those who write to the desk, by address and by domain."""

from collections.abc import Mapping
from dataclasses import dataclass

from maildesk.mail.ids import domain_of, fold_address


@dataclass(frozen=True, slots=True, kw_only=True)
class Requester:
    """Somebody, or everybody of a domain, as the rules or a directory file describe him."""

    name: str = ""
    department: str = ""
    vip: bool = False
    language: str = ""  # zh or en; "" follows what he writes
    timezone: str = ""  # "" follows the desk
    addresses: tuple[str, ...] = ()  # all of one person, folded, where he has several


NOBODY = Requester()


def find(address: str, known: Mapping[str, Requester]) -> Requester | None:
    """What is known of an address: its own entry, and what that leaves open from its domain or one above.

    Keys are folded addresses, and folded domains.
    """
    if not known:
        return None
    own = known.get(fold_address(address))
    domain = _of_domain(domain_of(address), known)
    if own is None or domain is None:
        return own or domain
    return Requester(
        name=own.name,
        department=own.department or domain.department,
        vip=own.vip or domain.vip,
        language=own.language or domain.language,
        timezone=own.timezone or domain.timezone,
        addresses=own.addresses,
    )


def same_person(one: str, other: str, known: Mapping[str, Requester]) -> bool:
    """Whether two addresses are one mailbox, or mailboxes of one person as the operator says."""
    if fold_address(one) == fold_address(other):
        return True
    found = known.get(fold_address(one)) if known else None
    return found is not None and fold_address(other) in found.addresses


def _of_domain(domain: str, known: Mapping[str, Requester]) -> Requester | None:
    while domain:
        found = known.get(domain)
        if found is not None:
            return found
        domain = domain.partition(".")[2]
    return None
