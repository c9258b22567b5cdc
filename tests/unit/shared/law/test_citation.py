import pytest

from shared.law.citation import is_citation, load_statutes
from shared.law.decision_types import DecisionTypes

STATUTES = load_statutes()


@pytest.mark.parametrize(
    "text",
    [
        "§ 5 AufenthG",
        "§ 104c AufenthG",
        "§ 25 (2) AufenthG",
        "§ 25 Abs. 2 Satz 1 Nr. 3 AufenthG",
        "§ 25 Absatz 2 S. 1 AufenthG",
        "§§ 3, 4 AsylG",
        "§§ 48 und 49 VwVfG",
        "§ 16a Abs. 1 Halbsatz 2 AufenthG",
        "§ 9 Abs. 2 Nr. 1 Buchst. a AufenthG",
        "Art. 6 GG",
        "Art. 20 AEUV",
        "Art. 7 ARB 1/80",
        "§ 5 FreizügG/EU",
        "§ 36 AufenthG i.V.m. § 27 Abs. 1 AufenthG",
        "Art. 8 EMRK i. V. m. § 60a (2) AufenthG",
        "§ 7 SGB II",
        "Art. 142 Codice della strada",
    ],
)
def test_norms_are_cited_as_people_cite_them(text: str) -> None:
    assert is_citation(text, STATUTES)


@pytest.mark.parametrize(
    "text",
    [
        "§ 5 Frau Aylin Demirkaya, geb. 01.02.1990",
        "§ 5 Demirkaya",
        "§ 5 AufenthG Demirkaya",
        "§ Demirkaya AufenthG",
        "§ 5 Abs. Demirkaya AufenthG",
        "Art. 01.02.1990",
        "Art. 01.02.1990 AufenthG",
        "§ 123456789012 AufenthG",
        "§ 5, 01711234567 AufenthG",
        "§ 5",
        "AufenthG",
        "",
        "§ 5 AufenthG i.V.m. Demirkaya",
        "§ 5 AufenthG\n",
    ],
)
def test_nothing_else_is_a_citation(text: str) -> None:
    assert not is_citation(text, STATUTES)


def test_every_type_of_decision_cites_a_norm() -> None:
    assert [
        one.legal_basis
        for one in DecisionTypes.load().every()
        if not is_citation(one.legal_basis, STATUTES)
    ] == []
