"""May this mail be acknowledged, how, and where to: the whole table."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from fixtures.desk_samples import NOW, POLICY, facts, mail
from maildesk.desk.policy import Budget
from maildesk.desk.requests import acknowledging
from maildesk.mail.model import Address, Authentication, Mail, Origin

STRANGER = "eve@far.example"


def manner(written: Mail | None = None, **fields: Any) -> str | None:
    return acknowledging.manner(facts(written or mail(), **fields), POLICY, NOW)[0]


def passed(address: str) -> Authentication:
    return Authentication(address=address, result="pass")


@pytest.mark.parametrize(
    ("written", "fields", "expected"),
    [
        (mail(), {}, "full"),
        (mail(STRANGER), {}, "neutral"),
        (mail(STRANGER), {"history": 5}, "neutral"),
        (mail(STRANGER), {"answered": True}, "full"),
        (mail(STRANGER, authentication=passed(STRANGER)), {}, "full"),
        (mail(STRANGER, authentication=Authentication(address=STRANGER, result="fail")), {}, "neutral"),
        (mail("li@elsewhere.example"), {}, "neutral"),
    ],
)
def test_who_is_trusted_reads_his_own_words_again(written: Mail, fields: dict[str, Any], expected: str) -> None:
    assert manner(written, **fields) == expected


def test_staff_of_another_domain_are_trusted() -> None:
    policy = replace(POLICY, domains=("elsewhere.example",))
    assert acknowledging.manner(facts(mail("li@corp.example")), policy, NOW)[0] == "full"


@pytest.mark.parametrize(
    ("written", "fields", "reason"),
    [
        (mail(origin=Origin(kind="automatic", reasons=("Auto-Submitted: x",))), {}, "automatic mail: Auto-Submitted"),
        (mail(origin=Origin(kind="bulk")), {}, "bulk mail"),
        (mail(origin=Origin(kind="bounce")), {}, "bounce mail"),
        (mail(authentication=Authentication()), {}, "cannot be read"),
        (mail("no-reply@corp.example"), {}, "role or list"),
        (mail("NoReply+7@corp.example"), {}, "role or list"),
        (mail("owner-all@corp.example"), {}, "role or list"),
        (mail("postmaster@far.example"), {}, "role or list"),
        (mail("IT@corp.example"), {}, "own address"),
        (mail(), {"historic": True}, "found again"),
        (mail(), {"arrived": NOW - timedelta(hours=24, seconds=1)}, "24 hours"),
        (mail(), {"acknowledged_hour": 3}, "3 acknowledgements within the hour"),
        (mail(), {"acknowledged_day": 6}, "6 acknowledgements within the day"),
        (mail(STRANGER), {"unverified_hour": 60}, "60 strangers"),
    ],
)
def test_what_is_not_acknowledged_has_a_reason(written: Mail, fields: dict[str, Any], reason: str) -> None:
    manner, why = acknowledging.manner(facts(written, **fields), POLICY, NOW)
    assert manner is None
    assert reason in why


@pytest.mark.parametrize(
    ("written", "fields"),
    [
        (mail(), {"arrived": NOW - timedelta(hours=24)}),
        (mail(), {"acknowledged_hour": 2, "acknowledged_day": 5}),
        (mail(), {"unverified_hour": 99}),
        (mail("wang.noreply@corp.example"), {}),
    ],
)
def test_up_to_the_bound_it_is(written: Mail, fields: dict[str, Any]) -> None:
    assert manner(written, **fields) == "full"


def test_a_budget_of_nothing_answers_nobody() -> None:
    policy = replace(POLICY, budget=Budget(per_ticket=0))
    assert acknowledging.manner(facts(), policy, NOW) == (None, "the budget allows no acknowledgements")


@pytest.mark.parametrize(
    ("sender", "reply_to", "expected"),
    [
        ("web@forms.example", ["ann@far.example"], "ann@far.example"),
        ("web@forms.example", ["web@forms.example"], "web@forms.example"),
        ("web@forms.example", ["a@far.example", "b@far.example"], "web@forms.example"),
        ("web@forms.example", ["it@corp.example"], "web@forms.example"),
        ("web@forms.example", [], "web@forms.example"),
        ("eve@far.example", ["ann@far.example"], "eve@far.example"),
    ],
)
def test_only_a_trusted_form_names_another_address_to_answer_to(
    sender: str, reply_to: list[str], expected: str
) -> None:
    policy = replace(POLICY, trust_reply_to=("Forms.example",))
    written = mail(sender, reply_to=tuple(Address(address=a) for a in reply_to))
    assert acknowledging.reply_address(facts(written), policy) == expected


def test_what_is_believed_of_a_form_is_not_believed_of_the_address_it_names() -> None:
    policy = replace(POLICY, trust_reply_to=("corp.example",))
    for visitor, expected in (("victim@far.example", "neutral"), ("noreply@far.example", None)):
        form = mail("web@corp.example", authentication=passed("web@corp.example"), reply_to=(Address(address=visitor),))
        assert acknowledging.manner(facts(form), policy, NOW)[0] == expected


def test_an_unverified_from_is_the_shown_one_and_never_redirected() -> None:
    policy = replace(POLICY, trust_reply_to=("far.example",))
    shown = mail("eve@far.example", authentication=Authentication(), reply_to=(Address(address="ann@far.example"),))
    assert acknowledging.reply_address(facts(shown), policy) == "eve@far.example"
    assert acknowledging.reply_address(facts(replace(shown, sender=None)), policy) == ""
