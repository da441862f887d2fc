"""Three hundred answers to "is it solved?", in Chinese and English, each with what a person would read in it."""

import pytest

from maildesk.desk.requests import confirmation, rating
from maildesk.mail import quoting

SOLVED = """
已解决|解决了|问题解决了|已经好了|好了|可以了|搞定|没问题了|恢复了|现在可以用了|已解决，谢谢|好了，谢谢！
问题已解决，辛苦了|已经恢复正常，感谢|可以用了，多谢|现在正常了|没有问题了，谢谢|问题已经解决了，非常感谢！
确认解决|已修复|都好了|能用了|已經解決了，謝謝|完全好了|现在没问题了|是的，已解决|修好了，谢谢各位|网络恢复了
打印机好了，谢谢|VPN可以用了|solved|Solved!|Solved, thanks|It works now|It's working again, thank you|fixed
resolved, thanks a lot|Works now. Thanks!|the issue is resolved|problem solved|Yes, solved
It is fixed now, many thanks|Working fine now|All good now, thanks|everything works again|Yes|confirmed
it has been resolved|That's fixed, thank you so much|works again|yes, it works|issue fixed|现在好了，谢谢
已经可以了，感谢|问题都解决了|全部解决了，谢谢|我的问题解决了|已处理好，谢谢|It's fine now|All works again
this is solved now, thanks|working again
搞定了，辛苦各位|已经OK了|刚试了一下，能登录了|可以打印了，谢谢小李|已解决，请关单|没事了，重启之后就好了
嗯，正常了|ok了 多谢|it works again, cheers|Working fine now. Thank you!|Yes, that fixed it.|Sorted, ta
Confirmed, resolved. You can close the ticket.|I can log in now, thanks a million|Problem solved 👍
Printer is printing again, thanks Li|yep all sorted|That did the trick, thank you|Solved 谢谢|已经fix了，thanks
问题已处理，谢谢|可以正常上网了|ok，可以了|嗯嗯，已经好了，谢谢李哥|邮箱能收信了，多谢|刚才重启了一下，好了
Yes it is working now.|All sorted, thank you Han|VPN works again, thanks!|Thanks Li, it works now.
我可以登录了，谢谢！|搞定啦，感谢|Done, thanks|it's ok now|已解决 solved|电脑恢复正常了，辛苦|现在打印没问题了
The issue is gone, thanks|我这里已经正常|I can print|显示正常了，谢谢|已恢复，感谢各位|文件能打开了
可以啦，谢谢！|Yep works, thanks|it's fixed, thank you!|My laptop is working again. Thanks for your help!
confirmed working|All good|好啦|解决啦 谢谢小王|Fixed 👍|没毛病了|I am able to log in now
"""
THANKS = """
谢谢|非常感谢|多谢|谢谢！|感谢您的帮助|辛苦了|好的|好的，谢谢|收到|收到，谢谢|ok，谢谢|👍|谢谢李工
谢谢你的帮助！|嗯，好的，谢谢|明白了，谢谢|谢谢支持|谢谢大家|知道了|太感谢了|麻烦您了，谢谢|好的好的|谢谢啦
感谢支持|感謝您的幫助|thanks|Thank you|thanks a lot!|Many thanks|OK|ok thanks|Great, thank you
Thank you very much for your help|Got it, thanks|Cheers|noted, thanks|Thanks again|perfect, thanks|Thx
Much appreciated|Thanks all|Received, thank you|Awesome, thanks!|Thank you for the quick response|Great
Thanks for your support|thank you team|excellent, thank you|十分感谢|感谢各位|好的收到|ok，收到|你辛苦了
thank you so much!|OK, thank you|okay, thanks|Thanks everyone|well noted, thank you
感谢支持！|麻烦你了|多谢各位帮忙|好的 收到 谢谢|Thank you so much for your quick help!|Cheers mate|thx
Got it, thank you|谢谢，辛苦啦|谢谢您，辛苦了！|Many thanks for the help|好的，麻烦了|Ok great|感恩
Thank you, Li!|OK 👌|3Q|多谢支持|Thank you kindly|Appreciate it|收到，辛苦|ok thx
"""
NOT_SOLVED = """
未解决|没有解决|还没好|还是不行|没解决|仍然不能用|还是用不了|不行|问题依旧|还没有解决|还是一样|没有恢复|问题还在
仍未解决|还没修好|依然不行|not solved|Not solved yet|still not working|it still does not work|It's still broken
still the same|not fixed|same issue again|unresolved|doesn't work|It is not working|no|nope|not yet|still down
the problem is not resolved|still the same problem|谢谢，还没好|辛苦了，还是不行|Thanks - still not working
还没解决|依旧不能用|未恢复|没好|the problem is still there|still failing|it's not fixed
问题依然存在|还是连不上|不行，打不开|又坏了|还是老样子|依然无法登录|No luck, same error
Unfortunately it is still happening|It's not working|Nope|It came back this morning|The problem persists.
Still can't log in|not resolved, please reopen|Not fixed 还是不行|未解决，请继续跟进，谢谢|还没弄好|不能用
还是打不开|没用，还是一样|依旧报错|问题没有解决|It doesn't work.|Still no internet|Same here, not fixed
No, it's still not working.|not really|登录不了|还不行|未修复|没有恢复，还是断网|仍旧无法打印|It's still slow
still no joy|NOT SOLVED!!!|no it isn't|网还是不通
"""
MORE = """
谢谢，但是还是连不上|感谢，不过打印机还是卡纸|好的，那我什么时候能用？|已解决，但是又出现了新的问题
谢谢，另外我还需要一个账号|可以了吗？|已解决了吗|好了一会儿又断了|谢谢回复，问题没有解决|解决了一半
感谢，但仍有问题|请问解决了吗|网络好了，打印机不行|谢谢，明天再看看|好像可以了，再观察一下|暂时好了
收到，但是我不在办公室|问题解决了，可是速度很慢|Thanks, but it is still broken|Thank you, but it does not work
Solved? I do not think so|It worked for an hour, then it broke again|thanks, when will it be done?
OK but the printer jams again|Yes, but slowly|It is fixed for me, not for my colleague|works sometimes
Thank you. However, I still cannot log in|resolved partly|Is it solved?|thanks, one more question
Great, and now the scanner fails|It seems to work, I will tell you tomorrow|ok, thanks, but what about the VPN?
fixed but came back today|Thanks for nothing, same problem|I am not sure that it is solved
谢谢，不过我这边打不开|好的，请再帮我看一下|已收到，晚点试试|感谢，刚试了还是报错|thanks, I will try tomorrow
Perfect, but can you also reset my password?|Works, except for the second monitor
Solved for now, but please find the cause
谢谢，另外我的显示器也坏了|Thanks! By the way, can you also reset my SAP password?|好像好了，我再观察两天
I will test tomorrow and let you know|什么时候能解决？|Solved for me but my colleague still cannot print
打印机好了，但是扫描不行|有时候行有时候不行|Could you tell me what the cause was?|现在出差，下周试
yes but only on wifi|评分|好了吗？|I'm on leave until Monday|已解决一半|可以了，不过声音有点小
only works sometimes|nothing is working now|好了又坏|thanks anyway|能登录了，但是很慢
printer works but no colour|I can log in now but not print|谢谢，请帮我同事也处理一下|请关闭我的账号
please close my account|Is the VPN working now?|可以登录了吗|能打印了没|can you close the ticket after my test?
打印机好了，扫描仪还没好|解决不了的话换一台吧|好像是好了|working on it|not sure|I think it is solved
没有问题了吗|已经好了但昨天的邮件丢了|thanks, will check
"""


