"""How each command is written and what it does, in English and Chinese: #help and docs/commands-by-mail.md."""

from collections.abc import Mapping

Row = tuple[str, str, str, str]  # as written and what it does, in English and in Chinese

USAGE: Mapping[str, Row] = {
    "take": ("#take", "the ticket is yours, in progress", "#接单", "接单，状态变为处理中"),
    "assign": ("#assign li, words", "hands it to a person or a group", "#转派 李雷，说明", "转给某人或某组"),
    "escalate": ("#escalate words", "hands it to the group above", "#升级 说明", "转给上级支持组"),
    "note": ("#note words", "stays inside", "#备注 内容", "内部备注，用户看不到"),
    "pending": (
        "#pending tomorrow 9am, parts",
        "stops the clocks until then",
        "#挂起 明天9点，等配件",
        "挂起，停止计时",
    ),
    "resume": ("#resume", "lets the clocks run again", "#恢复", "恢复计时"),
    "resolve": ("#resolve what helped", "resolved; the requester is asked", "#解决 办法", "标为已解决并请用户确认"),
    "close": ("#close", "closes it", "#关闭", "关闭"),
    "reopen": ("#reopen why", "opens it again", "#重开 原因", "重新打开"),
    "priority": ("#priority P2", "sets the priority", "#优先级 P2", "修改优先级"),
    "ack": ("#ack", "you know: no more reminders of this", "#知悉", "知悉，不再提醒您"),
    "extend": ("#extend 2h why", "more time for the resolution", "#延期 2小时 原因", "延长解决时限"),
    "stop": ("#stop", "no further escalation", "#停止升级", "停止升级提醒"),
    "undo": ("#undo", "takes your last commands back, for 30 minutes", "#撤销", "30 分钟内撤销上一次操作"),
    "cause": ("#cause words", "the root cause", "#原因 内容", "填写原因"),
    "solution": ("#solution words", "what helped", "#方案 内容", "填写解决方案"),
    "type": ("#type incident", "sets the type", "#类型 故障", "修改类型"),
    "category": ("#category network", "sets the category", "#分类 network", "修改分类"),
    "service": ("#service vpn", "sets the service", "#服务 vpn", "修改服务"),
    "impact": ("#impact high", "sets the impact", "#影响 高", "修改影响范围"),
    "urgency": ("#urgency high", "sets the urgency", "#紧急程度 高", "修改紧急程度"),
    "subject": ("#subject words", "sets the title", "#标题 内容", "修改标题"),
    "publish": ("#publish", "offers the solution to others", "#发布", "把解决方案放入知识库"),
    "cc": ("#cc a@corp.example", "lets somebody take part", "#抄送 a@corp.example", "添加抄送人"),
    "vendor": ("#vendor text", "writes to the vendor, and to nobody else", "#厂商 内容", "只发给厂商"),
    "vendor-ref": ("#vendor-ref SR-1", "what the vendor calls it", "#厂商单号 SR-1", "填写厂商的单号"),
    "merge": ("#merge 1042", "becomes part of that ticket", "#合并 1042", "并入那张工单"),
    "link": ("#link 1042", "both know of each other", "#关联 1042", "互相关联"),
    "split": ("#split title", "the last mail becomes a ticket", "#拆分 标题", "把最后一封来信拆成新工单"),
    "spam": ("#spam", "holds it, and its sender from now on", "#垃圾", "判为垃圾邮件并记住发件人"),
    "ham": ("#ham", "releases it, and trusts its sender", "#正常", "放行并信任发件人"),
    "major": ("#major words", "a major incident", "#重大 说明", "确认为重大故障"),
    "bulletin": ("#bulletin words", "one text to all who are affected", "#通报 内容", "向所有受影响用户通报"),
    "all-clear": (
        "#all-clear words",
        "it is over: all of it is resolved",
        "#全部恢复 说明",
        "全部恢复并逐一请用户确认",
    ),
    "maintenance": ("#maintenance db01 2h", "alerts of it rest", "#维护 db01 2h", "维护期间不再告警"),
    "list": ("#list mine", "mine, group, overdue, unassigned, held", "#列表 我的", "我的、本组、逾期、未分派、扣住"),
    "show": ("#show 1042", "a ticket with its conversation", "#查看 1042", "查看工单和往来内容"),
    "find": ("#find words", "tickets that hold the words", "#查找 内容", "查找工单"),
    "history": ("#history 1042", "who did what when", "#历史 1042", "查看操作记录"),
    "why": ("#why 1042", "why it is where it is", "#为什么 1042", "为何这样分派和定级"),
    "report": ("#report", "the desk in figures", "#统计", "服务台现状"),
    "leave": (
        "#leave 12-24 to 12-31 deputy li",
        "you are away; cancel with #leave cancel",
        "#请假 12-24 至 12-31 代理 李雷",
        "请假并指定代理，#请假 取消",
    ),
    "help": ("#help", "this list", "#帮助", "本列表"),
}


