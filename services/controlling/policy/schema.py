"""The policy file's JSON Schema, for editors and for leadership's page."""

import json
from typing import Any

from pydantic.json_schema import JsonSchemaValue
from pydantic_core import core_schema

from services.controlling.policy.policy import Policy
from shared.events.json_schema import ContractSchema, urn

_BOUNDS = {
    "ge": "minimum",
    "gt": "exclusiveMinimum",
    "le": "maximum",
    "lt": "exclusiveMaximum",
}


class _FileSchema(ContractSchema):
    """As that of events; numbers are written as numbers, not as text."""

    def decimal_schema(self, schema: core_schema.DecimalSchema) -> JsonSchemaValue:
        """Give the bounds of a number."""
        given: dict[str, Any] = dict(schema)
        bounds = {name: float(given[key]) for key, name in _BOUNDS.items() if key in given}
        return {"type": "number", **bounds}


def schema() -> str:
    """Give the schema as the repository holds it, in `deploy/policy/policy.schema.json`."""
    generated = Policy.model_json_schema(schema_generator=_FileSchema)
    headed = {"$schema": _FileSchema.schema_dialect, "$id": urn("policy"), **generated}
    return json.dumps(headed, indent=2, ensure_ascii=False)
