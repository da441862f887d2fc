"""Replies as the mail programs of China, Japan, Korea and Europe write them: each format with each content."""

import html
import re
from pathlib import Path

import pytest

from maildesk.mail.quoting import new_text, new_text_html

CONTENTS = {
    "one line": "好的，已经重启了，谢谢！",
    "paragraphs": "您好，\n\n三楼的打印机还是不行。\n错误代码 0x0000011b。\n\n请再看一下。",
    "words of headers": "附件里发件人: 显示为空，主题：也是乱码。\n请问原始邮件在哪里？",
    "letter": "王工：\n\n问题已解决。\n\n此致\n敬礼\n\n张伟",
    "list": "测试结果：\n1. VPN 可以连接\n2. 打印机 > 设置 > 网络 里没有地址\n3. 供应商写道“请更换”",
}
MAIL = "请提供错误代码。\n\nIT服务台\n电话：010-12345678"

# What a program puts below the answer: {} is the mail that is answered, {quoted} the same with marks.
SAMPLES = Path(__file__).parent / "samples" / "quotes"


def formats(folder: str) -> dict[str, str]:
    return {path.stem: path.read_text("utf-8") for path in sorted((SAMPLES / folder).iterdir())}


CHINESE, OTHERS, HTML = formats("zh"), formats("other"), formats("html")
OTHER_CONTENTS = [
    "Danke, es geht wieder.\n\nDer Drucker im 3. Stock auch.",
    "Merci, c'est réglé.\nDe plus, l'objet : du message était vide.",
    "ありがとうございます。\n直りました。",
    "감사합니다.\n해결되었습니다.",
]


def plain(program: str, content: str) -> str:
    quoted = "\n".join(f"> {line}".rstrip() for line in MAIL.split("\n"))
    return f"{content}\n{program.replace('{quoted}', quoted).replace('{}', MAIL)}\n"


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text)


ANSWERS = [
    pytest.param(program, content, id=f"{name} - {kind}")
    for name, program in CHINESE.items()
    for kind, content in CONTENTS.items()
]


@pytest.mark.parametrize(("program", "content"), ANSWERS)
def test_an_answer_from_a_chinese_program_is_what_was_written(program: str, content: str) -> None:
    assert new_text(plain(program, content)) == content


@pytest.mark.parametrize("content", OTHER_CONTENTS)
@pytest.mark.parametrize("program", OTHERS.values(), ids=OTHERS)
def test_an_answer_from_a_program_of_another_language_is_what_was_written(program: str, content: str) -> None:
    assert new_text(plain(program, content)) == content


@pytest.mark.parametrize("content", CONTENTS.values(), ids=CONTENTS)
@pytest.mark.parametrize("program", HTML.values(), ids=HTML)
def test_an_answer_in_html_is_what_was_written(program: str, content: str) -> None:
    body = "<br>".join(html.escape(line) for line in content.split("\n"))
    assert words(new_text_html(program.replace("{}", body))) == words(content)


INLINE = [
    "> 请提供错误代码。\n0x0000011b\n> 哪一层？\n三楼",
    "> 请提供错误代码。\n\n【答】0x0000011b\n\n> 哪一层？\n\n【答】三楼",
]


@pytest.mark.parametrize("body", INLINE)
@pytest.mark.parametrize("line", ["在 2024/5/6 10:00, IT 写道:", "IT <it@corp.example> 于2024年5月6日周一 10:00写道："])
def test_answers_between_the_lines_stay(line: str, body: str) -> None:
    own = re.sub(r"\n{2,}", "\n\n", "\n".join(x for x in body.split("\n") if not x.startswith(">"))).strip()
    assert words(new_text(f"{line}\n{body}\n")) == words(own)


def test_the_samples_are_there() -> None:
    assert len(ANSWERS) >= 100
    assert len(OTHERS) >= 15
    assert len(HTML) >= 10
