"""What a word or two ask of the desk itself, and the sentences that ask nothing of the kind."""

import pytest

from maildesk.desk.requests import wishes
from maildesk.mail.model import Attachment, Mail

STATUS = """\
status
Status?
ticket status
status update please
Hi, what is the status of this ticket?
any news?
Any update yet? Thanks
any progress
进度
进度？
查询进度
请问处理进度如何
工单状态
处理得怎么样了？
现在怎么样了
有进展吗
有结果了吗？谢谢
您好，麻烦查一下进度，谢谢！
"""
CANCEL = """\
cancel
Please cancel this ticket.
please close
Please close it, thanks
close this ticket
can be closed
no longer needed
Not needed anymore.
never mind
I don't need it anymore
取消
请取消
取消这个工单
申请撤销
不用了
不用了，谢谢
不需要了
不用处理了
已经不需要了，麻烦了
工单可以关闭了
请关闭工单
可以关单了
"""
NEITHER = """\
Please cancel my leave of Monday in the HR system
do not cancel it
please do not close
不要取消
别关闭
取消会议室预订失败
the status light is red
status code 500
不用重启也能好吗
it closed by itself
close the port 445 please
进度条卡在 90%
怎么样才能连上 VPN
No, it is not needed on Tuesday but on Friday
关闭防火墙
thanks
ok
solved
还是不行
5
"""


def mail(text: str) -> Mail:
    return Mail(new_text=text)


@pytest.mark.parametrize("text", STATUS.splitlines())
def test_a_question_for_the_status_is_one(text: str) -> None:
    assert wishes.read(mail(text)) == "status"


@pytest.mark.parametrize("text", CANCEL.splitlines())
def test_a_withdrawal_is_one(text: str) -> None:
    assert wishes.read(mail(text)) == "cancel"


@pytest.mark.parametrize("text", NEITHER.splitlines())
def test_a_sentence_that_says_more_is_neither(text: str) -> None:
    assert wishes.read(mail(text)) == ""


def test_nothing_at_all_asks_for_the_status_but_a_file_is_something() -> None:
    file = Attachment(filename="log.txt", content_type="text/plain", size=1, sha256="", inline=False, data=b"x")
    assert wishes.read(mail(" \n")) == "status"
    assert wishes.read(Mail(attachments=(file,))) == ""
