"""Two reviews side by side: where they differ, and what counts in the end."""

from services.controlling.reviews.comparing.side_by_side import Row, rows
from services.controlling.reviews.verdict import Answer

RIGHT, WRONG = Answer("correct"), Answer("significant_error", "why")


def test_differences_stand_first_and_wait_for_a_third() -> None:
    found = rows(["V1", "V2"], {"V1": RIGHT, "V2": RIGHT}, {"V1": RIGHT, "V2": WRONG}, None)
    assert found == (
        Row("V2", RIGHT, WRONG, None, differs=True),
        Row("V1", RIGHT, RIGHT, RIGHT, differs=False),
    )


def test_the_third_has_the_last_word_where_two_differ_and_only_there() -> None:
    settled = Answer("minor_error", "so it is")
    found = rows(
        ["V1", "V2"],
        {"V1": RIGHT, "V2": RIGHT},
        {"V1": RIGHT, "V2": WRONG},
        {"V2": settled},
    )
    assert [(row.code, row.final) for row in found] == [("V2", settled), ("V1", RIGHT)]


def test_missing_is_not_agreement() -> None:
    (row,) = rows(["V1"], {"V1": RIGHT}, {}, None)
    assert (row.differs, row.final) == (True, None)
