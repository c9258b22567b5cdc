"""An article, a question and a change of law find each other by what they cite."""

import pytest

from services.controlling.guidance.norm import paragraphs
from shared.law.decision_types import DecisionTypes
from tests.unit.services.controlling.forms.cases import CRITERIA


@pytest.mark.parametrize(
    ("citation", "named"),
    [
        ("§ 28 VwVfG", {"§ 28 VwVfG"}),
        ("§ 28 Abs. 2 Satz 1 Nr. 3 VwVfG", {"§ 28 VwVfG"}),
        ("§ 82 (1) sentence 3 AufenthG", {"§ 82 AufenthG"}),
        ("§ 18g AufenthG", {"§ 18g AufenthG"}),
        ("§§ 20, 21 VwVfG", {"§ 20 VwVfG", "§ 21 VwVfG"}),
        ("§§ 48 und 49 VwVfG", {"§ 48 VwVfG", "§ 49 VwVfG"}),
        ("§§ 53–55 AufenthG", {"§ 53 AufenthG", "§ 54 AufenthG", "§ 55 AufenthG"}),  # noqa: RUF001
        ("§§ 35–36a AufenthG", {"§ 35 AufenthG", "§ 36 AufenthG", "§ 36a AufenthG"}),  # noqa: RUF001
        ("§ 40 VwVfG; Art. 6 GG", {"§ 40 VwVfG", "Art. 6 GG"}),
        ("§ 7 (1) FreizügG/EU", {"§ 7 FreizügG/EU"}),
        ("§ 71 AufenthG; AAZuVO BW", {"§ 71 AufenthG", "AAZuVO BW"}),
        ("Vorlage 2021/0939: einfache Sprache", {"Vorlage 2021/0939: einfache Sprache"}),
        ("", set()),
    ],
)
def test_a_citation_names_paragraphs(citation: str, named: set[str]) -> None:
    assert paragraphs(citation) == named


def test_a_range_without_end_names_no_more_than_a_statute_has() -> None:
    assert len(paragraphs("§§ 1-99999999999 AufenthG")) < 300


def test_every_criterion_and_type_of_decision_names_something() -> None:
    every = [one.citation for one in CRITERIA.criteria]
    every += [kind.legal_basis for kind in DecisionTypes.load().every()]
    assert all(paragraphs(one) for one in every)
    assert not [name for one in every for name in paragraphs(one) if "§§" in name or ";" in name]
