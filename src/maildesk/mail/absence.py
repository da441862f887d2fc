"""Automatic replies that carry no header: what their subjects and first sentences say, in some twenty languages."""

import re

from maildesk.mail.citation import any_of

_LONGEST = 1_000  # characters of a subject or of a text's beginning
_GREETING = 60  # characters of the line that greets

# A whole subject, or the part before its colon: "Out of office setup fails" is a person's.
_SUBJECTS = any_of(r"""
    automatic reply / automated reply / auto[- ]?reply / auto[- ]?response / auto[- ]?responder / auto
    (?:i am |i'm )?out of (?:the )?office(?: (?:auto[- ]?)?(?:reply|response|message))?
    vacation (?:reply|response|message) / away from (?:my|the) (?:office|desk|mail|e-?mail)
    (?:假期|休假|外出|系统|邮件)?自动(?:回复|答复|应答|回覆) / 我?(?:不在办公室|不在辦公室)
    自動(?:回覆|答覆|回應|回復|応答|返信)(?:メール)? / (?:休假|外出|假期)自動(?:回覆|答覆)
    不在(?:のお知らせ|通知|連絡)?
    자동 ?(?:회신|응답|답장) / 부재 ?중(?: ?자동 ?(?:응답|회신))?
    automatische (?:antwort|rückantwort) / abwesenheits(?:notiz|nachricht|meldung|assistent) / abwesend
    nicht im büro
    réponse automatique(?: d['’]absence(?: du bureau)?)? / message d['’]absence / absente? du bureau
    absence du bureau
    respuesta automática / fuera de (?:la )?oficina / ausente de la oficina / mensaje de ausencia
    resposta automática / fora do escritório / ausência temporária / ausente do escritório
    risposta automatica / fuori (?:sede|ufficio) / messaggio di assenza
    automatisch antwoord / automatische beantwoording / afwezigheids(?:bericht|assistent) / afwezig / niet aanwezig
    automatiskt svar / automatisk svar / autosvar / frånvaromeddelande / fraværsmelding / ikke til stede
    automaattinen vastaus / automatyczna odpowiedź / odpowiedź automatyczna / automatická odpověď
    автоответ / автоматический ответ / otomatik yanıt / automatikus válasz
""")
_SUBJECT = re.compile(
    rf"\s*+[\[【(*]*+\s*+{_SUBJECTS}\s*+[\]】)*]*+\s*+(?:[:：!.。]|$|(?:re|aw|fwd?|回复|答复)\s*[:：])", re.IGNORECASE
)
# The first sentence, behind a line that greets.
_DECLARED = any_of(r"""
    这是来自QQ邮箱的(?:假期)?自动回复邮件 / 這是來自QQ郵箱的(?:假期)?自動回覆郵件
    (?:此|本)(?:邮件|信)(?:为|是|由)?系统自动(?:发送|发出|回复|生成)
    (?:此|本)(?:郵件|信件?)(?:為|是|由)?系統自動(?:發送|發出|回覆|產生)
    (?:这|此|本)(?:邮件)?是一封?自动(?:回复|答复) / (?:這|此|本)(?:郵件)?是一封?自動(?:回覆|答覆)
    this is an? (?:automat(?:ed|ic)|auto[- ]?generated) (?:reply|response|acknowledge?ment)\b
    this (?:message|e-?mail|reply) (?:was|is|has been) (?:sent |generated )?automatically(?: generated| sent)?\b
    dies(?:e (?:e-?mail|nachricht))? (?:ist eine|wurde) automatis(?:ch|che|ierte) (?:antwort|nachricht|erstellt|erzeugt)
    ce(?:ci| message)? est une? (?:réponse|message) (?:automatique|généré automatiquement)
    (?:esta|este) es una? (?:respuesta|mensaje) automátic[ao]\b
    (?:esta|este) é uma? (?:resposta|mensagem) automática\b
    (?:questa|questo) è una? (?:risposta|messaggio) automatic[ao]\b
    dit is een automatisch(?:e)? (?:antwoord|bericht)\b
    (?:この|本)メールは(?:、)?(?:システムによる)?自動(?:応答|返信|送信)
    (?:이|본) (?:메일은|이메일은) (?:시스템에서 )?자동(?:으로)? ?(?:발송|회신|응답)
""")
_AT_THE_START = re.compile(rf"\s*(?:\*{{2,10}}\s*)?{_DECLARED}", re.IGNORECASE)
_BELOW_A_GREETING = re.compile(
    rf"\s*(?:dear|hello|hi|hallo|guten tag|sehr|bonjour|hola|estimad|buongiorno|gentile|geachte|beste|olá|"
    rf"prezad|您好|你好|尊敬|敬启者|親愛|各位)[^\n]{{0,{_GREETING}}}\n\s*{_DECLARED}",
    re.IGNORECASE,
)

