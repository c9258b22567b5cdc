"""What can be wrong with an event; each class is one reason for a refusal or a dead letter."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

from pydantic import ValidationError

from shared.errors import PermanentError

# How pydantic calls the key of a mapping and the kinds of a value.
_OF_PYDANTIC = frozenset({"[key]", "bool", "int", "constrained-str"})


MOST_FIELDS = 20
"""Wrong fields of one event or contact that are told; of others only how many there are."""


class Defect(StrEnum):
    """The closed list of what makes an event unusable."""

    HEADER_NULL = "header_null"
    HEADER_NOT_UTF8 = "header_not_utf8"
    ATTRIBUTE_MISSING = "attribute_missing"
    ATTRIBUTE_INVALID = "attribute_invalid"
    MODE_UNKNOWN = "mode_unknown"
    BODY_EMPTY = "body_empty"
    BODY_NOT_JSON = "body_not_json"
    BODY_TOO_LARGE = "body_too_large"
    TYPE_UNKNOWN = "type_unknown"
    TYPE_NOT_ACCEPTED = "type_not_accepted"
    SUBJECT_INVALID = "subject_invalid"
    DATA_INVALID = "data_invalid"
    PERSONAL_DATA = "personal_data"
    KEY_UNKNOWN = "key_unknown"
    TIME_IN_FUTURE = "time_in_future"
    TIME_IMPLAUSIBLE = "time_implausible"
    SEQUENCE_MISSING = "sequence_missing"
    SOURCE_FORBIDDEN = "source_forbidden"
    TYPE_FORBIDDEN = "type_forbidden"
    UNIT_FORBIDDEN = "unit_forbidden"
    FOREIGN = "foreign"
    ID_REUSED = "id_reused"
    HANDLER_REFUSED = "handler_refused"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong field: where it is and what is wrong, never the value itself."""

    field: str
    reason: str


def field_path(*parts: str | int, known: Collection[str]) -> str:
    """Join the way to a field; a name that isn't known is withheld, for its sender chose it.

    Args:
        parts: Names of fields and places in lists.
        known: The names that fields of ours have here.
    """
    ours = {*known, *_OF_PYDANTIC}
    return ".".join(
        str(part) if isinstance(part, int) or part in ours else "(withheld)" for part in parts
    )


def field_errors(
    error: ValidationError, *within: str, known: Collection[str]
) -> tuple[FieldError, ...]:
    """Translate what pydantic found, up to a number of fields; values stay out of it.

    Args:
        error: What it found.
        within: The way to what was validated.
        known: The names that fields of ours have there.
    """
    found = error.errors(include_input=False, include_url=False, include_context=False)
    fields = [
        FieldError(field_path(*within, *one["loc"], known=known), one["msg"])
        for one in found[:MOST_FIELDS]
    ]
    if rest := len(found) - len(fields):
        fields.append(FieldError("(others)", f"… and {rest} more"))
    return tuple(fields)


class EventError(PermanentError):
    """An event that can't be used, and why, field by field."""

    def __init__(self, defect: Defect, *fields: FieldError) -> None:
        self.defect = defect
        self.fields = fields
        where = "; ".join(f"{field.field}: {field.reason}" for field in fields)
        super().__init__(f"{defect.value}: {where}" if where else defect.value)
