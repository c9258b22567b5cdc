"""A text that its field let somebody type is taken, however many lines it has."""

import re
from collections.abc import Iterator
from typing import Annotated, Any

import pytest
from fastapi.routing import APIRoute
from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

from deploy.desk import app as desk
from services.controlling.workbench import app as workbench

_FIELD = re.compile(r'kern\.textarea\("(?P<name>\w+)"')
OF_LINES = {
    name
    for folder in {*workbench.FOLDERS, *desk.FOLDERS}
    for template in folder.glob("*.html")
    for name in _FIELD.findall(template.read_text())
}
"""The fields of several lines."""


def _texts(field: FieldInfo, name: str) -> Iterator[tuple[str, FieldInfo]]:
    kind: Any = field.annotation
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        yield from ((inner, one) for inner, one in kind.model_fields.items())
    else:
        yield name, field


TAKEN = [
    pytest.param(field, id=f"{route.path}:{name}")
    for router in [*workbench.ROUTERS, *desk.ROUTERS]
    for route in router.routes
    if isinstance(route, APIRoute)
    for body in route.dependant.body_params
    for name, field in _texts(body.field_info, body.name)
    if name in OF_LINES
]


def test_there_are_such_fields() -> None:
    assert {"reason", "comment", "text", "body", "example_en", "headers", "value"} <= OF_LINES
    assert len(TAKEN) > len(OF_LINES)


@pytest.mark.parametrize("field", TAKEN)
def test_the_end_of_a_line_counts_once_as_the_browser_counts_it(field: FieldInfo) -> None:
    [longest] = [one.max_length for one in field.metadata if hasattr(one, "max_length")]
    fits = "\n" * longest
    kind: Any = Annotated[field.annotation, *field.metadata]
    assert TypeAdapter(kind).validate_python(fits.replace("\n", "\r\n")) == fits
