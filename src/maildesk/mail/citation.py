"""How mail programs introduce a quoted mail: attribution lines, dividers, header blocks; in some twenty languages.

Each recogniser looks at a bounded number of lines, and no expression here can backtrack beyond one line.
"""

import re
from collections.abc import Sequence

_LONGEST = 400  # characters of an attribution or a divider

# ---------------------------------------------------------------------------------------------- header blocks
# Words of one language stand together; a blank inside a name is written as `_`.
_FIELDS = {
    "from": """from von de da van od fra från lähettäjä feladó от kimden відправник message_from da_parte_di
        发件人 寄件人 寄件者 發件人 发信人 從 差出人 送信者 보낸사람 보낸_사람""",
    "sent": """sent sent_at sent_on gesendet gesendet_am envoyé envoyé_le enviado enviado_el enviado_em enviada_em
        inviato data_invio verzonden skickat sendt wysłano lähetetty elküldve odesláno gönderildi отправлено
        发送时间 发送日期 發送時間 發送日期 寄件日期 傳送時間 送信日時 送信日 보낸날짜 보낸_날짜""",
    "date": """date datum data fecha dato päivämäärä dátum tarih дата message_du date_d'envoi
        日期 时间 時間 日時 날짜""",
    "to": """to an à a para aan til till do vastaanottaja címzett komu kime кому
        收件人 收件者 宛先 받는사람 받는_사람""",
    "cc": """cc c.c kopie copie copie_à copia con_copia kopia kopi dw másolat bilgi копия
        抄送 抄送人 副本 副本抄送 참조""",
    "subject": """subject betreff objet sujet asunto oggetto onderwerp ämne emne temat assunto aihe tárgy předmět
        konu тема 主题 主旨 主題 标题 件名 제목""",
    "other": """reply-to importance priority attachments anlagen importancia antwort reply
        附件 重要性 优先级 回复""",
}
_FIELD = {name.replace("_", " "): kind for kind, words in _FIELDS.items() for name in words.split()}
# Bold, table and list decoration of programs that turn HTML into text; 主　题 is written with a wide blank.
_FIELD_LINE = re.compile(
    r"[\s*|_]{0,12}([^\W\d_](?:[^:：|*\n]{0,22}[^\W\d_.])?)\s{0,3}\*{0,2}\s{0,3}(?:[:：]|\|)\s*\*{0,2}\s*(.*)"
)
_INNER = re.compile(r"\s(?:Date|Sent|To|Subject|Objet|发送时间|收件人|主题)\s?[:：]")
_SPACE = re.compile(r"[\s\u200b\ufeff]+")
ADDRESS = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){0,8}")
_BLOCK_LINES = 14  # lines a header block may have
_FOLDED_LINES = 4  # lines one field may be folded over


def field(line: str) -> tuple[str, str] | None:
    """(kind, value) of a header as mail programs quote them; kind: from, sent, date, to, cc, subject or other."""
    match = _FIELD_LINE.match(line[:_LONGEST])
    if match is None:
        return None
    name = match[1].strip().casefold()
    kind = _FIELD.get(name) or _FIELD.get(_SPACE.sub("", name))
    return (kind, match[2].strip(" *|")) if kind else None


def header_block(lines: Sequence[str], at: int) -> tuple[int, dict[str, str]] | None:
    """(number of lines, fields) of the header block that begins at `at`, None when none does.

    A form that a person fills in can look alike ("From: Beijing / To: Shanghai"), so it takes a subject beside
    the sender or the date, the word for "sent", or an address.
    """
    first = field(lines[at])
    if first is None or first[0] not in {"from", "date", "sent"}:
        return None
    found: dict[str, str] = {}
    end, folded, last = at, 0, ""
    for index in range(at, min(at + _BLOCK_LINES, len(lines))):
        line = lines[index]
        entry = field(line)
        if entry is not None and (entry[0] not in found or entry[0] == "other"):
            last, value = entry
            found[last] = value
            end, folded = index, 0
        elif not line.strip():
            if found.keys() & {"subject", "to"} or index - end > 1:
                break
        elif entry is None and folded < _FOLDED_LINES and _continues(lines, index):
            found[last] = f"{found[last]} {line.strip()}"
            folded += 1
        else:
            break
    return (end - at + 1, found) if _is_block(found) else None


