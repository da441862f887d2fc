"""How far a From can be believed: a strict reader of From, and the trusted relay's verdict (PROTOCOLS 4, RFC 8601)."""

import re
from collections.abc import Sequence

from maildesk.mail.ids import domain_of
from maildesk.mail.model import Authentication, Verdict

RawHeaders = Sequence[tuple[bytes, bytes]]

_LONGEST = 16_384  # octets of one header; PROTOCOLS 5
_FOLD = re.compile(rb"\r?\n(?=[ \t])")
_ODD = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")
_ATOM = rb"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_ADDRESS = rb"(" + _ATOM + rb"(?:\." + _ATOM + rb")*+)@([A-Za-z0-9_.-]++)"
_COMMENT = rb"\([^()\\]*+\)"
# A phrase of words, quoted strings and comments. Octets above 127 pass: they name, they do not address.
_PHRASE = rb"(?:[^\x00-\x20\"()<>@,;:\\\[\]\x7f]++|\"(?:[^\"\\]|\\.)*+\"|" + _COMMENT + rb"|[ \t]++)*+"
_NAMED = re.compile(_PHRASE + rb"<" + _ADDRESS + rb">[ \t]*+(?:" + _COMMENT + rb"[ \t]*+)?")
_BARE = re.compile(rb"[ \t]*+" + _ADDRESS + rb"[ \t]*+(?:" + _COMMENT + rb"[ \t]*+)?")
_LABEL = re.compile(rb"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?")

# Microsoft 365 writes the results without an authserv-id, or the recipient's domain between them.
_MICROSOFT = ("outlook.com", "office365.com")

_RESULT = re.compile(r"([a-z][a-z0-9-]*)(?:\s*/\s*\d+)?\s*=\s*([a-z]+)", re.IGNORECASE)
_PROPERTY = re.compile(r"""\s+([a-z]+(?:\s*\.\s*[a-z0-9_-]+)?)\s*=\s*("(?:[^"\\]|\\.)*+"|[^\s"]+)""", re.IGNORECASE)
_IDENTIFIER = re.compile(r"([^\s=/]+)(?:\s+\d+)?")


def judge(headers_raw: RawHeaders, authserv_id: str) -> Authentication:
    """The single From that carries authority, and what the trusted relay says of it.

    `pass` needs dmarc=pass, or dkim=pass or spf=pass for the From domain or a parent of it; dmarc=fail is `fail`;
    all else is `none`. Only the topmost Authentication-Results of `authserv_id` is read.
    """
    address, reason = _strict_from(headers_raw)
    if not address:
        return Authentication(reasons=(reason,))
    if not authserv_id.strip():
        return Authentication(address=address, reasons=("no authserv-id is configured",))
    results = _trusted_results(headers_raw, authserv_id.strip().lower())
    if results is None:
        return Authentication(address=address, reasons=(f"no Authentication-Results of {authserv_id.strip()}",))
    verdict, reasons = _verdict(results, domain_of(address))
    return Authentication(address=address, result=verdict, reasons=reasons)


def _strict_from(headers_raw: RawHeaders) -> tuple[str, str]:
    """The address, or "" and what is wrong."""
    values = [value for name, value in headers_raw if name.strip().lower() == b"from"]
    if len(values) != 1:
        return "", f"{len(values)} From headers"
    value = _FOLD.sub(b"", values[0][: _LONGEST + 1]).strip(b" \t\r\n")
    if len(value) > _LONGEST or _ODD.search(value):
        return "", "From holds control characters or is too long"
    match = _NAMED.fullmatch(value) or _BARE.fullmatch(value)
    if match is None:
        return "", "From is not exactly one plain mailbox"
    local, domain = match[1], match[2]
    labels = domain.split(b".")
    if b"=?" in local or len(local) > 64 or len(domain) > 253 or not all(map(_LABEL.fullmatch, labels)):
        return "", "From holds an odd address"
    return f"{local.decode('ascii')}@{domain.decode('ascii').lower()}", ""


def _trusted_results(headers_raw: RawHeaders, authserv_id: str) -> list[str] | None:
    """The parts of the topmost header of the trusted relay, None when there is none."""
    for name, value in headers_raw:
        if name.strip().lower() != b"authentication-results":
            continue
        parts = _parts(_FOLD.sub(b"", value[:_LONGEST]).decode("ascii", "replace"))
        ids = [found[1].strip('"').lower() for part in parts if (found := _IDENTIFIER.fullmatch(part))]
        named = {one for one in ids if one != "none"}
        if named == {authserv_id} or (parts and not named and authserv_id.endswith(_MICROSOFT)):
            return parts
    return None


def _parts(value: str) -> list[str]:
    """The value cut at semicolons, without comments; [] when a comment or a quoted string never ends."""
    parts = [""]
    depth, quoted, escaped = 0, False, False
    kept: list[str] = []
    for c in value:
        if escaped or c == "\\":
            escaped = not escaped
        elif quoted or (c == '"' and depth == 0):
            quoted = c != '"' if quoted else True
        elif c == "(":
            depth += 1
        elif c == ")" and depth:
            depth -= 1
            c = " "
        elif c == ";" and depth == 0:
            parts[-1] = "".join(kept).strip()
            parts.append("")
            kept = []
            continue
        if depth == 0:
            kept.append(c)
    parts[-1] = "".join(kept).strip()
    return [] if depth or quoted else [part for part in parts if part]


def _verdict(results: Sequence[str], domain: str) -> tuple[Verdict, tuple[str, ...]]:
    """pass, fail or none, and the results that decide it."""
    read = [_read(result, head) for result in results if (head := _RESULT.match(result))]
    failed = [text for method, result, _, text in read if (method, result) == ("dmarc", "fail")]
    if failed:
        return "fail", tuple(failed)
    passed = [
        text for method, result, properties, text in read if result == "pass" and _aligned(method, properties, domain)
    ]
    if passed:
        return "pass", tuple(passed)
    return "none", tuple(text for *_, text in read) or ("the relay checked nothing",)


def _read(result: str, head: re.Match[str]) -> tuple[str, str, dict[str, str], str]:
    """method, result, properties and the text of one result, of which `head` is the part up to them."""
    properties: dict[str, str] = {}
    for found in _PROPERTY.finditer(result, head.end()):
        key = re.sub(r"\s", "", found[1]).lower()
        properties.setdefault(key, found[2].strip('"').lower())
    return head[1].lower(), head[2].lower(), properties, " ".join(result[:200].split())


def _aligned(method: str, properties: dict[str, str], domain: str) -> bool:
    """Whether a pass is about the From domain. dmarc is by itself, unless it names another domain (RFC 7489 6.6)."""
    if method == "dmarc":
        return properties.get("header.from", domain).rpartition("@")[2] == domain
    if method == "dkim":
        identity = properties.get("header.d") or properties.get("header.i", "")
    elif method == "spf":
        identity = properties.get("smtp.mailfrom") or properties.get("smtp.mail", "")
    else:
        return False
    signer = identity.strip("<>").rpartition("@")[2].rstrip(".")
    return signer == domain or ("." in signer and domain.endswith(f".{signer}"))
