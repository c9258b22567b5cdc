import errno

import asyncpg
import pytest
from pydantic import BaseModel, ValidationError

from shared.configuration.yaml_file import nearest
from shared.errors import PermanentError
from shared.kafka.errors import RecordsHeldUp
from shared.observe.reasons import kind_of, reason_of


class Address(BaseModel):
    street: str
    number: int


def test_what_was_written_for_readers_is_quoted() -> None:
    assert reason_of(PermanentError("the disk is full")) == "the disk is full"


def test_of_any_other_error_only_the_kind_is_told() -> None:
    assert reason_of(KeyError("anna@example.org")) == "KeyError"


def test_where_our_code_raised_it_the_place_is_told() -> None:
    with pytest.raises(TypeError) as raised:
        nearest("anna@example.org", 1)  # type: ignore[arg-type]

    reason = reason_of(raised.value)
    assert reason.startswith("TypeError at shared/configuration/yaml_file.py:")
    assert "anna" not in reason


def test_of_data_that_breaks_a_rule_field_and_rule_are_told_and_no_value() -> None:
    with pytest.raises(ValidationError) as raised:
        Address.model_validate({"number": "anna@example.org"})

    assert reason_of(raised.value) == (
        "ValidationError of Address: street (missing), number (int_parsing)"
    )


def test_a_full_disk_is_told_by_what_it_is() -> None:
    assert kind_of(OSError(errno.ENOSPC, "anna.txt")) == "no space left on the disk"
    assert reason_of(OSError(errno.EACCES, "anna.txt")) == "PermissionError"
    full = asyncpg.DiskFullError("could not extend file anna")
    assert reason_of(full) == "PostgreSQL has no space left on its disk"
    assert str(RecordsHeldUp("case-events", full)) == (
        "records of case-events can't be applied now (PostgreSQL has no space left on its disk); "
        "they are read again"
    )
