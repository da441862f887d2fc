"""What staff can do: one row a command, in Chinese and English. Mails and the command line use the same rows."""

from collections.abc import Mapping
from typing import Literal

from maildesk.desk import changing, copying, drafting, maintaining, merging, reclassifying, splitting
from maildesk.desk.command import Acting, Command, Order
from maildesk.desk.draft import Draft

COMMANDS: Mapping[str, Command] = {
    "take": Command(words=("take", "accept", "接单", "认领"), run=changing.take, remark=True),
    "assign": Command(
        words=("assign", "转派", "指派"), run=changing.assign, text="note", glued=True, colon=r"\S.{0,60}"
    ),
    "escalate": Command(words=("escalate", "升级"), run=changing.escalate, text="note"),
    "note": Command(words=("note", "备注", "内部"), run=changing.note, text="note", glued=True, colon=r".+"),
    "pending": Command(words=("pending", "wait", "挂起"), run=changing.pending, glued=True, colon=r".+"),
    "resume": Command(words=("resume", "恢复"), run=changing.resume, remark=True),
    "resolve": Command(words=("resolve", "resolved", "已解决", "解决"), run=changing.resolve, colon=r".+"),
    "close": Command(words=("close", "关闭"), run=changing.close, remark=True),
    "reopen": Command(words=("reopen", "重开"), run=changing.reopen),
    "priority": Command(
        words=("priority", "prio", "优先级"), run=changing.priority, glued=True, colon=r"[Pp]?\s?[1-4]"
    ),
    "ack": Command(words=("ack", "seen", "知悉", "已阅"), run=changing.ack, remark=True),
    "extend": Command(words=("extend", "延期"), run=changing.extend, text="note", glued=True, colon=r"\d.+"),
    "stop": Command(words=("stop", "停止升级"), run=changing.stop, remark=True),
    "cause": Command(words=("cause", "原因"), run=changing.field("cause", "原因")),
    "solution": Command(words=("solution", "方案"), run=changing.field("solution", "方案")),
    "type": Command(words=("type", "类型"), run=reclassifying.type_, glued=True),
    "category": Command(words=("category", "分类"), run=reclassifying.category, glued=True),
    "service": Command(words=("service", "服务"), run=reclassifying.service),
    "impact": Command(words=("impact", "影响"), run=reclassifying.degree("impact")),
    "urgency": Command(words=("urgency", "紧急", "紧急程度"), run=reclassifying.degree("urgency")),
    "subject": Command(words=("subject", "rename", "主题", "标题"), run=reclassifying.subject),
    "publish": Command(words=("publish", "发布"), run=drafting.publish, text="note", glued=True),
    "cc": Command(words=("cc", "抄送"), run=copying.cc, glued=True),
    "merge": Command(words=("merge", "合并"), run=merging.merge, text="note", glued=True),
    "link": Command(words=("link", "关联"), run=merging.link, text="note", glued=True),
    "maintenance": Command(words=("maintenance", "维护"), run=maintaining.maintenance, text="note", glued=True),
    "split": Command(words=("split", "拆分"), run=splitting.split, text="note", glued=True),
}
WORDS: Mapping[str, str] = {word: key for key, command in COMMANDS.items() for word in command.words}


def run(draft: Draft, orders: tuple[Order, ...], acting: Acting) -> tuple[str, ...]:
    """Carry out orders in order. What is wrong comes back; then the caller drops the draft: all or nothing."""
    errors = []
    for order in orders:
        error = COMMANDS[order.word].run(draft, order.argument, acting)
        if error:
            word = COMMANDS[order.word].chinese if acting.language == "zh" else order.word
            errors.append(acting.say(f"#{word}: {error}", f"#{word}：{error}"))
    return tuple(errors)


def text_goes(orders: tuple[Order, ...]) -> Literal["requester", "note"]:
    """Where the text of a mail with these commands goes. In doubt inside: a leak cannot be taken back."""
    return "note" if any(COMMANDS[o.word].text == "note" for o in orders) else "requester"
