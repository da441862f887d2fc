"""Whom a pause waits for, from the reason that the staff gave in their own words."""

import re

_VENDOR = re.compile(r"\b(?:vendor|supplier|carrier|manufacturer)\b|厂商|厂家|供应商|运营商|第三方", re.IGNORECASE)
_REQUESTER = re.compile(r"\b(?:requester|user|customer|client|reply|answer)\b|用户|客户|对方|回复|反馈", re.IGNORECASE)


def waits_for(reason: str) -> str:
    """Whom a pause waits for: vendor, requester, or "" for anything else."""
    if _VENDOR.search(reason):
        return "vendor"
    return "requester" if _REQUESTER.search(reason) else ""
