"""A commitment is to all by which a period draws, and to nothing else."""

import hashlib
from dataclasses import replace
from datetime import date

import pytest

from services.controlling.periods.commitment import Promised, commitment_to_seed

PROMISED = Promised(bytes(range(32)), '{"a":1}', '{"b":2}', date(2026, 5, 1), date(2026, 5, 31))


def test_the_commitment_is_sha_256_over_every_part_behind_its_length() -> None:
    length = b"\0\0\0\0\0\0\0"
    written = b"".join([
        length + b"\x17gleichfall-commitment-2",
        length + b"\x20" + bytes(range(32)),
        length + b"\x20" + hashlib.sha256(b'{"a":1}').digest(),
        length + b"\x20" + hashlib.sha256(b'{"b":2}').digest(),
        length + b"\x0a2026-05-01",
        length + b"\x0a2026-05-31",
    ])  # fmt: skip
    assert PROMISED.commitment == hashlib.sha256(written).hexdigest()


@pytest.mark.parametrize(
    "other",
    [
        replace(PROMISED, seed=bytes(32)),
        replace(PROMISED, policy='{"a":2}'),
        replace(PROMISED, catalogue='{"b":3}'),
        replace(PROMISED, first_day=date(2026, 5, 2)),
        replace(PROMISED, last_day=date(2026, 6, 30)),
        replace(PROMISED, policy='{"a":1}{"b":', catalogue="2}"),
    ],
    ids=["seed", "policy", "catalogue", "first day", "last day", "cut elsewhere"],
)
def test_whatever_else_is_promised_has_another_commitment(other: Promised) -> None:
    assert other.commitment != PROMISED.commitment


def test_that_of_before_was_sha_256_of_the_seed() -> None:
    assert commitment_to_seed(bytes(32)) == hashlib.sha256(bytes(32)).hexdigest()
