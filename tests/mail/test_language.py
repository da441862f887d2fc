"""The language a mail is written in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maildesk.mail.language import detect


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("VPN连不上", "zh-Hans"),
        ("您好，三楼的打印机坏了，请帮忙处理，谢谢！", "zh-Hans"),
        ("印表機無法列印，請協助處理", "zh-Hant"),
        ("您好，我的電腦開不了機", "zh-Hant"),
        ("在", "zh-Hans"),
        ("登录报错 Error: the connection to the server was refused because the host is not reachable", "zh-Hans"),
        ("请帮忙看看：\nTraceback (most recent call last):\n the file is not in the path and so on\n" * 3, "zh-Hans"),
        ("Hello 张三,\nplease see the log below and tell me if it is ok", "en"),
        ("Hi, the printer on the third floor is broken.\n\n李雷\n信息技术部", "en"),
        ("The printer on floor 3 is broken, please help", "en"),
        ("Cannot print", "en"),
        ("-- \nok\nthe log of the machine at noon is this and that\n张三 李四", "en"),
        ("张三 is the owner and it is not the fault of the user", "en"),
        ("ab 三 cd", ""),
        ("ab\n三", ""),
        ("プリンターが動きません", "ja"),
        ("三階のプリンターが故障しました。確認をお願いします。", "ja"),
        ("프린터가 작동하지 않습니다", "ko"),
        ("Der Drucker ist kaputt, bitte helfen Sie mir", "de"),
        ("Bonjour, je ne peux pas imprimer depuis ce matin", "fr"),
        ("Hola, no puedo imprimir desde ayer", "es"),
        ("Olá, não consigo imprimir desde ontem, obrigado", "pt"),
        ("Buongiorno, non posso stampare da ieri, grazie", "it"),
        ("Hallo, ik kan niet printen en het is dringend", "nl"),
        ("Hej, jag kan inte skriva ut och det är bråttom", "sv"),
        ("Hej, jeg kan ikke udskrive, og det haster", "da"),
        ("Proszę o pomoc, nie mogę drukować od rana", "pl"),
        ("Принтер не работает", "ru"),
        ("Принтер не працює, допоможіть", "uk"),
        ("Ο εκτυπωτής δεν λειτουργεί", "el"),
        ("المدير لا يعمل", "ar"),
        ("เครื่องพิมพ์เสีย", "th"),
        ("printer broken", ""),
        ("", ""),
        ("12345 :-) \n", ""),
        ("xyz qwv lorem ipsum dolor amet consectetur adipiscing elit sed eiusmod tempor incididunt labore i", ""),
    ],
)
def test_the_language_is_told(text: str, language: str) -> None:
    assert detect(text) == language


@given(st.text(max_size=300))
def test_any_text_has_a_language_or_none(text: str) -> None:
    assert len(detect(text)) <= 7