def _continues(lines: Sequence[str], index: int) -> bool:
    """Whether a line inside a block carries a folded value on: another header stands close below it."""
    below = lines[index + 1 : index + 1 + _FOLDED_LINES]
    return any(field(line) is not None for line in below) or ADDRESS.search(lines[index][:_LONGEST]) is not None


def _is_block(found: dict[str, str]) -> bool:
    kinds = found.keys()
    if "from" in kinds and _INNER.search(found["from"]):
        return True
    sender_or_date = len(kinds & {"from", "date", "sent"})
    if not sender_or_date or len(kinds - {"other"}) < 2:
        return False
    if "subject" in kinds or ("from" in kinds and "sent" in kinds):
        return True
    return any(ADDRESS.search(value[:_LONGEST]) for value in found.values())


# --------------------------------------------------------------------------------------------------- dividers


def any_of(phrases: str) -> str:
    """One alternation of expressions, of which several with ` / ` between them may stand on a line."""
    return f"(?:{'|'.join(phrase for line in phrases.strip().splitlines() for phrase in line.strip().split(' / '))})"


_ORIGINAL = any_of("""
    (?:original|reply|replied|previous|quoted)(?:[ -]?(?:message|e?-?mail|appointment))? / original[ -]nachricht
    (?:ursprüngliche|antwort) ?-?(?:nachricht|e-?mail|mail)
    message (?:d['’]origine|original|initial) / mensaje original / mensagem original / messaggio originale
    oorspronkelijke? (?:bericht|e-?mail) / oprindelig (?:meddelelse|besked|mail) / opprinnelig melding
    ursprungligt meddelande / alkuperäinen viesti / wiadomość oryginalna / oryginalna wiadomość
    eredeti üzenet / původní zpráva / исходное сообщение / özgün ileti
    原始(?:邮件(?:信息)?|消息|信息) / 原始郵件 / 原始信件 / 原始訊息 / 原邮件(?:信息)? / 邮件原[文件]
    回复的(?:原)?邮件 / 回复邮件(?:信息)? / 元のメッセージ / 원본 ?메[시세]지
""")
_PASSED_ON = any_of("""
    (?:begin )?forwarded message(?: follows)? / forwarded by .{1,80}
    (?:anfang der )?weitergeleiteten? (?:nachricht|e-?mail)
    (?:début du )?message (?:transféré|réexpédié) / (?:inicio del )?mensaje reenviado / mensagem encaminhada
    (?:inizio )?messaggio inoltrato / (?:begin )?doorgestuurd bericht / vidarebefordrat meddelande
    videresendt (?:besked|meddelelse|melding) / пересылаемое сообщение / wiadomość przekazana
    (?:已)?转发(?:的)?(?:原)?邮件(?:信息)? / 轉寄(?:的)?(?:郵件|訊息) / (?:开始|下面是)被?转发的邮件
    (?:開始|下面是)被?轉寄的(?:郵件|訊息) / 以下は転送されたメール / 転送メッセージ / 전달된 메시지
""")
_RULED = r"[-_=—–*~\s]{0,80}"
_GAP = r"(?:&nbsp;|\s)*+"  # QQ writes the entity into plain text
_DIVIDER = re.compile(rf"\s*[-_=—–*~]{{2,80}}{_GAP}{_ORIGINAL}{_GAP}[:：]?{_GAP}[-_=—–*~]{{2,80}}\s*", re.IGNORECASE)
_FORWARD = re.compile(
    rf"\s*(?:[-_=—–*~]{{2,80}}\s*{_PASSED_ON}\s*[:：]?{_RULED}|{_PASSED_ON}\s*[:：])\s*", re.IGNORECASE
)
_RULE = re.compile(r"\s*(?:[-_=—–*~•·]\s?){3,200}\s*")


def is_divider(line: str) -> bool:
    """`-----Original Message-----`, `------------------ 原始邮件 ------------------` and their relatives."""
    return len(line) <= _LONGEST and _DIVIDER.fullmatch(line) is not None


def is_forward(line: str) -> bool:
    """`---------- Forwarded message ---------`, `-------- 转发邮件信息 --------`, `Begin forwarded message:`."""
    return len(line) <= _LONGEST and _FORWARD.fullmatch(line) is not None


def is_rule(line: str) -> bool:
    """A line of dashes, underscores or the like, and nothing else."""
    return len(line) <= _LONGEST and _RULE.fullmatch(line) is not None
