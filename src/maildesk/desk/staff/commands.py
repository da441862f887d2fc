"""What staff can do: one row a command, in Chinese and English. Mails and the command line use the same rows."""

from collections.abc import Mapping
from typing import Literal

from maildesk.desk import vendors
from maildesk.desk.draft import Draft
from maildesk.desk.knowledge import drafting, major
from maildesk.desk.staff import changing, copying, judging, maintaining, merging, questions, reclassifying, splitting
from maildesk.desk.staff.command import Acting, Command, Order

_PRIORITY = r"[Pp]?\s?[1-4]"

COMMANDS: Mapping[str, Command] = {
    "take": Command(words=("take", "accept", "接单", "认领"), run=changing.take, remark=True, bare=""),
    "assign": Command(
        words=("assign", "reassign", "转派", "指派", "改派"),
        run=changing.assign,
        text="note",
        glued=True,
        colon=r"\S.{0,60}",
        bare=r"\S.{0,60}",
    ),
    "escalate": Command(words=("escalate", "升级"), run=changing.escalate, text="note", bare=""),
    "note": Command(words=("note", "备注", "内部"), run=changing.note, text="note", glued=True, colon=r".+"),
    "pending": Command(words=("pending", "wait", "挂起"), run=changing.pending, glued=True, colon=r".+"),
    "resume": Command(words=("resume", "恢复"), run=changing.resume, remark=True),
    "resolve": Command(words=("resolve", "resolved", "解决", "已解决"), run=changing.resolve, colon=r".+"),
    "close": Command(words=("close", "关闭"), run=changing.close, remark=True, bare=""),
    "reopen": Command(words=("reopen", "重开"), run=changing.reopen),
    "priority": Command(
        words=("priority", "prio", "优先级"), run=changing.priority, glued=True, colon=_PRIORITY, bare=_PRIORITY
    ),
    "ack": Command(words=("ack", "seen", "知悉", "已阅"), run=changing.ack, remark=True, bare=""),
    "extend": Command(
        words=("extend", "延期"), run=changing.extend, text="note", glued=True, colon=r"\d.+", bare=r"\d.*"
    ),
    "stop": Command(words=("stop", "停止升级", "停止"), run=changing.stop, remark=True, bare=""),
    "undo": Command(words=("undo", "撤销", "撤回"), run=changing.undo, text="note", alone=True, bare=""),
    "list": Command(words=("list", "列表"), run=questions.run, text="note", glued=True, question=True),
    "show": Command(words=("show", "查看"), run=questions.run, text="note", question=True),
    "find": Command(words=("find", "search", "查找"), run=questions.run, text="note", question=True),
    "history": Command(words=("history", "历史"), run=questions.run, text="note", question=True),
    "why": Command(words=("why", "为什么"), run=questions.run, text="note", question=True),
    "report": Command(words=("report", "统计"), run=questions.run, text="note", question=True),
    "leave": Command(words=("leave", "请假", "休假"), run=questions.run, text="note", glued=True, question=True),
    "help": Command(words=("help", "帮助"), run=questions.run, text="note", question=True),
    "cause": Command(words=("cause", "原因"), run=changing.field("cause", "原因")),
    "solution": Command(words=("solution", "方案"), run=changing.field("solution", "方案")),
    "type": Command(words=("type", "类型"), run=reclassifying.type_, glued=True),
    "category": Command(words=("category", "分类"), run=reclassifying.category, glued=True),
    "service": Command(words=("service", "服务"), run=reclassifying.service),
    "impact": Command(words=("impact", "影响"), run=reclassifying.degree("impact")),
    "urgency": Command(words=("urgency", "紧急", "紧急程度"), run=reclassifying.degree("urgency")),
    "subject": Command(words=("subject", "rename", "主题", "标题"), run=reclassifying.subject),
    "publish": Command(words=("publish", "发布"), run=drafting.publish, text="note", glued=True),
    "vendor": Command(words=("vendor", "厂商", "供应商"), run=vendors.ask, text="note", glued=True),
    "vendor-ref": Command(words=("vendor-ref", "厂商单号", "厂商编号"), run=vendors.number, text="note", glued=True),
    "spam": Command(words=("spam", "垃圾", "垃圾邮件"), run=judging.spam, text="note", bare=""),
    "ham": Command(words=("ham", "正常", "放行"), run=judging.ham, text="note"),
    "major": Command(words=("major", "重大", "重大故障"), run=major.major, text="note"),
    "bulletin": Command(words=("bulletin", "通报"), run=major.bulletin, text="note", glued=True),
    "all-clear": Command(words=("all-clear", "allclear", "全部恢复", "解除"), run=major.all_clear, text="note"),
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
        if COMMANDS[order.word].alone and len(orders) > 1:
            word = COMMANDS[order.word].chinese
            errors.append(acting.say(f"#{order.word} stands alone", f"#{word} 不能和别的命令写在一起"))
            continue
        error = COMMANDS[order.word].run(draft, order.argument, acting)
        if error:
            word = COMMANDS[order.word].chinese if acting.language == "zh" else order.word
            errors.append(acting.say(f"#{word}: {error}", f"#{word}：{error}"))
    return tuple(errors)


def text_goes(orders: tuple[Order, ...]) -> Literal["requester", "note"]:
    """Where the text of a mail with these commands goes. In doubt inside: a leak cannot be taken back."""
    return "note" if any(COMMANDS[o.word].text == "note" for o in orders) else "requester"
