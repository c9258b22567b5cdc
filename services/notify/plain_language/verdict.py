"""Whether a German text is plain enough to be sent, and what to change if it isn't."""

from collections.abc import Iterator
from dataclasses import dataclass

from services.notify.plain_language.measures import Counts, Measures
from services.notify.plain_language.rules import Finding, findings
from services.notify.plain_language.sentences import sentences, words
from services.notify.plain_language.wording import Rule, Wording

HARDEST_WSTF1 = 8.0
LOWEST_AMSTAD = 60.0
HIGHEST_LIX = 40.0


@dataclass(frozen=True, slots=True)
class Verdict:
    """How plain a text is.

    Attributes:
        measures: Its readability.
        longest_sentence: Words in its longest sentence.
        findings: What to change; the text passes when there is nothing.
    """

    measures: Measures
    longest_sentence: int
    findings: tuple[Finding, ...]

    @property
    def passed(self) -> bool:
        """Whether the text may be sent."""
        return not self.findings


def judge(text: str, wording: Wording) -> Verdict:
    """Measure a German text and hold it against limits and rules.

    Raises:
        ValueError: The text has no word.
    """
    measures = Measures.of(Counts.of(text))
    longest = max(len(words(sentence)) for sentence in sentences(text))
    return Verdict(measures, longest, (*_beyond_limits(measures), *findings(text, wording)))


def _beyond_limits(measures: Measures) -> Iterator[Finding]:
    if measures.wstf[0] > HARDEST_WSTF1:
        yield Finding(Rule.WSTF1, f"{measures.wstf[0]:.1f} > {HARDEST_WSTF1:.0f}")
    if measures.amstad < LOWEST_AMSTAD:
        yield Finding(Rule.AMSTAD, f"{measures.amstad:.1f} < {LOWEST_AMSTAD:.0f}")
    if measures.lix > HIGHEST_LIX:
        yield Finding(Rule.LIX, f"{measures.lix:.1f} > {HIGHEST_LIX:.0f}")
