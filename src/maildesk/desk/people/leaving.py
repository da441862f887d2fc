"""#leave: a member of the staff says by mail when he is away and who stands in for him."""

import re
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from maildesk.desk.clocks import dates
from maildesk.desk.model import LeaveWord
from maildesk.desk.people import directory, owners
from maildesk.desk.policy import Person, Policy

_LONGEST = timedelta(days=200)
_CANCEL = re.compile(r"(?:cancel|off|取消|销假|撤销)\W*", re.IGNORECASE)
_TO = re.compile(r"\s*(?:to|until|till|through|-|–|—|~|至|到)\s*", re.IGNORECASE)
_FROM = re.compile(r"^(?:from|从|自)\s*", re.IGNORECASE)
_DEPUTY = re.compile(
    r"\s*[,，;；]?\s*(?:deputy|with|代理人?|由)\s*[:：]?\s*@?(?P<name>.+?)(?:\s*代理)?\s*", re.IGNORECASE
)
_USAGE = (
    "say from when to when: #leave 12-24 to 12-31 deputy li, or #leave cancel",
    "请写明起止日期：#请假 12-24 至 12-31 代理 李雷；取消用 #请假 取消",
)


def read(argument: str, person: Person, policy: Policy, at: datetime, cause: str) -> LeaveWord | tuple[str, str]:
    """What he says of his leave, or what is wrong with it in English and Chinese."""
    if _CANCEL.fullmatch(argument):
        return LeaveWord(person=person.key, at=at, cause=cause)
    today = at.astimezone(ZoneInfo(person.timezone or policy.timezone)).date()
    text = _FROM.sub("", argument)
    try:
        begins = dates.day(text, today)
        if begins is None:
            return _USAGE
        first, length = begins
        between = _TO.match(text, length)
        ends = _last_day(text[between.end() :], today, first) if between else None
    except ValueError:
        return (f"{argument} holds no such date", f"“{argument}”里的日期不存在")
    if between and ends is None:
        return _USAGE
    last = ends[0] if ends else first
    rest = text[between.end() + ends[1] if between and ends else length :].strip()
    deputy, wrong = _deputy(rest, person, policy)
    if wrong:
        return wrong
    if last < today:
        return ("that leave is over", "这段假期已经过去了")
    if last < first or last - first > _LONGEST:
        return (f"from {first} to {last} is no leave", f"{first} 至 {last} 不是一段假期")
    return LeaveWord(person=person.key, at=at, cause=cause, first=first, last=last, deputy=deputy)


def _last_day(text: str, today: date, first: date) -> tuple[date, int] | None:
    """The day that a leave ends: 下周三 is that of next week, whichever day it began; 01-03 that behind its first."""
    found = dates.day(text, today)
    return found if found is None or found[0] >= first else dates.day(text, first)


def _deputy(rest: str, person: Person, policy: Policy) -> tuple[str, tuple[str, str] | None]:
    """The key of who stands in, or what is wrong."""
    if not rest:
        return "", None
    match = _DEPUTY.fullmatch(rest)
    found = owners.find_person(match["name"], policy) if match else None
    if match is None:
        return "", _USAGE
    if found is None or found.key == person.key:
        return "", (f"{match['name']} cannot stand in for you", f"{match['name']} 不能做您的代理人")
    return found.key, None


def said(word: LeaveWord, person: Person, policy: Policy) -> tuple[str, str]:
    """What was kept, in English and Chinese."""
    if word.first is None:
        return ("Your leave given by mail is cancelled.", "您用邮件请的假已取消。")
    deputy = policy.people.get(word.deputy or person.deputy)
    english = f"You are away from {word.first} to {word.last}"
    chinese = f"您 {word.first} 至 {word.last} 请假"
    if deputy is None:
        return (f"{english}; nobody stands in for you. #leave cancel", f"{chinese}，没有代理人。取消请回复 #请假 取消")
    name = directory.recipient(deputy, policy).name
    return (
        f"{english}; {name} stands in for you. To cancel: #leave cancel",
        f"{chinese}，由 {name} 代理。取消请回复 #请假 取消",
    )
