"""What mails to a service desk speak of, in both languages: things, and what ails them. Paraphrases meet here.

Each row is a concept and the patterns of words that name it, matched against folded text.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import re2

_THINGS: Mapping[str, str] = {
    "vpn": r"vpn|anyconnect|forticlient|远程接入|远程办公|remote access",
    "wifi": r"wi-?fi|wlan|wireless|无线(?!鼠标|键盘)",
    "network": r"network|internet|lan\b|网络|上网|断网|网线|网口|有线|外网|内网|ethernet|web access",
    "printer": r"print\w*|copier|打印|复印机|toner|硒鼓|墨粉|墨盒|卡纸|cartridge|paper (?:jam|tray)",
    "scanner": r"scan\w*|扫描",
    "mail": r"outlook|e-?mails?|mailbox|邮箱|邮件|收信|发信|exchange|thunderbird|foxmail",
    "calendar": r"calendar|日历|日程|meeting invite|会议邀请|invitation",
    "password": r"password|passwd|passcode|密码|口令",
    "account": r"(?:user |my |domain )?account(?! ?ing)|账号|帐号|账户|域用户|工号",
    "mfa": (
        r"mfa|2fa|two[- ]factor|authenticator|verification codes?|one[- ]time (?:code|password)|otp|"
        r"验证码|动态口令|令牌|双因素|双重"
    ),
    "erp": r"erp|sap\b|财务软件|用友|金蝶|u8\b",
    "oa": r"\boa\b|办公系统|审批系统|协同办公",
    "crm": r"crm|客户管理系统|salesforce",
    "share": (
        r"file ?share|shared? (?:drive|folder|disk)|network drive|file server|(?:mapped|[a-z]:) ?drive|"
        r"共享|网盘|文件服务器|公共盘|公盘"
    ),
    "backup": r"back ?up|备份",
    "restore": r"restore|recover\w*|undelete|deleted (?:file|folder|by)|找回|恢复文件|误删|删错",
    "laptop": r"laptop|notebook|笔记本|thinkpad|macbook",
    "computer": r"computer|desktop pc|\bpc\b|workstation|电脑|主机|台式机|开机|boot",
    "screen": r"monitor(?!ing)|screen|display|显示器|屏幕|显示屏|外接屏|黑屏|花屏",
    "projector": r"projector|projection|投影|幕布|beamer",
    "keyboard": r"keyboard|键盘|keys? (?:is|are) (?:stuck|dead)",
    "mouse": r"mouse|鼠标|touchpad|触摸板",
    "dock": r"docking|dock\b|扩展坞|拓展坞",
    "headset": r"headset|headphones?|earphones?|microphone|\bmic\b|耳机|麦克风|耳麦|话筒",
    "camera": r"webcam|camera|摄像头",
    "phone": r"desk ?phone|telephone|ip phone|phone (?:is|has|on)|handset|座机|话机|固话|电话机|分机",
    "mobile": r"iphone|android|mobile phone|smart ?phone|手机",
    "zoom": r"zoom",
    "teams": r"teams",
    "meeting": r"webex|腾讯会议|视频会议|会议室设备|video ?conferenc\w*|video call",
    "chat": r"企业微信|钉钉|飞书|slack|wecom|dingtalk",
    "browser": r"browser|chrome|firefox|\bedge\b|浏览器",
    "website": r"website|web ?site|homepage|官网|网站|intranet|门户",
    "certificate": r"certificates?|证书",
    "excel": r"excel|spreadsheet|电子表格|\bxls\w?",
    "word": r"\bword\b|\bdocx?\b|word文档",
    "powerpoint": r"powerpoint|\bppt\w?|幻灯片|slides",
    "pdf": r"\bpdf\b|acrobat",
    "office": r"\boffice\b(?! (?:in|on|is|at|has|building|floor))|microsoft 365|office ?365|\bwps\b",
    "windows": r"windows|系统更新|blue ?screen|蓝屏|电脑.{0,4}蓝了|bsod",
    "virus": r"virus|malware|ransomware|trojan|病毒|木马|勒索|杀毒",
    "phishing": r"phish\w*|suspicious (?:mail|email|link|message)|钓鱼|诈骗邮件|可疑邮件",
    "spam": r"\bspam\b|junk mail|垃圾邮件|垃圾箱",
    "disk": r"disk|hard drive|\bssd\b|硬盘|磁盘|[a-z]盘|存储空间|disk space",
    "usb": r"\busb\b|flash drive|thumb drive|u盘|优盘",
    "software": r"install\w*|software|软件|安装|需要装|装一?[个下]|求装",
    "licence": r"licen[cs]e\w*|activation|activate|许可|授权|激活",
    "access": r"permissions?|access rights?|权限|access to|authoris\w*|authoriz\w*",
    "database": r"database|oracle|mysql|sql server|数据库",
    "server": r"\bservers?\b(?! error)|服务器",
    "badge": r"badges?|access card|key ?card|读卡器|card reader|door|门禁|工卡|刷卡",
    "payslip": r"pay ?slips?|salary slip|payroll|工资条|工资单",
    "leave": r"leave request|holiday request|vacation|请假|年假",
    "expense": r"expenses?|reimburs\w*|报销",
    "attendance": r"attendance|clock(?:ing)? in|考勤|打卡",
    "invoice": r"invoices?|发票",
    "order": r"purchase orders?|采购订单|采购单",
    "reports": r"\breports?\b|报表",
    "new": r"new (?:employee|hire|starter|colleague|joiner|staff)|onboard\w*|新员工|入职|新同事",
    "leaver": (
        r"leav(?:er|ing (?:the company|us))|(?:colleague|employee|he|she) leaves|leaves (?:us|the company)|"
        r"resign\w*|离职|offboard\w*|last working day"
    ),
    "signature": r"signature|签名",
    "font": r"\bfonts?\b|字体|乱码",
    "input": r"input method|输入法|\bime\b|拼音",
    "sound": r"\bsound\b|speakers?|音响|扬声器|没声音|没有声音|喇叭",
    "battery": r"battery|电池|没电|拔了?电源|without the (?:plug|charger|mains)|unplugged",
    "charger": r"charger|power adapter|充电器|电源适配器|电源线",
    "update": r"updates?\b|upgrade|升级|更新",
    "distribution": r"distribution list|mailing list|通讯组|邮件组|群发",
    "groupmail": r"shared mailbox|公共邮箱|共享邮箱",
}
_ILLS: Mapping[str, str] = {
    "unreachable": (
        r"连不上|连接不上|无法连接|不能连接|连接失败|接不上|can(?:no|')?t connect|cannot connect|"
        r"unable to connect|not connect\w*|won'?t connect|"
        r"connection (?:fail\w*|refused|error|timed? ?out)|fails? to connect|no connection|not reach\w*|"
        r"unreachable|can(?:no|')?t reach|上不了网|上不去|没网|断网|不通|no (?:network|internet)|"
        r"网络不可用|is down|\bdown\b|拨不上"
    ),
    "drops": (
        r"掉线|断线|断开|老断|时断时续|不稳定|经常断|频繁断|disconnect\w*|drops?\b|dropping|dropped|"
        r"unstable|intermittent\w*|keeps? (?:losing|breaking)|kicks? me out|cuts? out"
    ),
    "slow": (
        r"slow\w*|laggy|lagging|sluggish|takes (?:ages|forever|minutes|very long)|卡顿|很卡|太卡|好卡|"
        r"卡死了|慢|转圈|半天|loading forever"
    ),
    "login": (
        r"登录不(?:了|上|进)|登陆不(?:了|上)|无法登录|不能登录|登不(?:上|进|了)|登录失败|进不去|"
        r"can(?:no|')?t (?:log|sign) ?(?:in|on)|cannot (?:log|sign) ?(?:in|on)|"
        r"unable to (?:log|sign) ?(?:in|on)|log-?in (?:fail\w*|problem|does not|doesn't|rejected|not)|"
        r"not (?:log|sign) ?(?:in|on)|won'?t let me (?:in|log)"
    ),
    "forgot": r"忘记|忘了|forgot\w*|do(?:n'?t| not) remember|can'?t remember|记不(?:得|住|起)|重置|reset",
    "locked": r"锁定|锁住|被锁|锁了|locked|lock(?:ed)? out|blocked|disabled|停用|禁用",
    "expired": r"过期|到期|expir\w*|失效|no longer valid|run out",
    "wontstart": (
        r"开不了机|无法开机|不能开机|打不着|启动不了|无法启动|不能启动|起不来|"
        r"won'?t (?:start|boot|turn on|power|open)|does(?:n'?t| not) (?:start|boot|turn on|open|launch)|"
        r"not (?:start|boot|turn|power)\w* ?(?:on|up)?|打不开|无法打开|不能打开|can(?:no|')?t open|"
        r"cannot open|unable to open|no power|不通电|dead\b|点不亮|fails to open|will not open"
    ),
    "readonly": r"只读|read[- ]?only|保存不了|无法保存|不能保存|can(?:no|')?t save|cannot save|not saved",
    "crash": (
        r"crash\w*|freez\w*|frozen|hangs?\b|hung\b|闪退|崩溃|死机|卡死|未响应|没反应|not respond\w*|"
        r"自动关闭|自动退出|自己关|restarts? by itself|重启"
    ),
    "jam": r"卡纸|jam\w*|paper stuck|夹纸",
    "blank": (
        r"空白|blank|黑屏|不亮|没有?显示|no (?:picture|image|signal|display)|无信号|没信号|"
        r"(?:stays|is|goes|went) (?:black|dark)|没画面"
    ),
    "nosound": r"没有?声音|无声|no (?:sound|audio)|can(?:no|')?t hear|听不(?:到|见)|silent|mute",
    "notsend": (
        r"发不出|发送失败|无法发送|不能发|发不了|can(?:no|')?t send|cannot send|not (?:be )?sen[dt]|"
        r"unable to send|stuck in (?:the )?outbox|发件箱"
    ),
    "notreceive": (
        r"收不到|收不了|无法接收|没收到|没有收到|not receiv\w*|can(?:no|')?t receive|no new mail|"
        r"not (?:arriv|com)\w*|didn'?t (?:get|receive)"
    ),
    "full": (
        r"满了|已满|空间不足|容量|quota|full\b|no (?:free )?space|out of space|over (?:its|the) limit|"
        r"太大"
    ),
    "denied": (
        r"没有?权限|拒绝访问|被拒绝|无权|access (?:is )?denied|permission denied|"
        r"not (?:authori[sz]ed|allowed|permitted)|no (?:permission|access|rights)|"
        r"lost (?:my )?(?:access|permission)|访问不了|无法访问|不能访问|can(?:no|')?t access|"
        r"cannot access|unable to access|forbidden|403"
    ),
    "error": r"报错|错误|出错|异常|error\w*|fault|失败|fail\w*",
    "missing": (
        r"不见了|丢失|丢了|消失|找不到|missing|disappear\w*|gone\b|vanish\w*|can(?:no|')?t find|lost\b|"
        r"看不到"
    ),
    "request": (
        r"申请|请(?:帮忙)?开通|开通|需要一个|想要|领用|request\w*|(?:i|we) need|would like|"
        r"please (?:create|provide|grant|order|set up|give)|apply for|增加"
    ),
    "howto": r"怎么|如何|怎样|how (?:do|can|to)|where (?:do|can|is)|在哪里?|教程|instructions",
    "broken": r"坏了|坏掉|摔|破|裂|broken|damaged|cracked|defect\w*|坏的",
    "stolen": r"stolen|theft|偷|丢失了|lost my",
    "garbled": r"乱码|garbled|strange characters|gibberish|显示不正常|问号",
    "noise": r"异响|噪音|noise|noisy|很响|风扇响",
    "hot": r"发烫|发热|过热|烫|overheat\w*|hot\b",
    "unplug": (
        r"接触不良|loose|松了|not (?:recogni[sz]ed|detected|found)|识别不(?:了|到|出)|不识别|无法识别|"
        r"检测不到"
    ),
    "faded": r"条纹|模糊|很淡|太淡|颜色|streak\w*|faded|blurr\w*|smudg\w*|lines on|spots|low toner|没墨|缺墨",
    "stuck": r"停不了|排队|queue|卡在|stuck\b|pending\b|不出纸",
    "install": r"安装|需要装|装一?[个下]|求装|install\w*|set ?up",
    "move": r"搬|工位调整|换座位|mov(?:e|ing)\b|relocat\w*",
    "replace": r"更换|换一个|换新|replac\w*|new one|swap",
    "typing": r"失灵|按键|打不出|打不了字|not typing|can(?:no|')?t type|keys?",
    "wrong": r"不对|不正确|有误|算错|wrong\b|incorrect|inaccurate|不一致|mismatch",
    "sync": r"同步|sync\w*|不更新|not updat\w*|outdated",
    "duplicated": r"重复|twice|duplicat\w*|两次",
    "unlock": r"刷不开|打不开门|does(?:n'?t| not) open the door|door",
    "deleted": r"误删|删错|删除|deleted",
    "bluescreen": r"蓝屏|电脑.{0,4}蓝了|blue ?screen|bsod",
    "location": r"定位|location|gps",
    "nothing": r"没反应|没有反应|nothing happens|no response|无响应|点不了|点击没",
}


_AROUND = re.compile(r"\(\?<?[!=](?:[^()]|\([^()]*\))*\)")  # what may stand around a word; RE2 knows no such thing
_MEMORY = 64 << 20


class _Rows:
    """The rows of a table, looked for together: one pass says which may be in a text, the patterns decide."""

    __slots__ = ("_gate", "_patterns")

    def __init__(self, rows: Mapping[str, str]) -> None:
        self._patterns = tuple((name, re.compile(_bounded(pattern))) for name, pattern in rows.items())
        options = re2.Options()
        options.max_mem = _MEMORY
        options.log_errors = False
        self._gate: Any = re2.Set.SearchSet(options)
        for pattern in rows.values():
            self._gate.Add(_AROUND.sub("", pattern))
        self._gate.Compile()

    def found(self, text: str) -> frozenset[str]:
        """The names of the rows that stand in a folded text."""
        maybe = (self._patterns[index] for index in self._gate.Match(text.encode("utf-8", "replace")) or ())
        return frozenset(name for name, pattern in maybe if pattern.search(text))


def _bounded(pattern: str) -> str:
    """Latin words count from their beginning; Chinese ones anywhere."""
    return rf"(?:(?<![a-z])|(?=[^\x00-\x7f]))(?:{pattern})(?:(?![a-z])|(?<=[^\x00-\x7f]))"


_THING_ROWS, _ILL_ROWS = _Rows(_THINGS), _Rows(_ILLS)


@lru_cache(maxsize=256)
def things(text: str) -> frozenset[str]:
    """What a folded text speaks of."""
    return _THING_ROWS.found(text)


@lru_cache(maxsize=256)
def ills(text: str) -> frozenset[str]:
    """What is wrong with it, or what is wanted."""
    return _ILL_ROWS.found(text)
