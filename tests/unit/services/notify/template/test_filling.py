import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.template.filling import ValuesMissing, chosen, fill, says_yes
from services.notify.template.passages import parse

WORD = st.text(max_size=20)


def test_values_stand_where_their_names_stood() -> None:
    text = parse("((name)), your ((Thing)) is ((number)).")

    assert fill(text, {"Name": "Jo", "thing": "card", "number": 0}) == "Jo, your card is 0."


def test_all_that_is_missing_is_named_at_once() -> None:
    with pytest.raises(ValuesMissing) as refused:
        fill(parse("((name)) ((age)) ((due??x)) ((name))"), {"age": None})

    assert refused.value.names == ("name", "age", "due")


def test_a_passage_that_is_not_there_needs_no_values() -> None:
    assert fill(parse("((due??by ((day))))!"), {"due": "no"}) == "!"


@pytest.mark.parametrize("value", ["yes", "Y", "TRUE", "t", "1", 1, True, "include", "Show"])
def test_a_clear_yes_shows_a_passage(value: object) -> None:
    assert says_yes(value)
    assert fill(parse("((a??b))((a!!c))"), {"a": value}) == "b"


@pytest.mark.parametrize("value", ["no", "", 0, 2, False, [], "yes please", "ja", 1.0])
def test_everything_else_hides_it(value: object) -> None:
    assert not says_yes(value)
    assert fill(parse("((a??b))((a!!c))"), {"a": value}) == "c"


@given(WORD, WORD)
def test_a_value_is_never_read_as_a_placeholder(value: str, other: str) -> None:
    assert fill(parse("((a))"), {"a": f"{value}((b)){other}", "b": "x"}) == f"{value}((b)){other}"


@given(st.booleans(), st.booleans())
def test_choosing_first_and_filling_later_is_the_same(first: bool, second: bool) -> None:
    text = parse("((a??1((x))((b!!2))))((b??3((y))))")
    values = {"a": first, "b": second, "x": "X", "y": "Y"}

    assert fill(parse(chosen(text, values)), values) == fill(text, values)


LISTS = {"papers": ("a passport", "* a ((name))", "<b>"), "none": ()}


def test_a_list_is_laid_out_with_an_item_each_and_filled_like_every_value() -> None:
    layout = chosen(parse("Bring ((papers))please.((none))"), LISTS)

    assert layout.strip() == "Bring \n\n* ((papers 1))\n* ((papers 2))\n* ((papers 3))\n\nplease."
    assert fill(parse(layout), LISTS, lambda item: f"[{item}]").split("\n")[2:5] == [
        "* [a passport]",
        "* [* a ((name))]",
        "* [<b>]",
    ]


def test_in_a_line_a_list_is_one_value() -> None:
    assert fill(parse("Bring ((papers))."), LISTS, lambda value: f"{value!r}") == (
        f"Bring {LISTS['papers']!r}."
    )


def test_what_decides_must_be_there() -> None:
    with pytest.raises(ValuesMissing, match="no value for a"):
        chosen(parse("((a??b)) ((c))"), {})
