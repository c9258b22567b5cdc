"""The published schema says what the file may hold."""

import json
from typing import Any

import jsonschema
import pytest
import yaml
from pydantic_core import from_json, to_json

from services.controlling.policy.schema import schema
from shared.configuration.places import ROOT

FOLDER = ROOT / "deploy" / "policy"
HEAD: dict[str, Any] = {"version": "1", "default_rate": 0.1}


def test_the_repository_holds_the_schema_as_it_is() -> None:
    assert (FOLDER / "policy.schema.json").read_text(encoding="utf-8") == f"{schema()}\n"


@pytest.mark.parametrize(
    ("sections", "valid"),
    [
        ({}, True),
        ({"period": "quarter"}, True),
        ({"cap": 164}, False),
        ({"default_rate": 1.2}, False),
        ({"default_rate": "much"}, False),
        ({"split_by": ["features.renewal"]}, True),
        ({"triggers": {"appeal_lodged": {"priority": 1}}}, True),
        ({"triggers": {"gossip": {}}}, False),
    ],
)
def test_an_editor_knows_right_from_wrong(sections: dict[str, Any], valid: bool) -> None:
    judge = jsonschema.Draft202012Validator(json.loads(schema()))
    assert judge.is_valid(HEAD | sections) == valid


@pytest.mark.parametrize("name", ["karlsruhe.yaml", "example.yaml"])
def test_our_policies_fit_the_schema(name: str) -> None:
    document = from_json(to_json(yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))))
    jsonschema.Draft202012Validator(json.loads(schema())).validate(document)
