"""The phrases of short answers: whole ones only; of those that fit at a place the longest counts."""

import re
from collections.abc import Mapping

# A doubt in a comment: then even a good score is no confirmation.
DOUBT = re.compile(
    r"但|不过|然而|还是|还有|还没|仍|依旧|依然|没有?(?:解决|好|恢复)|未|无法|不能|不行|又"
    r"|\b(?:but|however|still|not|never|again|yet|cannot|can't|doesn't|isn't|won't)\b",
    re.IGNORECASE,
)

_IT = r"(?:it|this|that|everything|all|(?:the |my )?(?:issue|problem))"
_THING = (
    r"(?:(?:the |my |our )?(?:printer|scanner|vpn|wi-?fi|network|internet|e-?mails?|outlook|teams|laptop|computer|pc|"
    r"screen|monitor|phone|login|account|password|access|connection|sap|erp|system|app|website|page|mailbox|drive|"
    r"mouse|keyboard|server|projector)(?: (?:is|are))?)"
)
_ABLE = (
    r"(?:log ?in|log ?on|sign in|print|scan|connect|access it|open it|work|use it|see it|send|receive)"
    r"(?: (?:e-?mails?|mail))?"
)
_NOW_EN = r"(?: now| again| fine| well| ok| as expected| perfectly| properly)*"
_NOUN = (
    r"(?:问题|故障|打印机?|扫描仪?|网络?|wifi|无线|vpn|邮箱|邮件|outlook|电脑|笔记本|账号|帐号|密码|系统|软件|屏幕|"
    r"文件|链接|显示器?|键盘|鼠标|电话|投影仪?|共享盘?|权限|服务器|erp|sap|oa|网页|页面)"
)
_TRIED = (
    r"我?(?:刚才|刚刚?|今天|早上|下午|重新|又)?(?:测试|试|看|重启|重新登录)"
    r"(?:过|了)?(?:一下|下)?(?:了|过)?(?:之?后)?,?就?"
)
_NOW = rf"(?:{_TRIED})?(?:我的|我这[边里儿]?的?|我|俺)?{_NOUN}?(?:现在|目前)?"
_DONE = r"(?:解决|修复|修好|弄好|处理|处理完|恢复正常|恢复|正常|好|搞定|处理好|ok|fix(?:ed)?|solved?|done)"
_CAN = (
    r"(?:能|可以|能够)(?:正常)?(?:登录|登陆|登|打印|上网|上|访问|连接|连上|连|打开|使用|用|收发|发送|收到|收信|收|发信|发|看到|进|进去|扫描)"
    r"(?:邮件)?(?:上|去)?"
)
_STILL = r"(?:还|还是|仍|仍然|仍旧|依然|依旧|一直)"
_CANNOT = (
    r"(?:(?:连接?|登录?|打|上|进|开|收|发|用|访问|启动)不[了上开去到]网?|(?:无法|不能|没法)(?:正常)?"
    r"(?:登录|登陆|打印|上网|访问|连接|打开|使用|用|收发邮件|发送|接收|启动|扫描))"
)
_HELP = (
    r"(?: for (?:your|the|all the|all your) (?:quick |fast |great |kind )?(?:help|support|response|reply|assistance))?"
)
_PERSON = r"(?:小?[\u4e00-\u9fff](?:工|哥|姐|总|老师|师傅|经理|先生|女士)|小[\u4e00-\u9fff])"

