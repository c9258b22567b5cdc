"""Contacts are read one by one, and told what is wrong with them in a few words."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from services.intake.contacts import read_contacts
from services.intake.plausibility import Reach, Span
from shared.web.problems import Problem

SPAN = Span.at(datetime(2026, 11, 29, tzinfo=UTC), Reach())
GOOD = {"contact_ref": "contact-" + "a" * 26, "language": "de", "email": "a@example.org"}


def refused(contact: Mapping[str, object]) -> list[dict[str, str]]:
    with pytest.raises(Problem) as problem:
        read_contacts(json.dumps([GOOD, contact]).encode(), SPAN)
    (error,) = json.loads(bytes(problem.value.response().body))["errors"]
    assert error["index"] == 1
    fields: list[dict[str, str]] = error["fields"]
    return fields


def test_of_many_wrong_fields_some_are_told_and_how_many_more_there_are() -> None:
    fields = refused(GOOD | {f"x{number}": 1 for number in range(60)})
    assert len(fields) == 21
    assert fields[-1] == {"field": "(others)", "reason": "… and 40 more"}


def test_what_holds_much_too_much_is_refused_by_its_extent_alone() -> None:
    fields = refused(GOOD | {f"x{number}": 1 for number in range(1_000)})
    assert fields == [{"field": "(whole)", "reason": "holds more than 300 values"}]


def test_a_field_that_is_null_is_not_there() -> None:
    """As programs write every member of a class, whether it has a value or not."""
    nothing = dict.fromkeys(("phone", "references", "preferred", "agreements", "parties"))
    contacts, wrong = read_contacts(json.dumps(GOOD | nothing).encode(), SPAN)
    assert (len(contacts), wrong) == (1, [])


def test_what_is_wrong_is_told_in_the_words_of_json() -> None:
    (field,) = refused(GOOD | {"preferred": "email"})
    assert field == {"field": "preferred", "reason": "Input should be a valid array"}


def test_a_contact_with_all_references_has_room() -> None:
    alphabet = "abcdefghijklmnopqrstuvwxyz"
    cases = {f"case-{'a' * 24}{one}{two}" for one in alphabet for two in alphabet}
    references = dict.fromkeys(sorted(cases)[:100], "32.1/2026, 4711")
    contacts, _ = read_contacts(json.dumps(GOOD | {"references": references}).encode(), SPAN)
    assert len(contacts) == 1
