"""Message-IDs and addresses: one canonical form, and ids of our own that carry a capability (PROTOCOLS 3)."""

import hashlib
import hmac
import re
from base64 import b32encode
from string import ascii_lowercase, ascii_uppercase

KEY_BYTES = 32
_LONGEST = 250
_OURS = re.compile(r"^(\d+)\.([a-z2-7]{16})\.([a-z2-7]{16})@", re.ASCII)
_ANGLE = re.compile(r"<([^<>]*)>")
_FOLDED = str.maketrans(ascii_uppercase, ascii_lowercase)


def canonical(message_id: str) -> str:
    """The one form in which a Message-ID is stored, compared and looked up.

    Angle brackets, white space and control characters go, the domain is lower-cased; a long or odd id is hashed,
    so no length breaks an insert. "" stays "".
    """
    bare = message_id.strip().strip("<>")
    if not bare.isprintable() or " " in bare:
        bare = "".join(c for c in bare if c.isprintable() and not c.isspace())
    if not bare:
        return ""
    left, at, domain = bare.rpartition("@")
    whole = f"{left}@{domain.lower()}" if at else bare
    if len(whole) <= _LONGEST and whole.isascii():
        return whole
    digest = hashlib.sha256(whole.encode("utf-8", "replace")).hexdigest()
    return f"{digest}@hashed.invalid"


def split(value: str, most: int = 100) -> tuple[str, ...]:
    """The canonical ids of a References or In-Reply-To, each once, in order; of very many the first and the last."""
    found = _ANGLE.findall(value) or [word for word in value.split() if "@" in word]
    ids = tuple(dict.fromkeys(filter(None, map(canonical, found))))
    return ids if len(ids) <= most else (*ids[:1], *ids[-(most - 1) :])


def _mac(key: bytes, purpose: str, text: str) -> str:
    digest = hmac.new(key, f"{purpose}\0{text}".encode(), hashlib.sha256).digest()
    return b32encode(digest[:10]).decode().lower()


def ring(keys: bytes) -> tuple[bytes, ...]:
    """The single keys, the newest first."""
    return tuple(keys[start : start + KEY_BYTES] for start in range(0, len(keys), KEY_BYTES))


def fingerprint(key: bytes) -> str:
    """What names a key without giving it away."""
    return hashlib.sha256(b"maildesk key" + key).hexdigest()[:12]


def ours(keys: bytes, dedupe_key: str, ticket: int | None, domain: str) -> str:
    """The Message-ID of an outgoing mail: `ticket.nonce.mac@domain`, the same for one dedupe_key and newest key."""
    number, key = ticket or 0, ring(keys)[0]
    nonce = _mac(key, "nonce", dedupe_key)
    return f"{number}.{nonce}.{_mac(key, 'mac', f'{number}.{nonce}')}@{domain.lower()}"


def verify(keys: bytes, message_id: str) -> int | None:
    """The ticket number inside a Message-ID of ours, None when no key made its mac. 0 is a mail about no ticket."""
    match = _OURS.match(message_id)
    if match is None:
        return None
    number, nonce, mac = match.groups()
    signed = f"{int(number)}.{nonce}"
    return int(number) if any(hmac.compare_digest(mac, _mac(key, "mac", signed)) for key in ring(keys)) else None


def thread_root(keys: bytes, ticket: int, recipient: str, domain: str) -> str:
    """An id that is sent only in References, so that all mails of a ticket to one person are one thread in any client.

    It is no capability: `verify` refuses it. It is made with the oldest key, so that a new one breaks no thread.
    """
    mac = _mac(ring(keys)[-1], "thread", f"{ticket}:{fold_address(recipient)}")
    return f"{ticket}.thread.{mac}@{domain.lower()}"


def plus_address(message_id: str, address: str) -> str:
    """The desk's address with the capability of a mail of ours in it: `it+ticket.nonce.mac@domain`."""
    local, _, domain = address.rpartition("@")
    return f"{local}+{message_id.partition('@')[0]}@{domain}"


def from_plus(address: str, own: str) -> str:
    """The canonical Message-ID inside a plus address of the desk, "" when there is none."""
    bare, tag = split_plus(address)
    return canonical(f"{tag.lower()}@{domain_of(own)}") if tag and same_address(bare, own) else ""


def split_plus(address: str) -> tuple[str, str]:
    """An address without what stands behind a plus sign in its local part, and that."""
    local, at, domain = address.rpartition("@")
    bare, _, tag = local.partition("+")
    return f"{bare}{at}{domain}", tag


def fold_address(address: str) -> str:
    """An address for comparing: ASCII letters folded, nothing else (NFKC would make a full-width `＠` match)."""
    return address.strip().translate(_FOLDED)


def same_address(one: str, other: str) -> bool:
    """Whether two addresses are the same mailbox as far as the desk can know."""
    return fold_address(one) == fold_address(other)


def domain_of(address: str) -> str:
    """The folded domain of an address, "" when it has none."""
    return fold_address(address).rpartition("@")[2] if "@" in address else ""
