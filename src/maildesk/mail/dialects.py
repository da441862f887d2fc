"""Delivery reports that are prose: the phrases of mail servers and providers, and the addresses that stand by them."""

import re
from collections.abc import Sequence

from maildesk.mail import citation
from maildesk.mail.citation import any_of
from maildesk.mail.model import BouncedRecipient
from maildesk.mail.origin import BOUNCER

_LINES = 400  # of a report that are looked at
_LONGEST = 1_000  # characters of a line
_PLACES = 5  # at which an address stands that are looked at

_SUBJECTS = any_of(r"""
    undeliver(?:able|ed)\b / non[- ]?deliver / nondeliverable
    delivery (?:status|failure|failed|error|problem|has failed|report|notification|unsuccessful)
    failed delivery / failure delivery / failure notice / permanent delivery / transient failure / delayed mail
    mail(?: system)? (?:delivery|error|failure) / message delivery / e-?mail delivery / unable to deliver
    returned (?:e-?mail|mail|message) / mail returned / could not (?:send|deliver) / mail could not
    message (?:could not|status|returned|was not) / your message was not delivered / automatically rejected mail
    user unknown / unknown (?:user|recipient) / mailbox (?:full|unavailable) / bounced? (?:mail|message)
    unzustellbar / nicht zustellbar / nachricht nicht / fehler bei der / non remis / message non / échec
    no se (?:puede|ha podido) entregar / no entregado / notificación de estado / mancato recapito
    onbestelbaar / olevererbart / kan ikke leveres / não entregue / не ?доставлен / недоставл
    (?:系统)?退信 / 无法投递 / 無法投遞 / 投递失败 / 投遞失敗 / 发送失败 / 未送达 / 无法送达 / 無法傳遞
    传递状态 / 邮件退回 / 来自.{1,20}的退信 / 配信不能 / 配信エラー / メールエラー / 送信エラー / 반송 / 전송 ?실패
""")
_DELAYS = any_of(r"""
    (?:not|could not|has not|cannot) (?:yet )?be(?:en)? delivered (?:yet|for|within|after|in the last) / not yet been
    will (?:keep trying|continue to|be retried|try again|retry) / still (?:being )?(?:queued|trying)
    delivery (?:is |has been )?delayed / message delayed / delayed mail / warning message only
    do not need to re-?send / no action is required on your part / temporary (?:error|failure|problem) / transient
    (?:邮件|郵件).{0,10}(?:延迟|延遲) / (?:将|將)(?:继续|繼續)(?:尝试|嘗試)
""")
_FAILURES = any_of(r"""
    undeliver(?:able|ed) / not (?:be )?deliver / non-?delivery / no mailbox / rejected / refused / aborted / deferred
    (?:could|can|did|was|were|has|have)(?: ?not|n['’]t) (?:be |been |reach|receive)
    (?:wasn['’]t|not|un)\s?able to (?:deliver|send) / unable to (?:be )?(?:deliver|relay|forward|locate)
    fail(?:ed|ure)\b / bounced?\b / not (?:like|accepting) / permanent (?:fatal )?(?:error|failure) / fatal errors?
    returned (?:to you|mail|to sender|because) / (?:unknown|invalid) (?:final )?(?:delivery )?user
    (?:unknown|invalid|no such|inactive|disabled|illegal|nonexistent) (?:local )?(?:user|recipient|address|host|mailbox)
    (?:user|recipient|address|mailbox|account|host)\b.{0,60}\b(?:unknown|not (?:found|known|listed)|full|disabled)
    (?:user|recipient|address|mailbox|account|host)\b.{0,60}\b(?:does(?: not|n['’]t)|is not|exceed|unavailable|has been)
    over quota / errors? (?:occurred|encountered) / (?:error|problem)s? (?:was detected|deliver|while|has occurred)
    delivery (?:error|problem)s? / zustell / nicht (?:zugestellt|erreicht) / remis / échoué / entregar / recapit
    无法(?:投递|送达|发送|到达) / 無法(?:投遞|送達|傳遞) / 退信 / 退回 / 拒收 / 拒绝 / 失败 / 失敗 / 不存在 / 未能
    配信 / недоставлен / доставить / 반송
""")
# Where the report ends and the mail that was sent begins.
_COPIES = any_of(r"""
    (?:\w{3,9} ){0,2}(?:is )?(?:an? |the )?(?:copy|part|beginning|headers?|body|text) of
    (?:the )?first \d+ lines of / below (?:this|the next) line / (?:start|begin)(?:ning)? of
    (?:the |your )?(?:original|returned|unsent|undelivered|offending|bounced|old) (?:message|mail|e-?mail|text)
    the headers? and
    message (?:headers?|contents?|text|body|follows) / 原始?(?:邮件|郵件|信件)(?:内容|正文|如下)
    content-type:\s*message/rfc822
    (?:received|return-path|message-id|mime-version|x-[a-z-]{2,30})\s{0,2}:\s
""")
_LABELS = any_of(r"""
    to / cc / recipients? / failed recipients? / intended recipient / final-recipient / original-recipient / rcpt to
    user / unknown user / name / e-?mail / email address / mail ?box / address / invalid (?:address|recipient)
    invalid final delivery userid / error-for / target mail address / destinataire / empfänger / destinatario
    收件人 / 收信人 / 邮箱 / 地址
""")

