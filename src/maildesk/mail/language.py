"""The language of a mail, by script and stop words: no model, no dependency, a few microseconds a line."""

import re
from collections import Counter

_LONGEST = 6_000  # characters looked at
_WORD = re.compile(r"[^\W\d_]+")
_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_SHORT = 20  # letters of a line that only greets
_SALUTATION = re.compile(r"\s*(?:dear|hi|hello|hey|hallo|bonjour|hola|ciao)\b", re.IGNORECASE)

# By script alone. Cyrillic and Latin need words.
_SCRIPTS = {
    "kana": re.compile(r"[\u3041-\u30fa\uff66-\uff9d]"),
    "ko": re.compile(r"[\uac00-\ud7a3\u1100-\u11ff]"),
    "cyrillic": re.compile(r"[\u0400-\u04ff]"),
    "el": re.compile(r"[\u0370-\u03ff]"),
    "he": re.compile(r"[\u0590-\u05ff]"),
    "ar": re.compile(r"[\u0600-\u06ff]"),
    "hi": re.compile(r"[\u0900-\u097f]"),
    "th": re.compile(r"[\u0e00-\u0e7f]"),
    "latin": re.compile(r"[A-Za-z\u00c0-\u024f\u1e00-\u1eff]"),
}

_STOP_WORDS = {
    "en": "the and is are was were to of in on for with my your our please not it this that have has can cannot i we "
    "you be at as when but from if there thanks thank hello help after since any an",
    "de": "der die das und ist nicht ich wir sie zu den dem ein eine mit auf für bitte kann von im es habe haben wird "
    "auch seit danke hallo beim nach wenn kein keine mein",
    "fr": "le la les et est pas je nous vous de des du un une pour dans sur avec que qui ne mon ma mes notre bonjour "
    "merci depuis plus à ce cette au aux j",
    "es": "el la los las y es no que de en un una por para con mi su se lo me hola gracias desde cuando puedo está "
    "estoy del al nuestro favor",
    "pt": "o a os as e é não que de em um uma por para com meu minha se olá obrigado obrigada desde quando está do da "
    "no na ao você",
    "it": "il lo la gli le e è non che di in un una per con mio mia si ciao grazie da quando sono del della al nel "
    "posso buongiorno",
    "nl": "de het een en is niet ik wij van op voor met mijn dat die te aan er naar hallo bedankt als kan geen ook om "
    "graag",
    "sv": "och är inte jag vi att det en ett på för med min som till hej tack av den kan när från har",
    "da": "og er ikke jeg vi at det en et på for med min som til hej tak af den kan når fra har",
    "pl": "i jest nie w na z do że się to mój moja proszę dziękuję od jak dla nie mogę czy",
}
_LANGUAGES: dict[str, tuple[str, ...]] = {}
for _language, _words in _STOP_WORDS.items():
    for _word in set(_words.split()):
        _LANGUAGES[_word] = (*_LANGUAGES.get(_word, ()), _language)


def detect(text: str) -> str:
    """The BCP 47 tag of the language a mail is written in: zh-Hans, zh-Hant, en, ja, ko, de, ...; "" when unsure.

    A Chinese mail that shows an English error text is Chinese: what a person writes first, and how much of it is
    prose, counts more than how long a log is.
    """
    text = text[:_LONGEST]
    counts = {name: len(pattern.findall(text)) for name, pattern in _SCRIPTS.items()}
    han = "".join(_HAN.findall(text))
    if counts["kana"] >= 2 and counts["kana"] * 8 >= len(han):
        return "ja"
    if han and _is_chinese(text, len(han)):
        return _chinese(han)
    name, most = max(counts.items(), key=lambda entry: entry[1])
    if most == 0:
        return ""
    if name == "latin":
        return _by_words(text)
    if name == "cyrillic":
        return "uk" if re.search("[іїєґ]", text, re.IGNORECASE) else "ru"
    return "ja" if name == "kana" else name


def _is_chinese(text: str, han: int) -> bool:
    """Whether the Han characters are the mail, and not a name or an address in it."""
    words = sum(1 for word in _WORD.findall(text) if word.isascii())
    if han * 2 >= words * 3 and not _SALUTATION.match(text):
        return True
    for line in text.splitlines():
        letters = len(_SCRIPTS["latin"].findall(line))
        here = len(_HAN.findall(line))
        if here + letters < 3 or (_SALUTATION.match(line) and letters < _SHORT):
            continue
        first = next(filter(str.isalpha, line))
        return here >= 3 and (_HAN.match(first) is not None or here * 4 >= letters)
    return False


def _chinese(han: str) -> str:
    """Simplified characters are in GB 2312 and not in Big5, traditional ones the other way round."""
    simplified = len(han.encode("gb2312", "ignore"))
    return "zh-Hans" if simplified >= len(han.encode("big5", "ignore")) else "zh-Hant"


def _by_words(text: str) -> str:
    """The language with most stop words; one word in twelve at least, or it is no prose."""
    words = [word.lower() for word in _WORD.findall(text)]
    votes = Counter(language for word in words for language in _LANGUAGES.get(word, ()))
    if not votes:
        return ""
    (language, most), *others = votes.most_common(2)
    if most * 12 < len(words) or (others and others[0][1] == most and most < 2):
        return ""
    return language
