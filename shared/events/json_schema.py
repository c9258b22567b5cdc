"""The catalogue as JSON Schemas: one for the data of each type, one for a whole event.

The data have a schema of their own, because on Kafka the value of a record is the data alone;
the whole event, as it stands in a structured HTTP request, refers to them.
"""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaMode, models_json_schema
from pydantic_core import core_schema

from shared.events.envelope import SPEC_VERSION
from shared.events.event import SUBJECT_PATTERNS
from shared.events.registry import CATALOGUE, NAMESPACE, EventType

JsonSchema = dict[str, Any]
WHOLE_EVENT = "event"
_MODE: JsonSchemaMode = "validation"


class ContractSchema(GenerateJsonSchema):
    """Pydantic's generator, without titles that repeat the field, and with closed mappings."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002 - same for all
        """Leave out titles like "Decision Id" for `decision_id`."""
        return False

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchema:
        """Forbid keys that don't match the pattern, as the model does."""
        generated = super().dict_schema(schema)
        if "patternProperties" in generated:
            generated["additionalProperties"] = False
        return generated


def urn(name: str) -> str:
    """Give a schema its name for ever: `decision.made.v1` is `urn:gleichfall:schema:…`."""
    return f"urn:{NAMESPACE}:schema:{name}"


def short_name(entry: EventType) -> str:
    """Give a type's name without the namespace, e.g. `decision.made.v1`."""
    return entry.name.removeprefix(f"{NAMESPACE}.")


def data_schema(entry: EventType) -> JsonSchema:
    """Give the schema of one type's data."""
    generated = entry.model.model_json_schema(schema_generator=ContractSchema, mode=_MODE)
    return _headed(short_name(entry), generated)


def event_schema() -> JsonSchema:
    """Give the schema of a whole event in the JSON format, whatever its type."""
    entries = tuple(CATALOGUE.values())
    return _headed(WHOLE_EVENT, whole_event(entries, lambda entry: urn(short_name(entry))))


def whole_event(entries: Sequence[EventType], reference: Callable[[EventType], str]) -> JsonSchema:
    """Give the schema of a whole event of one of some types, as a part of another document.

    Args:
        entries: The types.
        reference: Where the schema of a type's data stands.
    """
    text = {"type": "string", "minLength": 1}
    return {
        "title": "Event",
        "description": "A CloudEvent in the JSON format with data of the catalogue.",
        "type": "object",
        "properties": {
            "specversion": {"const": SPEC_VERSION},
            "id": text | {"description": "Unique together with `source`."},
            "source": text | {"description": "The system that states the fact, as a URI."},
            "type": {"enum": [entry.name for entry in entries]},
            "subject": {"type": "string", "description": "What the fact is about."},
            "time": {
                "type": "string",
                "format": "date-time",
                "description": "When it happened in the world.",
            },
            "datacontenttype": {"type": "string", "pattern": "[/+]json *(;|$)"},
            "dataschema": {"type": "string", "format": "uri"},
            "data": {"type": "object"},
        },
        "required": ["specversion", "id", "source", "type", "subject", "time", "data"],
        "additionalProperties": False,
        "patternProperties": {
            "^(?!data$)[a-z0-9]{1,64}$": {
                "description": "Extension attributes, e.g. `traceparent`.",
                "type": ["string", "integer", "boolean", "null"],
            }
        },
        "allOf": [_when(entry, reference(entry)) for entry in entries],
    }


def shared_definitions(entries: Iterable[EventType], ref_template: str) -> JsonSchema:
    """Give the data schemas of several types as one table of definitions.

    Args:
        entries: The types.
        ref_template: Where the table will stand, with `{model}` for the name.
    """
    models = [(entry.model, _MODE) for entry in entries]
    _, generated = models_json_schema(
        models, ref_template=ref_template, schema_generator=ContractSchema
    )
    definitions: JsonSchema = generated.get("$defs", {})
    return definitions


def _when(entry: EventType, reference: str) -> JsonSchema:
    return {
        "if": {"properties": {"type": {"const": entry.name}}},
        "then": {
            "properties": {
                "subject": {"pattern": subject_pattern(entry)},
                "data": {"$ref": reference},
            }
        },
    }


def subject_pattern(entry: EventType) -> str:
    """Give the anchored pattern of a type's subject, which is also its Kafka key."""
    return f"^{SUBJECT_PATTERNS[entry.subject].pattern}$"


def _headed(name: str, schema: JsonSchema) -> JsonSchema:
    dialect = {"$schema": ContractSchema.schema_dialect, "$id": urn(name)}
    return {**dialect, "title": schema["title"], "description": schema["description"], **schema}