def told(text: str) -> list[str]:
    return [reply for line in text.strip().splitlines() for reply in line.split("|")]


TABLE = [
    *((reply, "solved") for reply in told(SOLVED)),
    *((reply, "thanks") for reply in told(THANKS)),
    *((reply, "not solved") for reply in told(NOT_SOLVED)),
    *((reply, "") for reply in told(MORE)),
]


def figures(verdicts: frozenset[str]) -> tuple[float, float]:
    """Precision and recall of some verdicts together."""
    said = [(wanted, confirmation.confirms(reply)) for reply, wanted in TABLE]
    hits = sum(wanted == found for wanted, found in said if found in verdicts)
    return hits / sum(found in verdicts for _, found in said), hits / sum(wanted in verdicts for wanted, _ in said)


def test_the_table_is_large_enough_and_says_nothing_twice() -> None:
    assert len(TABLE) >= 300
    assert len({reply for reply, _ in TABLE}) == len(TABLE)


@pytest.mark.parametrize("verdict", ["solved", "thanks", "not solved"])
def test_what_is_understood_is_right_and_most_is_understood(verdict: str) -> None:
    precision, recall = figures(frozenset({verdict}))
    assert precision >= 0.95
    assert recall >= 0.8


@pytest.mark.parametrize("reply", [*told(MORE), *told(NOT_SOLVED)])
def test_nothing_that_says_more_or_objects_is_taken_for_thanks_or_for_solved(reply: str) -> None:
    assert confirmation.confirms(reply) not in ("thanks", "solved")


