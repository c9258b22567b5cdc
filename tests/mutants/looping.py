"""Loops broken on purpose."""

from collections.abc import Sequence

import pytest
from pydantic_core import from_json

from services.controlling.twins import store
from services.controlling.twins.likeness import Uncompared
from shared.postgres.pool import Connection

MOST_FEATURES = 20


class _TooMany(Exception):
    """What a loop ends with that never met such a value."""


def _features(one: Uncompared) -> int:
    return len(from_json(one.facts or "{}").get("features") or ())


def many_features_refused(patch: pytest.MonkeyPatch) -> None:
    """Compare no decision that has many features, which the door lets in."""
    take = store.take_uncompared

    async def picky(connection: Connection, decisions: Sequence[str]) -> list[Uncompared]:
        found = await take(connection, decisions)
        if any(_features(one) > MOST_FEATURES for one in found):
            raise _TooMany
        return found

    patch.setattr(store, "take_uncompared", picky)
