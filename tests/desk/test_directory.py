"""Who is who, and who is behind a role."""

from dataclasses import replace

import pytest

from fixtures.desk_samples import LI, POLICY, TICKET, changed
from maildesk.desk.people import directory
from maildesk.mail.model import Address


@pytest.mark.parametrize(
    ("address", "key"),
    [
        ("li@corp.example", "li"),
        ("LI.LEI@Corp.Example", "li"),
        ("", None),
        ("li@corp.example.evil", None),
        ("ｌｉ@corp.example", None),
        ("li＠corp.example", None),
    ],
)
def test_staff_are_known_by_their_addresses_in_ascii_letter_case_only(address: str, key: str | None) -> None:
    person = directory.staff(address, POLICY)
    assert (person.key if person else None) == key


@pytest.mark.parametrize(
    ("role", "ticket", "addresses"),
    [
        ("assignee", changed(assignee="li"), ["li@corp.example"]),
        ("assignee", TICKET, ["li@corp.example", "han@corp.example"]),
        ("assignee", changed(assignee="gone"), ["li@corp.example", "han@corp.example"]),
        ("group", TICKET, ["li@corp.example", "han@corp.example"]),
        ("group", changed(group="carrier"), ["noc@vendor.example"]),
        ("group", changed(group="gone"), ["ops@corp.example"]),
        ("lead", TICKET, ["han@corp.example"]),
        ("lead", changed(group="l2", assignee="li"), ["zhao@corp.example"]),
        ("lead", changed(group=""), ["ops@corp.example"]),
        ("manager", changed(assignee="li"), ["zhao@corp.example"]),
        ("manager", changed(group="l2"), ["ops@corp.example"]),
        ("owner", TICKET, ["ops@corp.example"]),
        ("requester", TICKET, ["sarah@corp.example"]),
        ("zhao", TICKET, ["zhao@corp.example"]),
        ("nobody", TICKET, ["ops@corp.example"]),
    ],
)
def test_a_role_has_its_people_and_the_owner_where_there_is_nobody(
    role: str, ticket: object, addresses: list[str]
) -> None:
    found = directory.recipients(role, ticket, POLICY)  # type: ignore[arg-type]
    assert [r.address for r in found] == addresses


def test_the_desks_own_address_is_nobody() -> None:
    people = {**POLICY.people, "li": replace(LI, addresses=("helpdesk@corp.example",))}
    found = directory.recipients("group", TICKET, replace(POLICY, people=people))
    assert [r.address for r in found] == ["han@corp.example"]
    own = changed(requester=Address(address="IT@corp.example"))
    assert [r.address for r in directory.recipients("requester", own, POLICY)] == ["ops@corp.example"]


def test_a_reader_has_his_own_language_and_zone_else_the_desks() -> None:
    policy = replace(POLICY, language="en", timezone="Europe/Berlin")
    assert directory.recipient(LI, policy).language == "zh"
    assert directory.recipient(POLICY.people["han"], policy).language == "en"
    assert directory.requester(changed(language="zh-Hant"), policy).language == "zh"
    assert directory.requester(changed(language="de"), policy).language == "en"
    assert directory.requester(changed(language=""), replace(policy, language="zh")).language == "zh"
    staff = changed(requester=Address(address="li@corp.example"), language="en")
    assert (directory.requester(staff, policy).language, directory.requester(staff, policy).person) == ("zh", "")


def test_an_owner_of_the_staff_is_written_to_in_his_language_at_the_owners_address() -> None:
    owner = directory.owner(replace(POLICY, owner="li.lei@corp.example"))
    assert (owner.address, owner.language, owner.person) == ("li.lei@corp.example", "zh", "li")
