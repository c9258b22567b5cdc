"""Numbers as people and spreadsheets write them."""

import pytest

from services.intake.importers.values import numbers


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1.234,50", "1234.50"),
        ("1,234.50", "1234.50"),
        ("1'234.50", "1234.50"),
        ("1 234,5", "1234.5"),
        ("1.234.567,8", "1234567.8"),
        ("1.234.567", "1234567"),
        ("1234,5", "1234.5"),
        ("1234.567", "1234.567"),
        ("0,125", "0.125"),
        ("7", "7"),
        ("-7,0", "-7.0"),
        ("7,50-", "-7.50"),
        ("1.234,50 €", "1234.50"),
        ("EUR 12,50", "12.50"),
    ],
)
def test_a_number_tells_its_mark(text: str, number: str) -> None:
    assert str(numbers.decimal(text, None)) == number


@pytest.mark.parametrize("text", ["1.234", "1,234", "-123,456", "1.23,4", "1,2,3", "x", "", "1,5,"])
def test_what_may_be_two_numbers_or_none_is_not_guessed(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        numbers.decimal(text, None)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7),
        ("7.0", 7),
        ("7,00", 7),
        ("-7", -7),
        ("1.234.567", 1_234_567),
        ("1.000,00 €", 1_000),
    ],
)
def test_a_whole_number_may_have_a_fraction_that_is_zero(text: str, number: int) -> None:
    assert numbers.whole(text, None) == number


@pytest.mark.parametrize("text", ["1.000", "1,000", "7.5", "7,5", "x", ""])
def test_a_whole_number_is_guessed_as_little(text: str) -> None:
    """A German thousand is no one."""
    with pytest.raises(ValueError, match=r".*"):
        numbers.whole(text, None)


def test_a_mark_that_is_told_decides() -> None:
    assert numbers.whole("1.000", ",") == 1_000
    assert numbers.whole("1.000", ".") == 1
    assert str(numbers.decimal("1.234", ",")) == "1234"
    assert str(numbers.decimal("1.234", ".")) == "1.234"
    with pytest.raises(ValueError, match=r".*"):
        numbers.decimal("1.234,5", ".")
