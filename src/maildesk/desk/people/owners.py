"""The people and groups that a command names, as people write them."""

import re

from maildesk.desk.policy import Person, Policy
from maildesk.mail.ids import fold_address

_TO = re.compile(r"^(?:(?:to\s+|给|至|到)\s*)?[@＠]?\s*", re.IGNORECASE)
_BETWEEN = " \t\u3000,，;；:：.。、"


def new_owner(argument: str, policy: Policy) -> tuple[str, str]:
    """The person or group that an argument begins with, as written, and the words behind it.

    The longest name that is known wins, since names have blanks too; without any the whole is the name.
    """
    bare = _TO.sub("", argument)
    ends = [match.start() for match in re.finditer(r"(?<=\S)(?=[\s,，;；:：。、])", bare)]
    for end in (len(bare), *reversed(ends)):
        name = bare[:end]
        if find_person(name, policy) or find_group(name, policy):
            return name, bare[end:].strip(_BETWEEN)
    return bare, ""


def find_group(wanted: str, policy: Policy) -> str:
    """The key of a group, in any letter case; "" when there is none."""
    return next((key for key in policy.groups if fold_address(key) == fold_address(wanted)), "")


def find_person(wanted: str, policy: Policy) -> Person | None:
    """A member of the staff by key, name or address, in any letter case."""
    folded = fold_address(wanted)
    for person in policy.people.values():
        if folded in {fold_address(person.key), fold_address(person.name), *map(fold_address, person.addresses)}:
            return person
    return None
