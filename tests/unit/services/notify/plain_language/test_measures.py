"""The measures against published values and worked examples."""

import json

import pytest

from services.notify.plain_language.measures import Counts, Measures
from tests.knowledge import KNOWLEDGE, needs_knowledge

NURSERY_RHYME = (
    "Alle meine Entchen schwimmen auf dem See, Köpfchen unters Wasser, Schwänzchen in die Höh."
)
COMMENTARY = (
    "Alle Parteien widmen dem Thema rein quantitativ betrachtet nennenswerte Aufmerksamkeit, "
    "die Grünen wenig überraschend am meisten."
)
# Counted by hand: words, sentences, syllables, >= 3 syllables, 1 syllable, > 6 letters. The first
# two give the WSTF1 that textstat 0.7.11 publishes for its own tests, 3.77 and 13.913. For Amstad
# it gives 28.719 to the second, as its hyphenation finds two syllables in Par-tei-en; of the
# last two texts only the counts are known.
WORKED = [
    ((14, 1, 22, 0, 6, 4), (3.770, 3.499, 1.553, 2.025), 74.071, 42.571),
    ((16, 1, 38, 6, 4, 7), (13.913, 13.445, 13.045, 12.847), 25.062, 59.750),
    ((25, 4, 34, 0, 16, 3), (-0.366, -0.080, 0.076, -0.033), 94.190, 18.250),
    ((31, 6, 53, 4, 15, 5), (2.995, 2.894, 3.693, 3.220), 74.817, 21.296),
]
ROUNDED = 0.0006
"""Published values have three decimals."""


@pytest.mark.parametrize(("counts", "wstf", "amstad", "lix"), WORKED)
def test_the_formulas_give_the_published_values(
    counts: tuple[int, int, int, int, int, int],
    wstf: tuple[float, ...],
    amstad: float,
    lix: float,
) -> None:
    measures = Measures.of(Counts(*counts))

    assert measures.wstf == pytest.approx(wstf, abs=ROUNDED)
    assert measures.amstad == pytest.approx(amstad, abs=ROUNDED)
    assert measures.lix == pytest.approx(lix, abs=ROUNDED)


def test_officialese_counted_by_textstat_gives_its_values() -> None:
    measures = Measures.of(Counts(38, 2, 96, 15, 12, 18))

    assert measures.wstf[0] == pytest.approx(15.05, abs=0.006)
    assert measures.amstad == pytest.approx(13.2, abs=0.06)
    assert measures.lix == pytest.approx(66.4, abs=0.06)


@pytest.mark.parametrize(("text", "worked"), [(NURSERY_RHYME, WORKED[0]), (COMMENTARY, WORKED[1])])
def test_the_counter_agrees_with_a_count_by_hand(
    text: str, worked: tuple[tuple[int, ...], object, object, object]
) -> None:
    assert Counts.of(text) == Counts(*worked[0])


@needs_knowledge
def test_the_reference_vectors_are_reproduced() -> None:
    assert KNOWLEDGE is not None
    vectors = json.loads((KNOWLEDGE / "vectors" / "statistics.json").read_text(encoding="utf-8"))

    for vector in vectors["readability_de"]:
        measures = Measures.of(Counts(**vector["text_counts"]))
        assert measures.wstf == pytest.approx(tuple(vector["wstf"]), abs=ROUNDED)
        assert measures.amstad == pytest.approx(vector["amstad"], abs=ROUNDED)
        assert measures.lix == pytest.approx(vector["lix"], abs=ROUNDED)


def test_officialese_is_hard_and_plain_words_are_easy() -> None:
    hard = Measures.of(
        Counts.of(
            "Unter Bezugnahme auf Ihre Antragstellung ergeht hiermit die Aufforderung, die zur "
            "Entscheidungsfindung erforderlichen Nachweisunterlagen unverzüglich einzureichen."
        )
    )
    easy = Measures.of(
        Counts.of("Sie haben einen Antrag gestellt. Es fehlen Papiere. Bitte schicken Sie sie.")
    )

    assert hard.wstf[0] > 12
    assert easy.wstf[0] < 4
    assert hard.amstad < 30
    assert easy.amstad > 70
    assert hard.lix > 60
    assert easy.lix < 40


def test_a_text_without_a_word_has_no_measure() -> None:
    with pytest.raises(ValueError, match="without a word"):
        Measures.of(Counts.of(" \n…"))
