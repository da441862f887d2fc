"""What stands out in a period, in plain words: the page of whoever owns the process."""

from collections.abc import Callable, Iterator

from maildesk.desk.policy import Policy
from maildesk.reports import words
from maildesk.reports.figures import Figures

_MOST = 8
_FEW = 5  # fewer than so many say nothing
_GOAL = 0.9
Say = Callable[[str, str], str]


def remarks(now: Figures, before: Figures, policy: Policy, language: str) -> list[str]:
    """The sentences, the weightiest first."""
    say = words.chooser(language)
    found = [
        *_targets(now, before, policy, language, say),
        *_flow(now, before, say),
        *_growth(now, before, policy, language, say),
        *_quality(now, before, say),
        *_concentrated(now, policy, language, say),
    ]
    if not found:
        return [say("Nothing stands out: the desk runs as before.", "没有需要特别注意的变化，服务台运行平稳。")]
    return found[:_MOST]


def _targets(now: Figures, before: Figures, policy: Policy, language: str, say: Say) -> Iterator[str]:
    share = now.share("resolution.met", "resolution.missed")
    earlier = before.share("resolution.met", "resolution.missed")
    missed = now.count("resolution.missed")
    if share is not None and share < _GOAL and missed:
        moved = words.change(100 * share, 100 * earlier) if earlier is not None else ""
        yield say(
            f"{words.percent(share)} were resolved on target, {missed} were not"
            + (f" ({moved} points against the period before)." if moved else "."),
            f"按时解决率 {words.percent(share)}，有 {missed} 张超时"
            + (f"（比上一周期 {moved} 个百分点）。" if moved else "。"),
        )
        yield from _worst(now, policy, language, say)
    causes = now.below("breach")
    if causes and sum(causes.values()) >= _FEW:
        cause, count = next(iter(causes.items()))
        yield say(
            f"The most frequent reason for a missed target: {words.say(cause, 'en')} ({count} times).",
            f"超时最常见的原因：{words.say(cause, 'zh')}（{count} 次）。",
        )


def _worst(now: Figures, policy: Policy, language: str, say: Say) -> Iterator[str]:
    missed = now.below("resolution.missed.group")
    group = next(iter(missed), "")
    if len(missed) > 1 and missed[group] * 2 > sum(missed.values()):
        name = words.label("group", group, policy, language)
        yield say(
            f"More than half of them were with the group {name}: {missed[group]}.",
            f"其中超过一半在 {name} 组：{missed[group]} 张。",
        )


def _flow(now: Figures, before: Figures, say: Say) -> Iterator[str]:
    grown = now.count("backlog") - before.count("backlog")
    if abs(grown) >= _FEW and abs(grown) * 10 >= before.count("backlog"):
        yield say(
            f"The backlog {'grew' if grown > 0 else 'shrank'} by {abs(grown)} to {now.count('backlog')}.",
            f"未结工单{'增加' if grown > 0 else '减少'}了 {abs(grown)} 张，现有 {now.count('backlog')} 张。",
        )
    old = now.count("backlog.age.over 30 days")
    if old:
        yield say(f"{old} tickets have been open for more than 30 days.", f"有 {old} 张工单超过 30 天没有解决。")
    opened, earlier = now.count("opened"), before.count("opened")
    if earlier >= _FEW and abs(opened - earlier) * 5 >= earlier:
        moved = round(100 * (opened - earlier) / earlier)
        yield say(
            f"{'More' if moved > 0 else 'Fewer'} tickets came in than before: {opened} after {earlier} ({moved:+} %).",
            f"新增工单比上一周期{'多' if moved > 0 else '少'}：{opened} 张，上一周期 {earlier} 张（{moved:+} %）。",
        )


def _growth(now: Figures, before: Figures, policy: Policy, language: str, say: Say) -> Iterator[str]:
    earlier = before.below("opened.category")
    grown = {key: count - earlier.get(key, 0) for key, count in now.below("opened.category").items()}
    key = max(grown, key=lambda one: (grown[one], one), default="")
    if earlier and key and grown[key] >= _FEW and grown[key] * 2 >= earlier.get(key, 0):
        name = words.label("category", key, policy, language)
        yield say(f"{name} grew the most: {grown[key]} more tickets.", f"“{name}”增长最多：多了 {grown[key]} 张。")


def _quality(now: Figures, before: Figures, say: Say) -> Iterator[str]:
    resolved, reopened = now.count("resolved"), now.count("reopened")
    if reopened >= _FEW and reopened * 10 >= resolved:
        yield say(
            f"{reopened} tickets were opened again after their solution.", f"有 {reopened} 张工单解决后又被重新打开。"
        )
    mean = now.mean("rated")
    if mean is not None and now.count("rated") >= _FEW and mean < 4:
        yield say(
            f"Requesters rate the desk {mean:.1f} of 5; {now.count('rated.low')} gave 2 or less.",
            f"用户平均评分 {mean:.1f}（满分 5 分），其中 {now.count('rated.low')} 位打了 2 分及以下。",
        )


def _concentrated(now: Figures, policy: Policy, language: str, say: Say) -> Iterator[str]:
    opened, faults = now.count("opened"), now.below("opened.fault")
    fault = next(iter(faults), "")
    if fault and faults[fault] >= 2 * _FEW and faults[fault] * 4 >= opened:
        name = words.label("fault", fault, policy, language)
        yield say(
            f"A quarter or more of all tickets are of one kind: {name} ({faults[fault]}).",
            f"四分之一以上的工单属于同一类：{name}（{faults[fault]} 张）。",
        )