def by_mail() -> str:
    """docs/commands-by-mail.md: a page that an engineer can print."""
    english = "\n".join(f"| `{row[0]}` | {row[1]} |" for row in USAGE.values())
    chinese = "\n".join(f"| `{row[2]}` | {row[3]} |" for row in USAGE.values())
    return _PAGE.format(english=english, chinese=chinese)


def lines(language: str) -> list[dict[str, str]]:
    """The commands in a language."""
    first = 2 if language == "zh" else 0
    return [{"written": row[first], "does": row[first + 1]} for row in USAGE.values()]


_PAGE = """\
<!-- Made from the code by `make docs`. -->
# Commands by mail / 邮件命令

Reply to any mail that the desk sent to you; the commands stand at the top or at the bottom of your reply, a line each,
several if you like. The requester never sees them. All are carried out or none, and a receipt says what changed.

- Another ticket: `1042 take`, `#1042 note called twice`, `1042, 1043 close`. Words beside such lines stay inside.
- Without the sign, at the very top: `priority: P2`, `note: ...`, `assign: li`, `pending: ...`, `resolve: ...`.
- A reply that is nothing else needs no sign: `ack`, `take`, `stop`, `close`, `reassign li`, `extend 2h parts`.
- `#?close` or `#close?` is a preview, `#?` alone on a line makes one of the whole mail: nothing changes.
- `#undo` takes your last mail back: within 30 minutes, unless somebody else changed the ticket since.
- Dates: `2026-10-08 14:00`, `10-08`, `tomorrow 9am`, `Friday 10:00`, `next Monday`, `2h`, `3d` (working time).
- No token? Then the desk asks you back; reply `YES` within 24 hours.

| command | does |
|---|---|
{english}

回复服务台发给您的任意一封邮件，把命令写在正文开头或结尾，每条一行，可以写多条。用户看不到命令。
要么全部执行，要么一条都不执行；执行后会收到回执。中文标点和全角符号（＃、：、？）同样有效。

- 给别的工单：`1042 接单`、`＃1042 备注 打过两次电话`、`1042、1043 关闭`。这时正文只作内部备注。
- 不写 # 也可以，但要写在最开头：`优先级：P2`、`备注：……`、`转派：李雷`、`挂起：……`、`解决：……`。
- 整封回复只有命令时，不用写 #：`知悉`、`接单`、`停止升级`、`关闭`、`转派 李雷`、`延期 2小时 等配件`、`优先级 P2`。
- `#?关闭` 或 `#关闭？` 是预览；单独一行 `#？` 预览整封邮件，什么都不会改。
- `#撤销` 撤回您上一封邮件的操作：30 分钟内，且之后没有别人动过这张工单。
- 日期：`2026-10-08 14:00`、`10月8日`、`明天上午9点`、`周五 10:00`、`下周一`、`2小时`、`3天`（工作时间）。
- 不是直接回复？服务台会请您确认，24 小时内回复 `是`。

| 命令 | 作用 |
|---|---|
{chinese}
"""
