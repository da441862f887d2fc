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
    "list": ("#list mine", "mine, group, overdue, unassigned, held", "#列表 我的", "我的、本组、逾期、未分派、扣住"),
    "show": ("#show 1042", "a ticket with its conversation", "#查看 1042", "查看工单和往来内容"),
    "find": ("#find words", "tickets that hold the words", "#查找 内容", "查找工单"),
    "history": ("#history 1042", "who did what when", "#历史 1042", "查看操作记录"),
    "why": ("#why 1042", "why it is where it is", "#为什么 1042", "为何这样分派和定级"),
    "report": ("#report", "the desk in figures", "#统计", "服务台现状"),
    "help": ("#help", "this list", "#帮助", "本列表"),
}


def lines(language: str) -> list[dict[str, str]]:
    """The commands in a language."""
    first = 2 if language == "zh" else 0
    return [{"written": row[first], "does": row[first + 1]} for row in USAGE.values()]
