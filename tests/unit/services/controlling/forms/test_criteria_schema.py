"""The published schema says what a file of criteria may hold."""

import json
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic_core import from_json, to_json

from services.controlling.forms.catalogue import PACKAGED
from services.controlling.forms.criteria_schema import schema

DOCUMENT: dict[str, Any] = from_json(to_json(yaml.safe_load(PACKAGED.read_text("utf-8"))))
JUDGE = jsonschema.Draft202012Validator(json.loads(schema()))


def test_the_repository_holds_the_schema_as_it_is() -> None:
    committed = PACKAGED.with_name("criteria.schema.json").read_text(encoding="utf-8")

    assert committed == f"{schema()}\n"


def test_the_packaged_catalogue_fits() -> None:
    JUDGE.validate(DOCUMENT)


@pytest.mark.parametrize(
    "change",
    [
        {"code": "v1"},
        {"answered_by": "machine"},
        {"answers": ["perfect"]},
        {"consequence": []},
        {"question": {"de": "Frage?"}},
        {"norm": "§ 28 VwVfG"},
    ],
)
def test_an_editor_knows_right_from_wrong(change: dict[str, Any]) -> None:
    wrong = {**DOCUMENT, "criteria": [DOCUMENT["criteria"][0] | change]}

    assert not JUDGE.is_valid(wrong)
