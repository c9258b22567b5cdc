"""Where a German sentence ends, and which of its parts are words."""

import re
from collections.abc import Iterator

_WORD = re.compile(r"[^\W_]+(?:[-\u2013'\u2019.,:/][^\W_]+)*")
_WEB = ("http://", "https://", "www.")
_BULLET = re.compile(r"^\s*(?:[-*•]|\d{1,2}\.)\s+")
# Possessive, and begun only at the first mark: a million full stops are read once.
_END = re.compile(r"(?<![.!?…])[.!?…]++[\"“”»)\]]*+(?=\s|$)")
_LAST_WORD = re.compile(r"[^\s(„\"»]+$")
_NEXT_WORD = re.compile(r"\s+[„\"»(]*([^\W_]+)")
_ORDINAL = re.compile(r"\d{1,2}\.")

_ABBREVIATIONS = frozenset(
    [
        "abs.",
        "art.",
        "az.",
        "bspw.",
        "bzw.",
        "ca.",
        "dr.",
        "evtl.",
        "gem.",
        "ggf.",
        "inkl.",
        "insb.",
        "lt.",
        "max.",
        "min.",
        "mind.",
        "nr.",
        "prof.",
        "s.",
        "st.",
        "str.",
        "tel.",
        "vgl.",
        "zzgl.",
    ]
)
# A word that opens a sentence and never follows an ordinal or an abbreviation.
_OPENERS = frozenset(
    [
        "Aber",
        "Als",
        "Am",
        "An",
        "Auch",
        "Auf",
        "Außerdem",
        "Bei",
        "Beim",
        "Bitte",
        "Bringen",
        "Da",
        "Danach",
        "Dann",
        "Das",
        "Dafür",
        "Den",
        "Der",
        "Deshalb",
        "Dazu",
        "Die",
        "Dies",
        "Diese",
        "Dieser",
        "Dieses",
        "Dort",
        "Ein",
        "Eine",
        "Er",
        "Es",
        "Falls",
        "Für",
        "Haben",
        "Hier",
        "Ich",
        "Ihr",
        "Ihre",
        "Im",
        "In",
        "Ist",
        "Kommen",
        "Können",
        "Mit",
        "Nach",
        "Nun",
        "Oder",
        "Schicken",
        "Sie",
        "Sind",
        "So",
        "Und",
        "Unser",
        "Unsere",
        "Vor",
        "Wann",
        "Was",
        "Wenn",
        "Wer",
        "Wie",
        "Wir",
        "Wo",
        "Zu",
        "Zum",
        "Zur",
    ]
)
_WINDOW = 40
"""How far a word may reach back from a full stop; keeps one long line from costing its square."""


def sentences(text: str) -> list[str]:
    """Split a text into its sentences.

    Every line is read on its own: editors don't wrap lines, and an item of a list or a heading is
    a sentence even if no mark ends it. A line that ends with a comma goes on in the next one, as
    after "Guten Tag,".
    """
    return [
        sentence
        for line in _lines(text)
        for sentence in map(str.strip, _split(line))
        if words(sentence)
    ]


def words(sentence: str) -> list[str]:
    """Give the words of a sentence; e-mail and web addresses are none: nobody reads them aloud."""
    spoken = (chunk for chunk in sentence.split() if not _is_address(chunk))
    return [word for chunk in spoken for word in _WORD.findall(chunk)]


def _is_address(chunk: str) -> bool:
    return "@" in chunk or chunk.lower().startswith(_WEB)


def _lines(text: str) -> Iterator[str]:
    begun: list[str] = []
    for line in text.splitlines():
        if not line.strip():
            continue
        begun.append(_BULLET.sub("", line).strip())
        if not begun[-1].endswith(","):
            yield " ".join(begun)
            begun = []
    if begun:
        yield " ".join(begun)


def _split(line: str) -> Iterator[str]:
    start = 0
    for mark in _END.finditer(line):
        if _ends(line, mark):
            yield line[start : mark.end()]
            start = mark.end()
    yield line[start:]


def _ends(line: str, mark: re.Match[str]) -> bool:
    if not mark[0].startswith(".") or mark[0].startswith(".."):
        return True
    following = _NEXT_WORD.match(line, mark.end())
    if following is None:
        return True
    if following[1][0].islower():
        return False
    last = _LAST_WORD.search(line[max(0, mark.start() - _WINDOW) : mark.start() + 1])
    return following[1] in _OPENERS or last is None or not _carries_a_stop(last[0])


def _carries_a_stop(word: str) -> bool:
    """Tell whether the full stop belongs to the word: "2. März", "Dr. Müller", "z. B. Pass"."""
    single_letter = len(word) == len("B.") and word[0].isalpha()
    return single_letter or word.lower() in _ABBREVIATIONS or bool(_ORDINAL.fullmatch(word))
