"""Whole mails as real programs write them (samples/*.eml, all made up)."""

from datetime import UTC, datetime
from pathlib import Path

from maildesk.mail.model import Mail
from maildesk.mail.parse import parse

SAMPLES = Path(__file__).parent / "samples"


def sample(name: str) -> Mail:
    return parse((SAMPLES / f"{name}.eml").read_bytes())


def test_a_foxmail_reply_in_gbk_labelled_gb2312() -> None:
    mail = sample("foxmail-reply")
    assert mail.sender is not None
    assert (mail.sender.name, mail.subject) == ("王喆", "回复: 打印机维护")
    assert mail.text.startswith("您好：\n\n三楼会议室的打印机坏了，指示灯是红色的。请尽快处理。")
    assert "三楼会议室" in mail.new_text
    assert "今天下午维护打印机" not in mail.new_text
    assert mail.references == ("2025020309124567890@corp.example",)
    assert mail.language == "zh-Hans"
    assert "charset GB2312 is too narrow: read as gb18030" in mail.defects


def test_a_qq_mail_with_words_cut_inside_a_character_and_a_picture() -> None:
    mail = sample("qq-attachment")
    assert mail.sender is not None
    assert mail.sender.name == "李雷"
    assert mail.subject == "VPN无法连接，附截图"
    assert mail.to[0].name == "it服务台"
    assert mail.text == "VPN从今天早上开始连不上，见截图。"
    assert [(file.filename, file.data) for file in mail.attachments] == [("截图 (1).png", b"\x89PNG\r\n\x1a\n")]
    assert mail.defects == ()


def test_a_device_that_writes_raw_gbk_everywhere() -> None:
    mail = sample("device-raw-gbk")
    assert mail.sender is not None
    assert (mail.sender.name, mail.sender.address) == ("交换机SW-3", "alarm@nms.example")
    assert mail.subject == "端口Gi0/1断开 告警"
    assert mail.text == "设备: SW-3\n端口: Gi0/1 断开"
    assert mail.date == datetime(2025, 2, 3, 10, 20, tzinfo=UTC)
    assert "Date: breaks the rules" in mail.defects
