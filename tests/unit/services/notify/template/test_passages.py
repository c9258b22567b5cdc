from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.template.passages import Part, Passage, Placeholder, key, names, parse

BRACKETS = st.text(st.sampled_from("()?!ab "), max_size=40)


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("", ()),
        ("words (in brackets)", ("words (in brackets)",)),
        ("((name))", (Placeholder("name"),)),
        ("Dear ((name)),", ("Dear ", Placeholder("name"), ",")),
        ("(((name)))", ("(", Placeholder("name"), ")")),
        ("((due?))", (Placeholder("due?"),)),
        ("((due??soon))", (Passage("due", True, ("soon",)),)),
        ("((due!!later))", (Passage("due", False, ("later",)),)),
        ("((due??soon??now))", (Passage("due", True, ("soon??now",)),)),
        ("((due??by ((day)).))", (Passage("due", True, ("by ", Placeholder("day"), ".")),)),
        ("((due??soon (or now)))", (Passage("due", True, ("soon (or now)",)),)),
        (
            "((a??x((b!!y))z))",
            (Passage("a", True, ("x", Passage("b", False, ("y",)), "z")),),
        ),
    ],
)
def test_a_text_is_words_placeholders_and_passages(source: str, parts: tuple[Part, ...]) -> None:
    assert parse(source) == parts


@pytest.mark.parametrize("source", ["((", "((name", "((due??soon", "((a??((b??c))", "))", "(())"])
def test_what_is_not_complete_is_words(source: str) -> None:
    first, *_ = parse(source)

    assert isinstance(first, str)
    assert first.startswith(source[:2])


def written(parts: tuple[Part, ...]) -> str:
    pieces = []
    for part in parts:
        match part:
            case str():
                pieces.append(part)
            case Placeholder(name):
                pieces.append(f"(({name}))")
            case Passage(name, when, inner):
                pieces.append(f"(({name}{'??' if when else '!!'}{written(inner)}))")
    return "".join(pieces)


@given(BRACKETS)
def test_nothing_of_a_text_gets_lost(source: str) -> None:
    assert written(parse(source)) == source


@given(BRACKETS)
def test_words_never_follow_words(source: str) -> None:
    parts = parse(source)

    assert not any(
        isinstance(one, str) and isinstance(other, str) for one, other in pairwise(parts)
    )


def test_case_spaces_and_hyphens_do_not_matter_in_names() -> None:
    assert key("Date of-birth") == key("date_of_birth") == key("DateOfBirth")
    assert names(parse("((First Name)) ((first_name)) ((due??((day))))")) == [
        "First Name",
        "due",
        "day",
    ]


@pytest.mark.parametrize(
    "source", ["(" * 200_000, "((a??" * 50_000, " " * 1_000_000, "((a??(" * 50_000, "))" * 100_000]
)
def test_no_text_makes_reading_slow(source: str) -> None:
    assert written(parse(source)) == source
