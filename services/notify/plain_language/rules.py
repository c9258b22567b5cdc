"""The rules of plain German that no formula sees: signs of hard wording, not a grammar."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.notify.plain_language.sentences import sentences, words
from services.notify.plain_language.syllables import syllables
from services.notify.plain_language.wording import Rule, Wording

LONGEST_SENTENCE = 20
"""Words in a sentence, at most."""

_NOUNS_OF_VERBS = 2
_NEGATIONS = 2
_TERM_SYLLABLES = 6

_BECOMES = frozenset({"wird", "werden", "wurde", "wurden", "worden"})
_PARTICIPLE = re.compile(
    r"[a-zäöüß]{0,12}ge[a-zäöüß]{2,20}(?:t|en)"
    r"|(?:be|ver|ent|er|zer|miss|über|unter)[a-zäöüß]{2,20}t"
    r"|[a-zäöüß]{2,20}iert"
)
_STRONG_PARTICIPLES = frozenset(
    {"beschlossen", "entschieden", "entzogen", "erhoben", "erlassen", "unterschrieben"}
    | {"übernommen", "verboten", "verloren", "verschoben", "versehen"}
)
# Infinitives that look like participles: "Das wird gelten" is the future.
_INFINITIVES = frozenset(
    {"gefallen", "gehören", "gelangen", "gelingen", "gelten", "genießen", "genügen"}
    | {"geschehen", "gestalten", "gestatten", "gewinnen", "gewähren"}
)
_NOUN_OF_A_VERB = re.compile(r"[A-ZÄÖÜ][\w-]{2,60}(?:ung|ungen|nahme|nahmen|ierung|stellung)")
_NEGATION = re.compile(
    r"nicht|nichts|nie|niemals|niemand\w{0,3}|kein\w{0,2}|keinesfalls|weder|ohne|nirgends",
    re.IGNORECASE,
)
_ACRONYM = re.compile(r"[A-ZÄÖÜ]{2,8}")


@dataclass(frozen=True, slots=True)
class Finding:
    """Something to change.

    Attributes:
        rule: Which rule the text fails.
        quote: The words of the text, or the measure.
        instead: A better wording, if one is known.
    """

    rule: Rule
    quote: str
    instead: str | None = None


def findings(text: str, wording: Wording) -> list[Finding]:
    """List what to change in a German text, in the order of the text."""
    found = [finding for sentence in sentences(text) for finding in _in_sentence(sentence, wording)]
    found += (Finding(Rule.ABBREVIATION, acronym) for acronym in _unexplained(text, wording))
    return list(dict.fromkeys(found))


def _in_sentence(sentence: str, wording: Wording) -> Iterator[Finding]:
    spoken = words(sentence)
    if len(spoken) > LONGEST_SENTENCE:
        yield Finding(Rule.LONG_SENTENCE, sentence)
    if _BECOMES.intersection(map(str.lower, spoken)) and any(map(_is_participle, spoken)):
        yield Finding(Rule.PASSIVE, sentence)
    if sum(bool(_NOUN_OF_A_VERB.fullmatch(word)) for word in spoken) >= _NOUNS_OF_VERBS:
        yield Finding(Rule.NOMINAL_STYLE, sentence)
    if sum(bool(_NEGATION.fullmatch(word)) for word in spoken) >= _NEGATIONS:
        yield Finding(Rule.NEGATIONS, sentence)
    yield from _abbreviations(sentence, wording)
    yield from _hard_words(spoken, wording)


def _is_participle(word: str) -> bool:
    if word in _INFINITIVES:
        return False
    return word in _STRONG_PARTICIPLES or bool(_PARTICIPLE.fullmatch(word))


def _abbreviations(sentence: str, wording: Wording) -> Iterator[Finding]:
    plain = f" {_close_up(sentence)} "
    for short, instead in wording.abbreviations.items():
        if re.search(rf"(?<!\w){re.escape(_close_up(short))}(?!\w)", plain, re.IGNORECASE):
            yield Finding(Rule.ABBREVIATION, short, instead)


def _close_up(text: str) -> str:
    """Write "z. B." and "z.B." alike."""
    return re.sub(r"(?<=\b[^\W\d_]\.)\s(?=[^\W\d_]\.)", "", text)


def _hard_words(spoken: list[str], wording: Wording) -> Iterator[Finding]:
    officialese = {word.lower(): plain for word, plain in wording.officialese.items()}
    glossary = {term.lower() for term in wording.glossary}
    for word in spoken:
        lower = word.lower()
        if lower in officialese:
            yield Finding(Rule.OFFICIALESE, word, officialese[lower])
        elif word.isalpha() and syllables(word) >= _TERM_SYLLABLES and lower not in glossary:
            yield Finding(Rule.UNKNOWN_TERM, word)


def _unexplained(text: str, wording: Wording) -> Iterator[str]:
    """Find words of capitals only that neither a bracket nor the glossary explains."""
    for word in words(text):
        explained = word in wording.glossary or f"({word})" in text or f"{word} (" in text
        if _ACRONYM.fullmatch(word) and not explained:
            yield word