SUBJECT = re.compile(rf"\s*(?:\*{{0,3}}\s*(?:warning|notice|error)\s*[:：]\s*)?{_SUBJECTS}", re.IGNORECASE)
_DELAYED = re.compile(_DELAYS, re.IGNORECASE)
_FAILED = re.compile(_FAILURES, re.IGNORECASE)
_COPY = re.compile(rf"[-=_*+\s>]{{0,60}}{_COPIES}", re.IGNORECASE)
_LISTED = re.compile(
    rf"[\s>*|-]{{0,12}}(?:{_LABELS}(?:\(s\)|\(es\))?\s{{0,2}}[:：;=]{{1,2}}\s{{0,3}})?(?:rfc822;\s?|smtp[;:=]\s?)?"
    rf"[<\"'(\[]{{0,2}}(?:mailto:|smtp[:=])?({citation.ADDRESS.pattern})[>\"')\]]{{0,3}}",
    re.IGNORECASE,
)
_FINAL = re.compile(
    r"giv(?:en|ing) up|permanent(?!ly)|failed permanently|(?<!\d)5\d\d[ -]|(?<![\d.])5\.\d\.\d|too long|fatal",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"^(?:smtp|mailto|rfc822)[=:;]", re.IGNORECASE)
_STATUS = re.compile(r"(?<![\d.])([245]\.\d{1,3}\.\d{1,3})(?![\d.])")


def recipients(
    text: str, own: str, *, certain: bool, failed: Sequence[str] = ()
) -> tuple[BouncedRecipient, ...] | None:
    """The recipients a mail system's report in prose names, () when it names none, None when it reports nothing.

    `failed` is what X-Failed-Recipients says, `own` the address that sends the report; `certain` says that it is a
    report whatever its words are.
    """
    report, _ = _report(text)
    start = _start(report)
    if start is None and not certain:
        return None
    at = start or 0
    found = list(failed) or _listed(report[at:], own) or _listed(report[:at], own)
    return _named(found or _mentioned(report[at : at + 6], own), report)


def anonymous(text: str, own: str, *, copied: bool) -> tuple[BouncedRecipient, ...] | None:
    """The same of a mail that only its subject makes look like a report.

    People write about bounces too: so it takes addresses that stand as a list, and a copy of the mail that was sent,
    below the text or attached (`copied`).
    """
    report, ended = _report(text)
    found = _listed(report, own)
    if not found or not (ended or copied) or _start(report) is None:
        return None
    return _named(found, report)


def _start(report: Sequence[str]) -> int | None:
    """The first line that tells of a failure or a delay."""
    return next((index for index, line in enumerate(report) if _FAILED.search(line) or _DELAYED.search(line)), None)


def _named(found: Sequence[str], report: Sequence[str]) -> tuple[BouncedRecipient, ...]:
    said = "\n".join(report)
    action = "delayed" if _DELAYED.search(said) and not _FINAL.search(said) else "failed"
    unique = dict.fromkeys(_SCHEME.sub("", address).strip("'.") for address in found)
    return tuple(_recipient(address, action, report) for address in unique)


def _report(text: str) -> tuple[list[str], bool]:
    """The lines above the copy of the mail that was sent, and whether there is one."""
    lines = [line[:_LONGEST] for line in text.splitlines()[:_LINES]]
    start = _start(lines)
    if start is not None:
        for index in range(start + 1, len(lines)):
            if _is_copy(lines[index]):
                return lines[:index], True
    return lines, False


def _is_copy(line: str) -> bool:
    return _COPY.match(line) is not None or citation.is_divider(line) or citation.is_forward(line)


def _listed(report: Sequence[str], own: str) -> list[str]:
    """The addresses that begin a line, as most servers list them."""
    matches = (_LISTED.match(line) for line in report)
    return [match[1].rstrip(".") for match in matches if match and not _is_ours(match[1], own)]


def _mentioned(near: Sequence[str], own: str) -> list[str]:
    """The first address in the sentence about the failure."""
    found = (match[0] for match in citation.ADDRESS.finditer(" ".join(near)) if not _is_ours(match[0], own))
    return list(found)[:1]


def _is_ours(address: str, own: str) -> bool:
    """Whether an address is the reporter's own, or one to ask."""
    return address.lower() == own.lower() or BOUNCER.fullmatch(address.rpartition("@")[0]) is not None


def _recipient(address: str, action: str, report: Sequence[str]) -> BouncedRecipient:
    """One recipient with the first status that stands at or close below its address."""
    places = [index for index, line in enumerate(report) if address in line][:_PLACES] or [0]
    near = [" ".join(" ".join(report[start : start + 6]).split())[:500] for start in places]
    diagnostic = next((text for text in near if _STATUS.search(text)), near[0])
    status = _STATUS.search(diagnostic)
    return BouncedRecipient(address=address, status=status[1] if status else "", action=action, diagnostic=diagnostic)