PHRASES: Mapping[str, tuple[str, ...]] = {
    "solved": (
        rf"(?:{_IT} (?:is |has been |was )?|(?:it|that)'s )?(?:now |all )?"
        rf"(?:solved|fixed|resolved|working|works|sorted)(?: out)?{_NOW_EN}",
        rf"(?:{_IT} (?:is |was )?|(?:it|that)'s )(?:now )?(?:ok|fine|good|back){_NOW_EN}",
        rf"{_THING} (?:now )?"
        rf"(?:working|works?|printing|prints?|running|connected|connects?|back|back online|up|ok|fine){_NOW_EN}",
        rf"(?:i can|i am able to|i'm able to) (?:now )?{_ABLE}{_NOW_EN}",
        r"(?:that|this|it) (?:has )?(?:fixed|solved|resolved) (?:it|the (?:issue|problem))",
        r"(?:that|this|it) (?:did the trick|did it|helped|worked)",
        r"no (?:more |further )?(?:issues?|problems?)(?: any ?more| now| since)?",
        r"(?:please |you can |you may |feel free to )?(?:now )?close (?:the |this |my )?(?:ticket|case|request)",
        rf"{_NOW}(?:都|全部|完全)?已经?(?:都|全部|完全)?{_DONE}[了啦]?",
        rf"{_NOW}(?:已经?)?(?:都|全部|完全|又)?(?:{_DONE}|可以|行|能用|可以用)[了啦]",
        rf"{_NOW}(?:已经?)?(?:都|又)?{_CAN}[了啦]",
        rf"{_NOW}(?:已经?)?恢复正常",
        rf"{_NOW}(?:打印|登录|上网|使用|访问|连接)?(?:已经?)?没有?(?:问题|事|毛病)了",
        r"(?:all )?done|(?:it|the (?:issue|problem|error)) (?:is |has )?(?:now )?gone(?: now| away)?",
        r"搞定",
        r"确认(?:已经?)?解决",
        r"(?:请|可以|麻烦|帮忙)?(?:关闭?|结)(?:掉)?(?:工?单|这张工?单|此工?单)(?:了|吧)?",
    ),
    "yes": ("yes", "yep", "yeah", "confirmed", "是的?", "对的?"),
    "not solved": (
        rf"(?:{_IT} (?:is |has |was )?|(?:it|that)'s )?(?:still )?not (?:yet )?(?:been )?"
        r"(?:solved|fixed|resolved|working|ok)(?: yet| now)?",
        rf"(?:{_IT} (?:is )?|(?:it|that)'s )?still (?:broken|down|slow|failing|the same|happening|there)",
        rf"(?:{_IT} )?(?:still )?(?:does not|doesn't|isn't|is not|did not|didn't) "
        r"(?:work|working|fixed|solved|help)(?: yet)?",
        rf"(?:i )?(?:still )?(?:cannot|can not|can't|cant|couldn't) {_ABLE}",
        rf"{_IT} (?:persists|remains|is back|came back|(?:is )?still there|happened again)"
        r"(?: again| today| this (?:morning|afternoon)| yesterday)?",
        r"(?:it )?(?:is )?(?:still )?(?:the )?same (?:problem|issue|error)(?: again| as before)?",
        r"unsolved|unresolved|not yet|no (?:luck|change|improvement|joy)|unfortunately",
        r"not really|not quite|same here|did not help|no good",
        r"still (?:no|without) "
        r"(?:access|internet|network|connection|joy|sound|signal|e?-?mails?|printer|luck|change|vpn|wi-?fi)",
        r"please (?:re-?open(?: (?:it|the ticket|this))?|check again|look again|continue)",
        rf"{_NOW}{_STILL}?(?:没|没有|未|不)(?:完全)?{_DONE}",
        rf"{_NOW}{_STILL}(?:不行|不能用|用不了|一样|有问题|不可以|老样子|报错|存在|没反应|断网|不通|断线|很慢|卡|卡死)",
        rf"{_NOW}{_STILL}?(?:{_CANNOT})",
        rf"{_NOW}又(?:坏|断|不行|不能用|出现|卡|死机|报错)了",
        r"(?:不行|不能用|用不了|没用|没有?效果|没反应)了?",
        r"还没有?",
        rf"问题(?:依旧|还在|仍在|{_STILL}存在)",
        r"(?:请|麻烦)(?:您|你)?(?:再|继续)(?:帮忙|帮我)?(?:看看|看一下|处理|处理一下|跟进|查一下|检查)(?:一下)?",
    ),
    "no": ("no", "nope", "no,? it (?:is not|isn't|does not|doesn't)", "没有", "不是"),
    "thanks": (
        rf"(?:many |ok )?thanks(?: a lot| a million| so much| very much| again| all| team| everyone)*{_HELP}",
        rf"(?:ok )?thank you(?: kindly| so much| very much| again| all| team)*{_HELP}",
        r"thx|3q|ta|(?:i |we )?(?:really )?appreciate (?:it|that|the help|your help|your support)",
        r"cheers(?: mate| all)?",
        r"(?:much|highly) appreciated",
        rf"(?:非常|十分|多|很|太)?(?:感谢|感恩|谢谢|谢)(?:你|您|了|啦|大家|各位|支持|帮助|帮忙|们|的|老师)*{_PERSON}?",
        rf"(?:你|您|大家|各位|{_PERSON})?辛苦(?:[了啦]|各位|大家|{_PERSON})*",
        r"麻烦(?:你|您|大家)?了",
    ),
    "courtesy": (
        r"ok|okay|got it|well noted|noted|received|great|perfect|excellent|awesome|brilliant|lovely",
        r"好的?|收到|知道了|明白了?|了解了?|嗯+|行|可以|没问题|[👍👌🙏🎉😊🙂😀💐🌹]",
    ),
    "greeting": (
        r"(?:hi|hello|dear)(?: all| team)?",
        r"(?:best |kind )?regards",
        "best",
        r"你好|您好|大家好|各位好|祝好",
    ),
}
