"""Ordinary mail to a service desk, made up from a seed: Chinese and English, as common clients write it, 2 to 30 KB.

`mixed` is what a mailbox gets in a week: replies, delivery reports, automatic answers and large files among it.
"""

from base64 import encodebytes
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.utils import format_datetime
from html import escape
from random import Random
from typing import Literal

DOMAIN = "corp.example"
_Language = Literal["zh", "en"]
_SURNAMES = {
    "zh": "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗",
    "en": "Smith Jones Miller Brown Garcia Lee Novak Rossi".split(),
}
_NAMES = {
    "zh": [
        "伟",
        "芳",
        "娜",
        "秀英",
        "敏",
        "静",
        "丽",
        "强",
        "磊",
        "洋",
        "艳",
        "勇",
        "军",
        "杰",
        "涛",
        "明",
        "超",
        "霞",
    ],
    "en": "Anna Ben Clara David Emma Frank Grace Henry Ines Jack Kate Liam Maria Noah Olga Paul".split(),
}
_TOPICS = {
    "zh": [
        ("三楼打印机卡纸了", "三楼东侧的打印机一直卡纸，重启过还是不行，请帮忙看看。"),
        ("VPN 连不上", "在家连不上 VPN，提示认证失败，昨天还可以用。"),
        ("申请开通共享盘权限", "麻烦给我开通财务共享盘的只读权限，主管已经同意。"),
        ("电脑蓝屏", "笔记本今天早上开机就蓝屏，代码看不清楚，已经重启三次。"),
        ("忘记密码", "我的域账号被锁定了，忘记密码，请帮我重置。"),
        ("OA 系统打不开", "审批系统一直转圈，浏览器换过了也是一样，不急但是影响审批。"),
        ("会议室投影没有信号", "二楼会议室的投影仪没有信号，下午两点有客户来，请尽快处理。"),
        ("新员工入职，请准备电脑", "下周一有一位新员工入职，请准备笔记本、邮箱和门禁。"),
        ("网络很慢", "我们办公室网速很慢，打开网页要等半分钟，同事也是这样。"),
        ("收不到邮件", "从昨天下午开始收不到外部邮件，客户说已经发了两次。"),
    ],
    "en": [
        ("Printer jams again", "The printer on the third floor jams on every second page. I cleaned it twice."),
        ("Cannot connect to VPN", "The VPN client says authentication failed since this morning; it worked yesterday."),
        ("Request: access to the finance share", "Please give me read access to the finance file server; Kim agreed."),
        ("Laptop shows a blue screen", "My notebook crashes with a blue screen a minute after I sign in."),
        ("Password expired", "I forgot my password while on leave and now my account is locked out."),
        ("ERP is slow", "Opening an order in the ERP takes a minute. Not urgent, but it costs us time."),
        (
            "No picture in the meeting room",
            "The screen in room 2.14 stays black. Customers arrive at two, so please hurry.",
        ),
        ("New starter next Monday", "A new employee joins us on Monday: please prepare a laptop and an account."),
        (
            "Internet drops every few minutes",
            "The network at my desk drops every few minutes, a colleague has the same.",
        ),
        ("Mails do not arrive", "Since yesterday I cannot receive mail from outside, a customer has tried twice."),
    ],
}
_FILLER = {
    "zh": [
        "我已经按照上次的说明试过一遍，没有什么变化。",
        "如果需要现场查看，我今天下午都在座位上。",
        "分机是 6208，也可以发企业微信。",
        "错误信息我截图放在附件里了，请看一下。",
        "这台设备是去年六月领用的，资产编号在机身底部。",
        "同一个办公室的其他人暂时没有遇到这个问题。",
        "另外想问一下，升级以后需要重新设置吗？",
        "谢谢，辛苦了。",
        "上周也出现过一次，后来自己好了。",
        "麻烦处理好以后回复我一下。",
    ],
    "en": [
        "I followed the steps from the intranet page and nothing changed.",
        "You can reach me at extension 6208 until five.",
        "The exact wording is in the screenshot.",
        "It started after the update that came in on Thursday.",
        "Nobody else in my office has seen it so far.",
        "The asset number is on the sticker at the bottom, I think.",
        "Restarting helped for an hour or so, then it came back.",
        "Is there anything I should send you from the log?",
        "I can leave the machine with you over lunch.",
        "Thanks a lot for your help!",
    ],
}
_MAILERS = [
    "Microsoft Outlook 16.0",
    "Foxmail 7.2.25.492[cn]",
    "Apple Mail (2.3774)",
    "Thunderbird 128.5",
    "Coremail Webmail",
]
_FILES = [
    ("screenshot.png", "image/png"),
    ("屏幕截图.png", "image/png"),
    ("error.log", "application/octet-stream"),
    ("申请表.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("scan.pdf", "application/pdf"),
]
_Form = Literal["plain", "html", "alternative", "file"]
_FORMS: list[_Form] = ["plain", "plain", "html", "alternative", "alternative", "alternative", "file", "file"]


def mails(count: int, arrived: datetime, seed: int = 1) -> Iterator[bytes]:
    """That many mails of as many people, each written some seconds before the next."""
    chance = Random(seed)
    for number in range(count):
        yield _mail(chance, number, arrived - timedelta(seconds=2 * (count - number)))


def mixed(count: int, arrived: datetime, seed: int = 1) -> Iterator[bytes]:
    """That many mails: 15 % with files of 50 to 300 KB, 15 % replies, 5 % out of office, 5 % undeliverable."""
    chance = Random(seed)
    for number in range(count):
        at = arrived - timedelta(seconds=2 * (count - number))
        kind = chance.random()
        if number and kind < 0.15:
            yield _reply(chance, number, chance.randrange(number), at)
        elif kind < 0.20:
            yield _away(number, at)
        elif kind < 0.25:
            yield _undeliverable(number, at)
        else:
            yield _mail(chance, number, at, large=chance.random() < 0.15 / 0.75)


def _mail(chance: Random, number: int, at: datetime, *, large: bool = False) -> bytes:
    language: _Language = chance.choice(("zh", "en"))
    subject, first = chance.choice(_TOPICS[language])
    charset = "gb2312" if language == "zh" and chance.random() < 0.4 else "utf-8"
    address = _address(number)
    name = f"{chance.choice(_SURNAMES[language])}{'' if language == 'zh' else ' '}{chance.choice(_NAMES[language])}"
    body = _body(chance, language, first, name, charset, "file" if large else chance.choice(_FORMS), large=large)
    head = [*_trace(chance, address, number, at), f"From: {_word(name, charset)} <{address}>"]
    head += ["To: IT <it@corp.example>", f"Subject: {_word(f'{subject} {number}', charset)}"]
    head += [f"Date: {format_datetime(at)}", f"Message-ID: {_id(number)}"]
    head += [f"X-Mailer: {chance.choice(_MAILERS)}", "X-Priority: 3", "MIME-Version: 1.0"]
    return "\r\n".join([*head, body.as_string().replace("MIME-Version: 1.0\n", "").replace("\n", "\r\n")]).encode(
        "ascii"
    )


def _address(number: int) -> str:
    return f"{'abcdefgh'[number % 8]}{number}@{DOMAIN}"


def _id(number: int) -> str:
    return f"<{number}.{number * 2_654_435_761 % 2**32:08x}@pc{number}.{DOMAIN}>"


def _reply(chance: Random, number: int, to: int, at: datetime) -> bytes:
    """The writer of an earlier mail writes again about it."""
    language: _Language = chance.choice(("zh", "en"))
    subject, first = chance.choice(_TOPICS[language])
    text = "\r\n\r\n".join(chance.choices(_FILLER[language], k=3))
    quoted = "\r\n".join(f"> {line}" for line in first.split("\n"))
    lines = [
        *_trace(chance, _address(to), number, at),
        f"From: {_address(to)}",
        "To: IT <it@corp.example>",
        f"Subject: {_word(f'Re: {subject} {to}', 'utf-8')}",
        f"Date: {format_datetime(at)}",
        f"Message-ID: {_id(number)}",
        f"In-Reply-To: {_id(to)}",
        f"References: {_id(to)}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        f"{text}\r\n\r\nOn Monday IT wrote:\r\n{quoted}",
    ]
    return "\r\n".join(lines).encode()


def _away(number: int, at: datetime) -> bytes:
    lines = [
        f"Return-Path: <{_address(number)}>",
        f"From: {_address(number)}",
        "To: it@corp.example",
        "Subject: Automatic reply: out of office",
        f"Date: {format_datetime(at)}",
        f"Message-ID: {_id(number)}",
        "Auto-Submitted: auto-replied",
        "X-Auto-Response-Suppress: All",
        "",
        "I am out of the office until Monday.",
    ]
    return "\r\n".join(lines).encode()


def _undeliverable(number: int, at: datetime) -> bytes:
    lines = [
        "Return-Path: <>",
        "From: Mail Delivery Subsystem <mailer-daemon@mx.corp.example>",
        "To: it@corp.example",
        "Subject: Undelivered Mail Returned to Sender",
        f"Date: {format_datetime(at)}",
        f"Message-ID: {_id(number)}",
        "MIME-Version: 1.0",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=b",
        "",
        "--b",
        "",
        "This is the mail system. Your message could not be delivered.",
        "--b",
        "Content-Type: message/delivery-status",
        "",
        "Reporting-MTA: dns; mx.corp.example",
        "",
        f"Final-Recipient: rfc822; gone{number}@corp.example",
        "Action: failed",
        "Status: 5.1.1",
        "Diagnostic-Code: smtp; 550 5.1.1 no such user",
        "--b--",
    ]
    return "\r\n".join(lines).encode()


def _trace(chance: Random, address: str, number: int, at: datetime) -> Iterator[str]:
    """What the relays on the way wrote, newest first."""
    yield f"Return-Path: <{address}>"
    yield "Delivered-To: it@corp.example"
    for hop in range(chance.randint(2, 4)):
        where = f"mx{hop}.{DOMAIN}"
        yield (
            f"Received: from out{hop}.{DOMAIN} (out{hop}.{DOMAIN} [192.0.2.{chance.randint(1, 254)}])\r\n"
            f"\tby {where} (Postfix) with ESMTPS id 4X{number:x}{hop}\r\n\tfor <it@corp.example>; {format_datetime(at)}"
        )
    yield f"Authentication-Results: mx0.{DOMAIN}; spf=pass smtp.mailfrom={address};\r\n\tdkim=pass header.d={DOMAIN}"
    letters = encodebytes(chance.randbytes(96)).decode().replace("\n", "")
    yield f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d={DOMAIN}; s=m1;\r\n\th=from:to:subject; b={letters}"
    yield "X-Spam-Status: No, score=-1.2 required=5.0"


def _word(text: str, charset: str) -> str:
    return text if text.isascii() else Header(text, charset, maxlinelen=70).encode(linesep="\r\n")


def _body(
    chance: Random, language: _Language, first: str, name: str, charset: str, form: _Form, *, large: bool
) -> MIMEMultipart | MIMENonMultipart:
    paragraphs = [first, *(" ".join(chance.choices(_FILLER[language], k=5)) for _ in range(chance.randint(1, 6)))]
    greeting = "您好：" if language == "zh" else "Hello,"
    plain = "\n\n".join([greeting, *paragraphs, name])
    if form == "plain":
        return _text(plain, "plain", charset)
    if form == "html":
        return _text(_page(plain), "html", charset)
    both = MIMEMultipart("alternative", None, [_text(plain, "plain", charset), _text(_page(plain), "html", charset)])
    if form == "alternative":
        return both
    return MIMEMultipart(
        "mixed", None, [both, *(_file(chance, large=large) for _ in range(1 if large else chance.choice((1, 1, 2))))]
    )


def _text(text: str, subtype: str, charset: str) -> MIMENonMultipart:
    part = MIMENonMultipart("text", subtype)
    part.set_payload(text, "us-ascii" if text.isascii() else charset)
    return part


def _page(plain: str) -> str:
    """HTML as Outlook writes it: a style sheet, classes, and a paragraph a line."""
    style = "".join(f"p.Mso{n}{{margin:0cm;font-size:1{n % 10}.0pt;font-family:DengXian}}\n" for n in range(20))
    lines = "".join(
        f'<p class="MsoNormal"><span style="font-size:10.5pt;color:#1F497D">{escape(line) or "&nbsp;"}</span></p>\n'
        for line in plain.split("\n")
    )
    head = f"<head><style>\n{style}</style></head>"
    return f"<html>{head}\n<body lang=ZH-CN><div class=WordSection1>\n{lines}</div></body></html>\n"


def _file(chance: Random, *, large: bool) -> MIMENonMultipart:
    name, kind = chance.choice(_FILES)
    part = MIMENonMultipart(*kind.split("/"))
    part.add_header("Content-Disposition", "attachment", filename=("utf-8", "", name))
    part["Content-Transfer-Encoding"] = "base64"
    part.set_payload(
        encodebytes(chance.randbytes(chance.randint(*((37_000, 220_000) if large else (1_500, 9_000))))).decode("ascii")
    )
    return part
