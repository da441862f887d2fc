"""Two hundred answers to "is it solved?", in Chinese and English, each with what a person would read in it."""

import pytest

from maildesk.desk import closure

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
"""
THANKS = """
谢谢|非常感谢|多谢|谢谢！|感谢您的帮助|辛苦了|好的|好的，谢谢|收到|收到，谢谢|ok，谢谢|👍|谢谢李工
谢谢你的帮助！|嗯，好的，谢谢|明白了，谢谢|谢谢支持|谢谢大家|知道了|太感谢了|麻烦您了，谢谢|好的好的|谢谢啦
感谢支持|感謝您的幫助|thanks|Thank you|thanks a lot!|Many thanks|OK|ok thanks|Great, thank you
Thank you very much for your help|Got it, thanks|Cheers|noted, thanks|Thanks again|perfect, thanks|Thx
Much appreciated|Thanks all|Received, thank you|Awesome, thanks!|Thank you for the quick response|Great
Thanks for your support|thank you team|excellent, thank you|十分感谢|感谢各位|好的收到|ok，收到|你辛苦了
thank you so much!|OK, thank you|okay, thanks|Thanks everyone|well noted, thank you
"""
NOT_SOLVED = """
未解决|没有解决|还没好|还是不行|没解决|仍然不能用|还是用不了|不行|问题依旧|还没有解决|还是一样|没有恢复|问题还在
仍未解决|还没修好|依然不行|not solved|Not solved yet|still not working|it still does not work|It's still broken
still the same|not fixed|same issue again|unresolved|doesn't work|It is not working|no|nope|not yet|still down
the problem is not resolved|still the same problem|谢谢，还没好|辛苦了，还是不行|Thanks - still not working
还没解决|依旧不能用|未恢复|没好|the problem is still there|still failing|it's not fixed
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
    said = [(wanted, closure.confirms(reply)) for reply, wanted in TABLE]
    hits = sum(wanted == found for wanted, found in said if found in verdicts)
    return hits / sum(found in verdicts for _, found in said), hits / sum(wanted in verdicts for wanted, _ in said)


def test_the_table_is_large_enough_and_says_nothing_twice() -> None:
    assert len(TABLE) >= 200
    assert len({reply for reply, _ in TABLE}) == len(TABLE)


@pytest.mark.parametrize("verdict", ["solved", "thanks", "not solved"])
def test_what_is_understood_is_right_and_most_is_understood(verdict: str) -> None:
    precision, recall = figures(frozenset({verdict}))
    assert precision >= 0.95
    assert recall >= 0.8


@pytest.mark.parametrize("reply", [*told(MORE), *told(NOT_SOLVED)])
def test_nothing_that_says_more_or_objects_is_taken_for_thanks_or_for_solved(reply: str) -> None:
    assert closure.confirms(reply) not in ("thanks", "solved")


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
        ("5分，但是还是连不上", 5, "但是还是连不上", True),
        ("3, but it still drops", 3, "but it still drops", True),
    ],
)
def test_a_score_and_what_stands_behind_it(reply: str, score: int, comment: str, doubt: bool) -> None:
    assert closure.rating(reply) == closure.Rating(score=score, comment=comment, doubt=doubt)


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "6",
        "50",
        "2 of us cannot log in",
        "1. the printer\n2. the scanner",
        "3台电脑还是不行",
        "thanks",
        "5 Minuten",
    ],
)
def test_a_number_in_a_sentence_is_no_score(reply: str) -> None:
    assert closure.rating(reply) is None
