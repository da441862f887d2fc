"""Priority from impact and urgency, and the sentence that says why."""

from collections.abc import Callable, Mapping
from typing import Literal, get_args

from maildesk.desk.classification import Classification
from maildesk.desk.model import Impact, Priority, Ticket
from maildesk.desk.policy import Policy

Language = Literal["zh", "en"]

PRIORITIES: tuple[Priority, ...] = get_args(Priority)  # the most urgent first
NAMES: Mapping[str, Mapping[str, Priority]] = {
    "zh": {"紧急": "P1", "高": "P2", "中": "P3", "低": "P4"},
    "en": {"critical": "P1", "high": "P2", "medium": "P3", "low": "P4"},
}
_LONGEST_REASON = 120
_DEGREES: Mapping[Language, Mapping[Impact, str]] = {
    "en": {"low": "low", "medium": "medium", "high": "high", "major": "major"},
    "zh": {"low": "低", "medium": "中", "high": "高", "major": "重大"},
}
_OWN: Mapping[Language, Mapping[str, str]] = {
    "en": {
        "mark": "the mail is marked as urgent",
        "vip": "a requester with precedence",
        "staff": "as the engineer sees it",
    },
    "zh": {"mark": "邮件标为紧急", "vip": "优先服务的用户", "staff": "工程师判定"},
}
_AGED: Mapping[Language, str] = {"en": "; raised because it has been open for long", "zh": "，因等待已久而提高"}
_CHINESE_KINDS = {"rule": "规则", "service": "服务"}


def named(priority: str, language: str) -> str:
    """A priority as people read it: P1 critical, P1 紧急; what is none stays as it is."""
    name = next((name for name, known in NAMES[language].items() if known == priority), "")
    return f"{priority} {name}".strip()


def decide(classification: Classification, policy: Policy) -> Priority:
    """The priority that the operator's matrix gives to an impact and an urgency (ITIL: matrix[impact][urgency]).

    A rule's cap may make it less urgent, a rule's floor more; the floor has the last word.
    """
    found = policy.matrix[classification.impact][classification.urgency]
    capped = max(found, classification.priority_at_most or found)
    return min(capped, classification.priority_at_least or capped)


def bound(classification: Classification, policy: Policy) -> str:
    """What moved the priority away from the matrix's, in words: the floor or the cap of a rule; "" when nothing did."""
    given, found = decide(classification, policy), policy.matrix[classification.impact][classification.urgency]
    if given == found:
        return ""
    key, words = ("priority_at_least", "at least") if given < found else ("priority_at_most", "at most")
    return f"{words} {given}: {classification.set_by.get(key, '')}".removesuffix(": ")


def sentence(ticket: Ticket, language: Language, *, outside: bool = False) -> str:
    """Why the ticket has its priority: one plain sentence, for the reader of a mail.

    A reason may hold words of a mail: they are cut to one short line. A reader from `outside` sees those words, not
    the names of our rules.
    """
    because = _plain(_words if outside else _because)
    impact, urgency = because(ticket.impact_reason, language), because(ticket.urgency_reason, language)
    by, degrees = _line(ticket.priority_by), _DEGREES[language]
    if language == "zh":
        if by:
            return f"优先级 {ticket.priority} 由 {by} 手动设定。"
        return (
            f"优先级 {ticket.priority}：影响程度{degrees[ticket.impact]}（{impact}），"
            f"紧急程度{degrees[ticket.urgency]}（{urgency}）{_bounded(ticket, language, because)}"
            f"{_AGED['zh'] if ticket.aged else ''}。"
        )
    if by:
        return f"Priority {ticket.priority} was set by hand by {by}."
    return (
        f"Priority {ticket.priority}: impact {degrees[ticket.impact]} ({impact}), "
        f"urgency {degrees[ticket.urgency]} ({urgency}){_bounded(ticket, language, because)}"
        f"{_AGED['en'] if ticket.aged else ''}."
    )


def _plain(because: Callable[[str, Language], str]) -> Callable[[str, Language], str]:
    """The same, with the desk's own words for who asks and for how he marked his mail."""

    def said(reason: str, language: Language) -> str:
        own = _OWN[language].get(reason.partition(":")[0])
        return own or because(reason, language)

    return said


def _bounded(ticket: Ticket, language: Language, because: Callable[[str, Language], str]) -> str:
    """The floor or cap that moved the priority away from the matrix's."""
    words, _, reason = ticket.priority_bound.partition(": ")
    if not words:
        return ""
    if language == "zh":
        words = words.replace("at least ", "不低于 ").replace("at most ", "不高于 ")
        return f"，{words}（{because(reason, language)}）"
    return f"; {words} ({because(reason, language)})"


def _because(reason: str, language: Language) -> str:
    """What set a degree, `rule <name>: <text>` or `service <name>: <text>`, in the reader's language."""
    line = _line(reason)
    if language == "en":
        return line or "by default"
    kind, blank, rest = line.partition(" ")
    name, colon, text = rest.partition(": ")
    if blank and kind in _CHINESE_KINDS:
        return f"{_CHINESE_KINDS[kind]} {name}" + (f"：{text}" if colon else "")
    return line or "默认"


def _words(reason: str, language: Language) -> str:
    """The words of the mail that set a degree, in quotation marks."""
    _, _, text = _line(reason).partition(": ")
    if not text:
        return "默认" if language == "zh" else "by default"
    return f"“{text}”"


def _line(text: str) -> str:
    """Text as one line of bounded length, without anything that is not shown."""
    cut = text[: 4 * _LONGEST_REASON]
    shown = cut if cut.isprintable() else "".join(c if c.isprintable() else " " for c in cut)
    line = " ".join(shown.split())
    return line if len(line) <= _LONGEST_REASON else f"{line[: _LONGEST_REASON - 1]}…"