# Of a mail without any mark, three things together: it says that its writer is away, and two of the other three.
_AWAY = any_of(r"""
    out of (?:the |my )?office / on (?:annual |parental |sick |maternity )?(?:leave|vacation|holiday)
    away from (?:the|my) (?:office|desk)
    不在(?:办公室|辦公室|公司) / (?:休假|年假|外出|出差)(?:中|期间|期間|,|，|。) / 正在(?:休假|休年假|出差|外出|度假)
    nicht im (?:büro|haus) / abwesend / im urlaub / absente? (?:du bureau|jusqu) / en (?:congés?|vacances)
    hors du bureau
    fuera de (?:la |mi )?oficina / de vacaciones / ausente / fuori (?:sede|ufficio) / in ferie / assente / férias
    fora do escritório / niet op kantoor / afwezig / met vakantie / 不在に(?:して|いたし) / 休暇(?:中|を) / 出張中
    부재 ?중 / 휴가 ?중 / 출장 ?중
""")
_THANKS = any_of(r"""
    (?:thank you|thanks) (?:very much )?for (?:your|the) (?:e-?mail|message|mail)
    (?:感谢|谢谢|感謝|謝謝)您?的?(?:来信|来函|邮件|來信|來函|郵件)
    (?:您|你)的(?:来信|邮件|來信|郵件)(?:我)?已(?:经|經)?收到 / (?:来信|邮件|來信|郵件)已收到
    (?:danke|dank) für (?:ihre|deine) (?:nachricht|e-?mail|mail)
    merci (?:pour|de) votre (?:message|e-?mail|courriel|mail) / (?:j['’]ai bien )reçu votre
    gracias por (?:su|tu) (?:mensaje|correo|e-?mail)
    grazie per (?:il |la )?(?:(?:suo|sua|tuo|tua) )?(?:messaggio|e-?mail|mail)
    obrigad[oa] pel[ao] (?:sua )?(?:mensagem|e-?mail|contacto)
    (?:bedankt|dank) voor (?:uw|je) (?:bericht|e-?mail|mail) / メール(?:を)?(?:いただき|頂き)?(?:、)?ありがとう
    메일(?:을)? ?(?:보내 ?주셔서 )?감사
""")
_INSTEAD = any_of(r"""
    (?:urgent|emergenc|immediate)[^.\n]{0,60}(?:contact|call|reach|write|e-?mail)
    (?:contact|call|reach)[^.\n]{0,60}(?:urgent|emergenc|my absence)
    (?:如有|有|若有|遇)?(?:急事|紧急|緊急|要事)[^。\n]{0,20}(?:联系|致电|聯繫|聯絡|致電|拨打)
    (?:dringend|notf)[^.\n]{0,60}(?:wenden|kontakt|erreichen)
    urg[eê]n[^.\n]{0,60}(?:contacte|adresse|joindre|appel|contacta|dirig|llam|comunica|contatt|rivolg|contat)
    (?:dringende|spoed)[^.\n]{0,60}(?:contact|neem|bellen)
    (?:お急ぎ|緊急)[^。\n]{0,30}(?:ご連絡|まで) / (?:급한|긴급)[^.\n]{0,30}(?:연락|문의)
""")
_LATER = any_of(r"""
    (?:limited|no|not have|without) access to (?:my )?(?:e-?mail|mail)
    (?:reply|respond|answer|get back to you|read)[^.\n]{0,60}(?:return|am back|as soon as)
    (?:回来|返回|回來|上班|返岗)(?:后|後|之后)?[^。\n]{0,10}(?:回复|答复|处理|回覆|處理)
    (?:尽快|盡快|儘快)(?:给您|向您|給您)?(?:回复|答复|回覆)
    (?:nach meiner|bei meiner) rückkehr / nicht weitergeleitet / à mon retour / dès mon retour
    a mi (?:regreso|vuelta)
    al (?:mio )?rientro / no meu regresso / quando (?:eu )?(?:regressar|voltar) / bij (?:mijn )?terugkomst
    na (?:mijn )?terugkeer
    (?:戻り|帰社|出社)(?:次第|後) / 복귀 ?후
""")
_AWAY_FOUND = re.compile(_AWAY, re.IGNORECASE)
_SIGNS = tuple(re.compile(words, re.IGNORECASE) for words in (_THANKS, _INSTEAD, _LATER))


def by_subject(subject: str) -> bool:
    """Whether a subject is that of an automatic reply."""
    return _SUBJECT.match(subject[:_LONGEST]) is not None


def by_text(text: str) -> str:
    """The words by which a text says that nobody wrote it, or that its writer is away; "" when it says neither."""
    start = text[:_LONGEST].lstrip()
    said = _AT_THE_START.match(start) or _BELOW_A_GREETING.match(start)
    if said:
        return said[0].strip()
    away = _AWAY_FOUND.search(start)
    # Somebody who asks has written himself.
    if away is None or "?" in start or "？" in start or sum(1 for sign in _SIGNS if sign.search(start)) < 2:
        return ""
    return away[0]
