"""Automatic replies by their words alone, and the day they name; and people who write about absence."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from maildesk.mail import absence, absence_end, origin
from maildesk.mail.model import Address, OriginKind

WEI = Address(name="Wei", address="wei@corp.example")
MONDAY = date(2024, 5, 6)

SUBJECTS = {
    "zh-Hans": ["自动回复: 打印机坏了", "自动答复：[MD-1042] 打印机", "休假自动回复: x", "【自动回复】"],
    "zh-Hant": ["自動回覆: 印表機", "自動答覆：印表機", "外出自動回覆: x", "我不在辦公室"],
    "en": ["Automatic reply: printer", "Out of Office: printer", "Auto-Reply: x", "Out of Office AutoReply: x"],
    "de": ["Automatische Antwort: Drucker", "Abwesenheitsnotiz: Drucker", "Abwesenheitsassistent: x"],
    "fr": ["Réponse automatique : imprimante", "Absence du bureau : x", "Réponse automatique d'absence du bureau : x"],
    "es": ["Respuesta automática: impresora", "Fuera de oficina: x", "Fuera de la oficina: x"],
    "ja": ["自動応答: プリンター", "自動返信：プリンター", "不在通知: x", "不在のお知らせ"],
    "ko": ["자동 회신: 프린터", "자동응답: 프린터", "부재 중 자동 회신: x", "부재중: x"],
    "it": ["Risposta automatica: stampante", "Fuori sede: x", "Fuori ufficio: x"],
    "nl": ["Automatisch antwoord: printer", "Afwezig: x", "Afwezigheidsassistent: x"],
    "pt": ["Resposta automática: impressora", "Ausência temporária: x", "Fora do escritório: x"],
}
HUMAN_SUBJECTS = [
    "自动回复功能怎么设置？",
    "请帮我设置自动回复",
    "休假申请系统打不开",
    "不在办公室时如何连接VPN",
    "自動回覆怎麼關閉",
    "我不在辦公室的電腦開不了",
    "Automatic reply does not stop",
    "How do I set an out of office message?",
    "Out of office setup",
    "On leave: laptop to return",
    "Abwesenheitsnotiz einrichten",
    "Wie schalte ich die automatische Antwort aus?",
    "Configurer la réponse automatique",
    "Absence du bureau à configurer pour Marie",
    "Cómo activar la respuesta automática",
    "Fuera de servicio: impresora",
    "自動返信の設定について",
    "不在者のパソコン",
    "자동 회신 설정 방법",
    "부재자 메일 확인",
    "Come impostare la risposta automatica",
    "Automatisch antwoord instellen",
    "Como configurar a resposta automática",
    "Autocad: licence",
    "Re: Automatic reply: printer",
]
TEXTS = {
    "zh-Hans": "您好！\n感谢您的来信。我正在休假，5月13日返回。如有急事请联系李雷。",
    "zh-Hans, robot": "本邮件由系统自动发送，请勿回复。",
    "zh-Hans, qq": "这是来自QQ邮箱的假期自动回复邮件。\n您好，我最近正在休假中。",
    "zh-Hant": "您好：\n感謝您的來信，我目前不在辦公室，如有急事請聯絡王小明。",
    "en": "Thank you for your email. I am out of the office until 13 May with limited access to email.",
    "en, robot": "Dear sender,\n\nThis is an automated response. Please do not reply.",
    "de": "Vielen Dank für Ihre Nachricht. Ich bin abwesend. In dringenden Fällen wenden Sie sich an Anna.",
    "fr": "Bonjour,\nMerci pour votre message. Je suis absente du bureau. En cas d'urgence, contactez Marie.",
    "es": "Gracias por su mensaje. Estoy fuera de la oficina. Para asuntos urgentes, contacte con Ana.",
    "ja": "メールありがとうございます。\nただいま不在にしております。お急ぎの方は田中までご連絡ください。",
    "ko": "메일 감사합니다. 현재 휴가 중입니다. 급한 용무는 김철수에게 연락 바랍니다.",
    "it": "Grazie per il messaggio. Sono fuori ufficio. Per urgenze contattare Paolo.",
    "nl": "Bedankt voor uw bericht. Ik ben afwezig. Voor dringende zaken kunt u contact opnemen met Jan.",
    "pt": "Obrigado pela sua mensagem. Estou de férias. Em caso de urgência, contacte a Ana.",
}
HUMAN_TEXTS = [
    "我正在出差，电脑连不上VPN，请尽快处理。",
    "我下周休假，请在5月13日以后再来修打印机。",
    "您好，我不在办公室，钥匙在前台，谢谢！",
    "感谢您的来信，打印机已经好了。",
    "请看下面这封：\n本邮件由系统自动发送，请勿回复\n是不是钓鱼邮件",
    "我目前出差中，急事请打手机",
    "I am out of the office tomorrow, please fix the printer on Wednesday.",
    "Thank you for your email. The printer works again.",
    "I am on vacation and cannot log in. Can you reset my password? It is urgent, please contact me by phone.",
    "I got this mail:\n\nThis is an automated response. Please click here.\n\nIs it phishing?",
    "My out of office reply does not switch off.",
    "Ich bin ab morgen im Urlaub, bitte den Rechner vorher abholen.",
    "Vielen Dank für Ihre Nachricht. Der Drucker geht wieder.",
    "Je suis en congé demain, pouvez-vous passer mercredi ?",
    "Gracias por su mensaje. La impresora ya funciona.",
    "Estoy de vacaciones la próxima semana, cambien el equipo entonces.",
    "メールありがとうございます。プリンターは直りました。",
    "출장 중이라 VPN 접속이 안 됩니다.",
    "Sono fuori ufficio oggi, venite domani.",
    "Ik ben morgen afwezig, kom woensdag langs.",
]


def judged(subject: str, text: str) -> OriginKind:
    return origin.judge([("Subject", subject)], "text/plain", WEI, text, "", MONDAY).kind


@pytest.mark.parametrize("subject", [subject for subjects in SUBJECTS.values() for subject in subjects])
def test_an_automatic_reply_is_seen_by_its_subject(subject: str) -> None:
    assert judged(subject, "") == "automatic"


@pytest.mark.parametrize("subject", HUMAN_SUBJECTS)
def test_a_subject_about_absence_is_a_persons(subject: str) -> None:
    assert judged(subject, "") == "human"


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_an_automatic_reply_is_seen_by_its_text(text: str) -> None:
    assert judged("Re: [MD-1042] 打印机", text) == "automatic"


@pytest.mark.parametrize("text", HUMAN_TEXTS)
def test_a_text_about_absence_is_a_persons(text: str) -> None:
    assert judged("Re: [MD-1042] 打印机", text) == "human"


RETURNS = [
    ("I am out of the office until 12 May 2024.", date(2024, 5, 12)),
    ("I will be back on Monday, May 13th.", date(2024, 5, 13)),
    ("I'm away from 6 May to 12 May and return on Monday 13 May.", date(2024, 5, 13)),
    ("I am out until 05/31/2024.", date(2024, 5, 31)),
    ("I am away until Jan 3.", date(2025, 1, 3)),
    ("我将于5月6日至5月12日休假，5月13日返回。", date(2024, 5, 13)),
    ("休假至2024年5月12日。", date(2024, 5, 12)),
    ("返回时间：2024/5/13", date(2024, 5, 13)),
    ("我在休假，预计5月13号上班后回复。", date(2024, 5, 13)),
    ("出差：2024-05-06 - 2024-05-12", date(2024, 5, 12)),
    ("Ich bin bis zum 12. Mai 2024 nicht im Büro.", date(2024, 5, 12)),
    ("Ich bin vom 06.05.24 bis einschließlich 12.05.24 abwesend.", date(2024, 5, 12)),
    ("Ab dem 13.05. bin ich wieder erreichbar.", date(2024, 5, 13)),
    ("Ich bin am 13. Mai wieder zurück.", date(2024, 5, 13)),
    ("Je suis absent jusqu'au 12 mai 2024 inclus.", date(2024, 5, 12)),
    ("Absent du 06/05/2024 au 12/05/2024.", date(2024, 5, 12)),
    ("Je serai de retour le lundi 13 mai.", date(2024, 5, 13)),
    ("Estaré fuera hasta el 12 de mayo de 2024.", date(2024, 5, 12)),
    ("Vuelvo el lunes 13 de mayo.", date(2024, 5, 13)),
    ("I am out until 05/06/2024.", None),  # in May or in June
    ("Out until 31 Feb.", None),
    ("I am out until 12 May 2020.", None),
    ("On 3 May the printer broke.", None),
    ("I am out of the office.", None),
]


@pytest.mark.parametrize(("text", "expected"), RETURNS)
def test_the_day_of_return_is_read(text: str, expected: date | None) -> None:
    judged = origin.judge([("Auto-Submitted", "auto-replied")], "text/plain", WEI, text, "", MONDAY)
    assert judged.returns == expected


def test_without_the_day_of_the_mail_a_day_needs_its_year() -> None:
    assert absence_end.read("back on 13 May", None) is None
    assert absence_end.read("back on 13 May 2024", None) == date(2024, 5, 13)


def test_only_of_an_automatic_mail_a_day_of_return_is_read() -> None:
    assert origin.judge([], "text/plain", WEI, "I will be back on 13 May", "", MONDAY).returns is None


@given(
    st.text(st.sampled_from("0123456789/.-年月日 until back on May juin de le bis 至返回"), max_size=300), st.dates()
)
def test_any_text_gives_a_day_or_none(text: str, sent: date) -> None:
    absence_end.read(text, sent)
    absence.by_text(text)
