"""The strict From, and the trusted relay's verdict (PROTOCOLS 4)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maildesk.mail.authentication import judge
from maildesk.mail.model import Authentication

ID = "mx.corp.example"


def strict(*values: str | bytes) -> str:
    headers = [(b"From", value.encode() if isinstance(value, str) else value) for value in values]
    return judge(headers, "").address


def verdict(*results: str, authserv_id: str = ID, sender: bytes = b"wei@corp.example") -> Authentication:
    return judge([(b"From", sender), *((b"Authentication-Results", one.encode()) for one in results)], authserv_id)


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("wei@corp.example", "wei@corp.example"),
        (" Wei Zhang <Wei@Corp.Example>\r\n", "Wei@corp.example"),
        ('"Zhang, Wei" <wei@corp.example>', "wei@corp.example"),
        ('"evil@other.example" <wei@corp.example>', "wei@corp.example"),
        ('"a \\" b" <wei@corp.example>', "wei@corp.example"),
        ("=?utf-8?b?5byg5Lyf?= <wei@corp.example>", "wei@corp.example"),
        ("=?gb2312?b?1cU=?=\r\n =?gb2312?b?zrA=?= <wei@corp.example>", "wei@corp.example"),
        ("张伟 <wei@corp.example>", "wei@corp.example"),
        ("张伟".encode("gb18030") + b" <wei@corp.example>", "wei@corp.example"),
        ("W. Zhang (IT) <wei@corp.example>", "wei@corp.example"),
        ("wei@corp.example (Wei)", "wei@corp.example"),
        ("<wei@corp.example>", "wei@corp.example"),
        ("<wei+it=x@db01>", "wei+it=x@db01"),
    ],
)
def test_one_plain_mailbox_is_read(value: str | bytes, address: str) -> None:
    assert strict(value) == address


@pytest.mark.parametrize(
    "value",
    [
        "",
        "<>",
        "wei",
        "wei@corp.example, eve@evil.example",
        "Wei <wei@corp.example>, <eve@evil.example>",
        "desk: wei@corp.example;",
        "undisclosed-recipients:;",
        "<@relay.example:wei@corp.example>",
        "wei@corp.example <eve@evil.example>",
        "<wei@corp.example> <eve@evil.example>",
        "=?utf-8?q?wei=40corp=2Eexample=3E=00?=eve@evil.example",
        "Wei <=?utf-8?q?wei?=@corp.example>",
        "wei＠corp.example",
        "wéi@corp.example",
        "wei@cörp.example",
        b"wei\x00@corp.example",
        b"Wei\x00 <wei@corp.example>",
        b"Wei\x1b <wei@corp.example>",
        "Wei\r\nBcc: x <wei@corp.example>",
        '"wei"@corp.example',
        "wei@[10.0.0.1]",
        "wei@corp..example",
        "wei@-corp.example",
        "wei.@corp.example",
        ".wei@corp.example",
        "wei @corp.example",
        "<wei@corp.example",
        '"Wei <wei@corp.example>',
        "(wei@corp.example",
        "wei@corp.example;",
        "w" * 65 + "@corp.example",
        "wei@" + "c" * 64 + ".example",
        "Wei" + " " * 17_000 + "<wei@corp.example>",
    ],
)
def test_anything_else_gives_no_authority(value: str | bytes) -> None:
    assert strict(value) == ""


def test_two_from_headers_or_none_give_no_authority() -> None:
    assert strict("wei@corp.example", "wei@corp.example") == ""
    assert strict() == ""
    assert judge([(b"From", b"a@b.example"), (b"FROM ", b"c@d.example")], "").reasons == ("2 From headers",)


def test_without_a_configured_relay_nothing_is_believed() -> None:
    assert verdict(f"{ID}; dmarc=pass", authserv_id=" ").result == "none"
    assert verdict(f"{ID}; dmarc=pass", authserv_id="").reasons == ("no authserv-id is configured",)


@pytest.mark.parametrize(
    "results",
    [
        f"{ID}; dmarc=pass (p=reject) header.from=corp.example",
        f"{ID.upper()} 1; DMARC=Pass",
        f' "{ID}" ; dmarc=pass',
        f"{ID};\r\n\tspf=fail smtp.mailfrom=other.example;\r\n\tdmarc=pass header.from=corp.example",
        f"{ID}; dkim=pass header.d=corp.example header.s=s1",
        f"{ID}; dkim=pass (2048-bit key; unprotected) header.i=@corp.example",
        f"{ID}; dkim = pass header.d = corp.example",
        f"{ID}; dkim=fail header.d=corp.example; dkim=pass header.d=corp.example",
        f"{ID}; spf=pass (nested (comment)) smtp.mailfrom=bounce@corp.example",
        f'{ID}; spf=pass reason="all; good" smtp.mailfrom="wei@corp.example"',
        f"{ID}; dkim/1=pass header.d=CORP.example.",
    ],
)
def test_a_pass_for_the_from_domain_passes(results: str) -> None:
    assert verdict(results).result == "pass"


def test_a_signature_of_the_parent_domain_is_aligned_and_of_a_child_is_not() -> None:
    assert verdict(f"{ID}; dkim=pass header.d=corp.example", sender=b"wei@mail.corp.example").result == "pass"
    assert verdict(f"{ID}; dkim=pass header.d=mail.corp.example").result == "none"
    assert verdict(f"{ID}; dkim=pass header.d=example").result == "none"
    assert verdict(f"{ID}; dkim=pass header.d=rp.example", sender=b"wei@corp.example").result == "none"


@pytest.mark.parametrize(
    "results",
    [
        f"{ID}; none",
        f"{ID}",
        f"{ID}; dkim=pass header.d=evil.example",
        f"{ID}; spf=pass smtp.helo=corp.example",
        f"{ID}; dmarc=pass header.from=evil.example",
        f"{ID}; arc=pass header.d=corp.example",
        f"{ID}; dmarc=none; dkim=neutral header.d=corp.example",
        f"{ID}; dkim=fail (dkim=pass header.d=corp.example)",
        f'{ID}; dkim=fail reason="; dmarc=pass"',
        f"{ID}; dmarc=passing",
        "evil.example; dmarc=pass",
        f"{ID}.evil.example; dmarc=pass",
        f"{ID} (comment that never ends; dmarc=pass",
        f'{ID}; spf=none reason="never ends; dmarc=pass',
        "",
        "dmarc=pass header.from=corp.example",
        f"evil.example; dmarc=pass; {ID}; dmarc=pass",
    ],
)
def test_anything_less_is_none(results: str) -> None:
    assert verdict(results).result == "none"


def test_a_failed_dmarc_fails_whatever_else_passed() -> None:
    judged = verdict(f"{ID}; dkim=pass header.d=corp.example; dmarc=fail (p=none) header.from=corp.example")
    assert judged == Authentication(
        address="wei@corp.example", result="fail", reasons=("dmarc=fail header.from=corp.example",)
    )


def test_only_the_topmost_header_of_the_relay_counts() -> None:
    assert verdict(f"{ID}; dmarc=fail", f"{ID}; dmarc=pass").result == "fail"
    assert verdict("other.example; dmarc=fail", f"{ID}; dmarc=pass").result == "pass"


def test_microsoft_365_names_the_recipients_domain_between_the_results() -> None:
    results = (
        "spf=pass (sender IP is 192.0.2.1) smtp.mailfrom=corp.example; desk.example; dkim=pass (signature was verified)"
        " header.d=corp.example;desk.example; dmarc=pass action=none header.from=corp.example;"
    )
    assert verdict(results, authserv_id="desk.example").result == "pass"
    assert verdict(results, authserv_id="corp.example").result == "none"


def test_microsoft_365_without_an_id_counts_where_its_relay_is_the_configured_one() -> None:
    results = "spf=pass smtp.mailfrom=corp.example; dmarc=pass action=none header.from=corp.example;compauth=pass"
    assert verdict(results, authserv_id="desk-example.mail.protection.outlook.com").result == "pass"
    assert verdict(results, authserv_id=ID).result == "none"


PROVIDERS = {
    "google": "mx.google.example;\r\n       dkim=pass header.i=@corp.example header.s=20230601 header.b=aB1c;\r\n     "
    "  spf=pass (google.example: domain of wei@corp.example designates 192.0.2.1 as permitted sender) "
    "smtp.mailfrom=wei@corp.example;\r\n       dmarc=pass (p=NONE sp=NONE dis=NONE) header.from=corp.example",
    "yahoo": "atlas1.yahoo.example;\n dkim=pass header.i=@corp.example header.s=s1;\n spf=none smtp.mailfrom=x.example;"
    "\n dmarc=pass(p=REJECT) header.from=corp.example;",
    "fastmail": "mx1.messagingengine.example;\n    dkim=pass (2048-bit rsa key sha256) header.d=corp.example "
    "header.i=@corp.example header.b=aB1c header.a=rsa-sha256 header.s=s1 x-bits=2048;\n    dmarc=pass "
    "policy.published-domain-policy=reject policy.applied-disposition=none (p=reject,d=none,d.eval=none) "
    "policy.policy-from=p header.from=corp.example;\n    iprev=pass smtp.remote-ip=192.0.2.1 (mx.corp.example)",
    "qq": "mx.qq.example; spf=pass smtp.mailfrom=<wei@corp.example>; dkim=none; dmarc=none(permerror) "
    "header.from=corp.example",
    "netease": "mx45; spf=pass smtp.mail=wei@corp.example; dkim=pass header.i=@corp.example",
    "aliyun": "mx.aliyun.example; dkim=none; spf=pass smtp.mailfrom=wei@corp.example; "
    "dmarc=pass header.from=corp.example",
    "rspamd": "mx.rspamd.example;\n\tdkim=pass header.d=corp.example header.s=s1 header.b=aB1c;\n\tspf=softfail "
    '(mx.rspamd.example: 192.0.2.1 is neither permitted nor denied by domain of "wei@x.example") '
    'smtp.mailfrom="wei@x.example";\n\tdmarc=pass (policy=none) header.from=corp.example',
    "opendmarc": "mx.opendmarc.example; dmarc=pass (p=reject dis=none) header.from=corp.example",
    "opendkim": "mx.opendkim.example;\n\tdkim=pass (2048-bit key; unprotected) header.d=corp.example "
    'header.i=@corp.example header.a=rsa-sha256 header.s=s1 header.b="aB1c/d=="',
    "policyd-spf": "mx.policyd.example; spf=pass (sender SPF authorized) smtp.mailfrom=corp.example "
    "(client-ip=192.0.2.1; helo=mx.corp.example; envelope-from=wei@corp.example; receiver=it@desk.example)",
}


@pytest.mark.parametrize("results", PROVIDERS.values(), ids=PROVIDERS)
def test_the_results_of_each_provider_are_read(results: str) -> None:
    authserv_id = results.partition(";")[0]
    assert verdict(results, authserv_id=authserv_id).result == "pass"
    assert verdict(results.replace("corp.example", "evil.example"), authserv_id=authserv_id).result == "none"
    assert verdict(results.replace("=pass", "=fail"), authserv_id=authserv_id).result != "pass"
    assert verdict(results, authserv_id="other.example").result == "none"


def test_of_two_headers_of_one_relay_the_upper_one_counts() -> None:
    signed = f"{ID};\n\tdkim=pass (2048-bit key) header.d=corp.example"
    assert verdict(f"{ID}; dmarc=pass header.from=corp.example", signed).result == "pass"
    assert verdict(f"{ID}; dmarc=fail header.from=corp.example", signed).result == "fail"


def test_an_unreadable_from_is_never_authenticated() -> None:
    assert verdict(f"{ID}; dmarc=pass", sender=b"a@b.example, c@d.example").result == "none"


def test_an_escaped_quote_ends_no_quoted_string() -> None:
    assert verdict(f'{ID}; dkim=fail reason="a\\"; dmarc=pass"').result == "none"
    assert verdict(f'{ID}; spf=none reason="a\\""; dmarc=pass').result == "pass"


@given(st.lists(st.tuples(st.sampled_from([b"From", b"Authentication-Results"]), st.binary(max_size=200))))
def test_any_octets_give_a_verdict(headers: list[tuple[bytes, bytes]]) -> None:
    judged = judge(headers, ID)
    assert judged.address.isascii()
