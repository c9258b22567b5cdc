"""The OpenAPI document of intake is valid, current, and leaves nothing out."""

import ast
import json
from collections.abc import Iterator
from http import HTTPStatus
from pathlib import Path

import jsonschema
import pytest
from click.testing import CliRunner
from fastapi.routing import APIRoute
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

from services.intake.handlers import router
from services.intake.open_api.commands import InterfaceDrift, openapi
from services.intake.open_api.document import document, text
from services.intake.open_api.problems import BY_STATUS, MEDIA_TYPE, NAMESPACE
from services.intake.screening import is_from_outside
from shared.contacts.contact import Contact
from shared.events.registry import CATALOGUE
from shared.web import problems as answered
from tests.contract.samples import structured
from tests.unit.docs.pages import ROOT

COMMITTED = ROOT / "docs" / "guide" / "openapi.json"
NOT_OF_INTAKE = {"misdirected": "only services with pages ask by which name they are called"}


def test_it_is_openapi() -> None:
    validate(json.loads(text()))


def test_the_committed_one_says_what_the_code_does() -> None:
    assert COMMITTED.read_text(encoding="utf-8") == text()


def test_it_describes_every_route_for_source_systems_and_no_other() -> None:
    routes = {
        (route.path.replace(":path", ""), method.lower())
        for route in router.routes
        if isinstance(route, APIRoute)
        for method in route.methods or ()
    }
    described = {(path, method) for path, one in document()["paths"].items() for method in one}
    assert described == routes


def problems() -> Iterator[tuple[str, int | None]]:
    """Give each problem that intake's code and what is around it can answer, with its status."""
    files = [*(ROOT / "services" / "intake").rglob("*.py"), *(ROOT / "shared/web").glob("*.py")]
    for path in files:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Problem"):
                continue
            status, name = node.args[:2]
            if isinstance(name, ast.Constant):
                known = isinstance(status, ast.Attribute)
                code = HTTPStatus[status.attr].value if isinstance(status, ast.Attribute) else None
                yield str(name.value), code if known else None
    for framework, called in answered._FRAMEWORK_NAMES.items():
        yield called, framework.value


def test_it_names_problems_as_they_are_answered() -> None:
    assert (MEDIA_TYPE, NAMESPACE) == (answered.MEDIA_TYPE, answered.NAMESPACE)


def test_it_names_every_problem_with_its_status() -> None:
    found = {one for one in problems() if one[0] not in NOT_OF_INTAKE}
    everywhere = {name for names in BY_STATUS.values() for name in names}
    assert len(found) > 20
    assert {name for name, _ in found} == everywhere
    assert [
        (name, status)
        for name, status in found
        if status is not None and name not in BY_STATUS[status]
    ] == []


def test_events_of_the_corpus_that_systems_may_send_match_it_and_no_others() -> None:
    whole = {"components": document()["components"], "$ref": "#/components/schemas/Event"}
    allowed = Draft202012Validator(whole)
    samples = structured()
    outside = {one["type"] for one in samples if is_from_outside(CATALOGUE[one["type"]])}

    assert {one["type"] for one in samples if allowed.is_valid(one)} == outside
    assert [one["type"] for one in samples if not allowed.is_valid(one)] == [
        one["type"] for one in samples if one["type"] not in outside
    ]


def test_a_contact_matches_it() -> None:
    contact = {
        "contact_ref": "contact-" + "a" * 26,
        "language": "de",
        "email": "erika@example.org",
        "postal_address": ["Erika Mustermann", "76133 Karlsruhe"],
    }
    whole = {"components": document()["components"], "$ref": "#/components/schemas/Contact"}
    Contact.model_validate(contact)
    jsonschema.validate(contact, whole)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(contact | {"birthday": "1970-01-01"}, whole)


def test_the_command_writes_it_and_finds_drift(tmp_path: Path) -> None:
    path = tmp_path / "openapi.json"
    missing = CliRunner().invoke(openapi, ["--check", str(path)])
    CliRunner().invoke(openapi, ["--out", str(path)])
    well = CliRunner().invoke(openapi, ["--check", str(path)])
    path.write_text("{}")
    drifted = CliRunner().invoke(openapi, ["--check", str(path)])

    assert isinstance(missing.exception, InterfaceDrift)
    assert well.exit_code == 0
    assert isinstance(drifted.exception, InterfaceDrift)
    assert json.loads(CliRunner().invoke(openapi, []).output)["openapi"] == "3.1.0"
