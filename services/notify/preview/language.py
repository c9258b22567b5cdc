"""In which of our six languages a text is written, as far as letters and small words tell. Pure.

No model of languages: only texts in these six come here, and what has to be noticed is one in the
place of another. The letters tell Arabic and Ukrainian; the words that every sentence needs, and
letters that the others lack, tell the rest.
"""

import re
from collections.abc import Mapping
from types import MappingProxyType

_SCRIPTS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {"ar": re.compile(r"[\u0620-\u064a]"), "uk": re.compile(r"[\u0400-\u04ff]")}
)
_LATIN = re.compile(r"[a-zà-öø-ÿœğ\u0131şİ]", re.IGNORECASE)
_WORD = re.compile(r"[^\W\d_]+")
_NAME = re.compile(r"\(\([^()?!]*(?:\?\?|!!|\)\))|\)\)|https?://\S+|\S+@\S+")
"""Names of values, signs of passages, addresses: in no language."""
_SMALL: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        language: frozenset(words.split())
        for language, words in {
            "de": "der die das den dem des ein eine einen einer ist sind war nicht kein keine und"
            " oder sie ihr ihre ihren ihrer ihnen wir uns unser unserem unserer es zu zum"
            " zur im am vom von mit bis für auf über bei nach vor aus wird werden haben hat"
            " kann können müssen bitte wenn dass schon noch auch nur wann wo guten tag"
            " bekommen seite datum akte",
            "en": "the a an is are was not no and or you your we us our it to of in on at by with"
            " until for from about before after will have has can must please if that"
            " already still also only when where this been be do need any hello page phone"
            " copy proof",
            "fr": "le la les l un une des du de d est sont n pas ne et ou vous votre vos nous"
            " notre nos il elle à au aux en dans sur par avec pour jusqu avant après sera"
            " avez a peut pouvez devez si que qu déjà encore aussi ce cette cet son être"
            " bonjour veuillez tél",
            "tr": "ve veya bir bu şu siz size sizin sizi biz bize bizim için ile kadar değil"
            " lütfen olarak daha önce sonra her var yok ne nerede zaman o de da ki mi çok en"
            " gün günü merhaba tarih sayfa belgesi belgeleri yeni eskisi acil getirin",
        }.items()
    }
)
_LETTERS: Mapping[str, re.Pattern[str]] = MappingProxyType(
    {
        "de": re.compile(r"[äß]|sch|ung\b", re.IGNORECASE),
        "fr": re.compile(r"[éèêàùœ]", re.IGNORECASE),
        "tr": re.compile(
            r"[ğ\u0131şİ]|(?:lar|ler|[nN][\u0131iuü]z(?:[\u0131iuü]n)?)\b|\b[Rr]andevu"
        ),
        "en": re.compile(r"\bth|wh|ing\b", re.IGNORECASE),
    }
)
_CLEARLY = 2


def language_of(text: str) -> str | None:
    """Tell the language of a text; None where nothing tells it clearly enough."""
    words = _NAME.sub(" ", text)
    letters = {language: len(script.findall(words)) for language, script in _SCRIPTS.items()}
    letters["latin"] = len(_LATIN.findall(words))
    most = max(letters, key=lambda name: letters[name])
    if not letters[most]:
        return None
    return most if most != "latin" else _latin(words)


def _latin(text: str) -> str | None:
    small = [word.lower() for word in _WORD.findall(text)]
    points = {
        language: sum(word in known for word in small) + len(_LETTERS[language].findall(text))
        for language, known in _SMALL.items()
    }
    first, second, *_ = sorted(points, key=lambda language: -points[language])
    clearly = points[first] >= points[second] + _CLEARLY or points[first] > points[second] == 0
    return first if clearly else None
