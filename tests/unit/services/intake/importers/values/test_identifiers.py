"""Identifiers of which a spreadsheet left a part."""

import pytest

from services.intake.importers.values.identifiers import is_lost


@pytest.mark.parametrize(
    "text", ["1,23457E+11", "1.23457E+15", "1E+12", "9,9E+100", "#NV", "#N/A", "#####", "#BEZUG!"]
)
def test_what_a_spreadsheet_left_of_an_identifier_is_none(text: str) -> None:
    assert is_lost(text)


@pytest.mark.parametrize(
    "text", ["219E01BE", "12E3", "E+12", "1,5", "123457000000", "A#1", "#17", "32.1-4711/26", ""]
)
def test_what_only_looks_like_it_is_left_alone(text: str) -> None:
    assert not is_lost(text)
