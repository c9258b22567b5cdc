"""The measures of readability that German has, from counts alone.

Sources: Bamberger and Vanecek, Lesen - Verstehen - Lernen - Schreiben (1984) for the Wiener
Sachtextformel; Amstad, Wie verständlich sind unsere Zeitungen? (1978); Björnsson, Läsbarhet (1968)
for LIX. They measure words and sentences, not whether a text is understood: no conformity to
DIN 8581-1 or DIN SPEC 33429 follows from them.
"""

from dataclasses import dataclass
from typing import Self

from services.notify.plain_language.sentences import sentences, words
from services.notify.plain_language.syllables import syllables

_POLYSYLLABIC = 3
_SHORT_LETTERS = 6


@dataclass(frozen=True, slots=True)
class Counts:
    """What is counted in a text.

    Attributes:
        three_or_more: Words with three or more syllables.
        one_syllable: Words with one syllable.
        over_six_letters: Words with more than six letters.
    """

    words: int
    sentences: int
    syllables: int
    three_or_more: int
    one_syllable: int
    over_six_letters: int

    @classmethod
    def of(cls, text: str) -> Self:
        """Count a German text."""
        parts = sentences(text)
        spoken = [word for sentence in parts for word in words(sentence)]
        lengths = [syllables(word) for word in spoken]
        return cls(
            words=len(spoken),
            sentences=len(parts),
            syllables=sum(lengths),
            three_or_more=sum(length >= _POLYSYLLABIC for length in lengths),
            one_syllable=sum(length == 1 for length in lengths),
            over_six_letters=sum(sum(map(str.isalpha, word)) > _SHORT_LETTERS for word in spoken),
        )


@dataclass(frozen=True, slots=True)
class Measures:
    """How hard a text is.

    Attributes:
        wstf: Wiener Sachtextformel 1 to 4, roughly a school year: 4 is easy, 15 is hard.
        amstad: Flesch's reading ease for German: 100 is easy, 0 is hard.
        lix: Below 40 is easy, above 60 is hard.
    """

    wstf: tuple[float, float, float, float]
    amstad: float
    lix: float

    @classmethod
    def of(cls, counts: Counts) -> Self:
        """Calculate the measures.

        Raises:
            ValueError: Nothing was counted.
        """
        if not counts.words or not counts.sentences:
            raise ValueError("a text without a word has no measure")
        ms = 100 * counts.three_or_more / counts.words
        sl = counts.words / counts.sentences
        iw = 100 * counts.over_six_letters / counts.words
        es = 100 * counts.one_syllable / counts.words
        return cls(
            wstf=(
                0.1935 * ms + 0.1672 * sl + 0.1297 * iw - 0.0327 * es - 0.875,
                0.2007 * ms + 0.1682 * sl + 0.1373 * iw - 2.779,
                0.2963 * ms + 0.1905 * sl - 1.1144,
                0.2744 * ms + 0.2656 * sl - 1.693,
            ),
            amstad=180 - sl - 58.5 * counts.syllables / counts.words,
            lix=sl + iw,
        )