@pytest.mark.parametrize(
    ("reply", "verdict"),
    [
        ("solved\n\nSarah Jones\nFinance | +86 21 5555 0101", "solved"),
        ("已解决\n\n--\n王芳 财务部", "solved"),
        ("已解决。\n\n发自我的iPhone", "solved"),
        ("Solved\n\nSent from my Galaxy", "solved"),
        ("Resolved.\n\nKind regards,\nTom Baker\nHR", "solved"),
        ("已解决\n\n还没好", ""),
        ("solved\n\nThe scanner too", ""),
        ("5\n\nSarah Jones\nFinance", ""),
    ],
)
def test_a_name_and_a_number_below_it_are_no_part_of_the_answer(reply: str, verdict: str) -> None:
    assert confirmation.confirms(quoting.new_text(reply)) == verdict


@pytest.mark.parametrize(
    ("reply", "score", "comment", "doubt"),
    [
        ("5", 5, "", False),
        ("5分", 5, "", False),
        ("４", 4, "", False),
        ("评分：3，还可以", 3, "还可以", False),
        ("4/5, quick and friendly", 4, "quick and friendly", False),
        ("Score: 0", 0, "", False),
        ("5 stars\nThank you!", 5, "Thank you!", False),
        ("2分，等了三天", 2, "等了三天", False),
        ("评分：4 很快", 4, "很快", False),
        ("五分", 5, "", False),
        ("5星好评", 5, "", False),
        ("满分", 5, "", False),
        ("给个4分吧，挺快的", 4, "挺快的", False),
        ("Rating 5 - great", 5, "great", False),
        ("★★★☆☆ 一般", 3, "一般", False),
        ("⭐️⭐️⭐️⭐️", 4, "", False),
        ("3 points, slow", 3, "slow", False),
        ("I give it a 5", 5, "", False),
        ("5️⃣", 5, "", False),
        ("5\n\nSarah Jones\nFinance", 5, "", False),
        ("5/5 fantastic support", 5, "fantastic support", False),
        ("5 颗星", 5, "", False),
        ("5分，但是还是连不上", 5, "但是还是连不上", True),
        ("3, but it still drops", 3, "but it still drops", True),
    ],
)
def test_a_score_and_what_stands_behind_it(reply: str, score: int, comment: str, doubt: bool) -> None:
    assert rating.rating(reply) == rating.Rating(score=score, comment=comment, doubt=doubt)


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "6",
        "50",
        "2 of us cannot log in",
        "1. the printer\n2. the scanner",
        "4/5 of the team still cannot print",
        "4/5 printers jam",
        "5分钟后再试",
        "3点再试",
        "三分之一的人不能用",
        "5星级酒店网络不行",
        "给3个同事开权限",
        "5 points to discuss",
        "三",
        "4-5",
        "-1",
        "3台电脑还是不行",
        "thanks",
        "5 Minuten",
    ],
)
def test_a_number_in_a_sentence_is_no_score(reply: str) -> None:
    assert rating.rating(reply) is None
