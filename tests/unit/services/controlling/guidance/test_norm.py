"""An article, a question and a change of law find each other by what they cite."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from services.controlling.guidance.norm import fit, paragraphs, touches
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
        ("§§ 53–55 AufenthG", {"§ 53 AufenthG", "§ 54 AufenthG", "§ 55 AufenthG"}),
        ("§§ 35–36a AufenthG", {"§ 35 AufenthG", "§ 36 AufenthG", "§ 36a AufenthG"}),
        ("§ 40 VwVfG; Art. 6 GG", {"§ 40 VwVfG", "Art. 6 GG"}),
        ("§ 7 (1) FreizügG/EU", {"§ 7 FreizügG/EU"}),
        ("§ 28 Abs. 1, § 45 Abs. 1 Nr. 3 VwVfG", {"§ 28 VwVfG", "§ 45 VwVfG"}),
        ("§ 28 VwVfG und Art. 6 GG", {"§ 28 VwVfG", "Art. 6 GG"}),
        ("§§ 28 Abs. 2 und 3, 45 VwVfG", {"§ 28 VwVfG", "§ 45 VwVfG"}),
        ("§ 28 Abs. 1 i. V. m. § 45 VwVfG", {"§ 28 VwVfG", "§ 45 VwVfG"}),
        ("§ 7 SGB II", {"§ 7 SGB II"}),
        ("Art. 6 VO (EU) 2016/399", {"Art. 6 VO (EU) 2016/399"}),
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


@pytest.mark.parametrize(
    "spelled",
    [
        "§ 5 (1) Nr. 2 AufenthG",
        "§ 5 Absatz 1 Nummer 2 AufenthG",
        "§5 Abs.1 Nr.2 AufenthG",
        "§ 5 I Nr. 2 AufenthG",
        "§ 5 Abs. 1, Nr. 2 AufenthG",
        "§ 5 Abs. 1 Nr. 1 und 2 AufenthG",
        "§ 5 Abs. 1 Nr. 1–3 AufenthG",
        "§ 5 Abs. 1 Nr. 1, § 11 AufenthG, § 5 (1) no. 2 AufenthG",
    ],
)
def test_one_provision_is_found_however_it_is_written(spelled: str) -> None:
    usual = "§ 5 Abs. 1 Nr. 2 AufenthG"
    assert fit(spelled, usual)
    assert fit("§ 5 AufenthG", spelled)
    assert fit("§ 5 Abs. 1 AufenthG", spelled)
    assert not fit("§ 5 Abs. 2 AufenthG", spelled)
    assert not fit(spelled, "§ 5 AufenthG")
    assert not fit(spelled, "§ 5 Abs. 2 Nr. 2 AufenthG")


@pytest.mark.parametrize(
    ("article", "asked", "leads"),
    [
        ("§ 28 VwVfG", "§ 28 VwVfG", True),
        ("§ 28 VwVfG", "§ 28 (2) Nr. 3 VwVfG", True),
        ("§ 37 (3) VwVfG", "§ 37 (3) VwVfG", True),
        ("§ 37 (3) VwVfG", "§ 37 (6) VwVfG", False),
        ("§ 37 (3) VwVfG", "§ 37 VwVfG", False),
        ("§ 37 (3) VwVfG", "§ 37 (3) 2 VwVfG", True),
        ("§ 37 (3) 2 VwVfG", "§ 37 (3) VwVfG", False),
        ("§ 45 Abs. 1 Nr. 3 VwVfG", "§ 45 Abs. 1 Nr. 3 VwVfG", True),
        ("§ 45 Abs. 1 Nr. 3 VwVfG", "§ 45 Abs. 1 Satz 1 Nr. 3 VwVfG", True),
        ("§ 45 Abs. 1 Nr. 3 VwVfG", "§ 45 Abs. 1 Nr. 3a VwVfG", False),
        ("§ 45 Abs. 1 Nr. 3", "§ 45 Abs. 1 Nr. 3 VwVfG", False),
        ("§ 45 VwVfG", "§ 45 VwGO", False),
        ("§ 45 VwVfG", "§ 45a VwVfG", False),
        ("§ 60a Abs. 2 AufenthG", "§ 60a (2) AufenthG", True),
        ("§ 75 Satz 2 VwGO", "§ 75 Satz 2 VwGO", True),
        ("§ 37 Satz 1 VwVfG", "§ 37 (6) Satz 1 VwVfG", False),
        ("Art. 6 (1) lit. a DSGVO", "Art. 6 Abs. 1 UAbs. 1 Buchst. a DSGVO", True),
        ("Art. 6 (1) lit. a DSGVO", "Art. 6 Abs. 1 Buchst. b DSGVO", False),
        ("§ 6 GG", "Art. 6 GG", False),
        ("AAZuVO BW", "§ 71 AufenthG; AAZuVO BW", True),
        ("§ 39 (1) VwVfG; § 77 (1) AufenthG", "§ 77 (1) AufenthG; § 58 VwGO", True),
    ],
)
def test_an_article_is_about_its_provision_and_the_parts_of_it(
    article: str, asked: str, *, leads: bool
) -> None:
    assert (fit(article, asked) is not None) == leads


def test_who_writes_about_most_and_most_exactly_comes_first() -> None:
    asked = "§ 37 (3) VwVfG; § 58 VwGO"
    worst_first = ["§ 37 VwVfG", "§ 37 (3) VwVfG", "§ 37 VwVfG; § 58 VwGO", asked]
    fits = [fit(one, asked) for one in worst_first]
    assert None not in fits
    assert fits == sorted(fits, key=lambda one: (one is not None, one))
    assert len(set(fits)) == len(fits)


def test_a_change_touches_what_is_written_about_more_and_about_less_of_it() -> None:
    assert touches("§ 37 VwVfG", "§ 37 (3) VwVfG")
    assert touches("§ 37 (3) VwVfG", "§ 37 VwVfG")
    assert not touches("§ 37 (3) VwVfG", "§ 37 (6) VwVfG")


_LEVELS = ("Abs.", "Satz", "Nr.", "Buchst.")
_value = some.sampled_from(["1", "2", "3", "1a"])
_parts = some.tuples(
    some.sampled_from(["5", "28", "60a"]),
    some.lists(_value, max_size=3).map(tuple),
)


def written(parts: tuple[str, tuple[str, ...]]) -> str:
    number, below = parts
    words = (f"{level} {value}" for level, value in zip(_LEVELS, below, strict=False))
    return " ".join((f"§ {number}", *words, "AufenthG"))


@given(_parts, _parts)
def test_an_article_leads_exactly_to_what_begins_as_it_does(
    article: tuple[str, tuple[str, ...]], asked: tuple[str, tuple[str, ...]]
) -> None:
    begins = article[0] == asked[0] and asked[1][: len(article[1])] == article[1]
    assert (fit(written(article), written(asked)) is not None) == begins


@given(some.text(alphabet="§Art. 0123()aSatzNbsIV,;–-unde", max_size=40))
def test_whatever_is_written_as_a_norm_is_about_itself(citation: str) -> None:
    assert (fit(citation, citation) is not None) == bool(paragraphs(citation))
