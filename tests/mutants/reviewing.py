"""The workbench broken on purpose."""

from datetime import datetime
from uuid import UUID

import pytest

from services.controlling.reviews import store
from services.controlling.reviews.store import NewAnswer, SavedAnswer
from shared.postgres.pool import Connection


def saved_with_the_next(patch: pytest.MonkeyPatch) -> None:
    """Tell somebody that their answer is saved, and write it with the next one."""
    save = store.save_answer
    waiting: list[tuple[UUID, NewAnswer, datetime]] = []

    async def later(
        connection: Connection, review: UUID, new: NewAnswer, now: datetime
    ) -> SavedAnswer:
        before = [*waiting]
        waiting[:] = [(review, new, now)]
        for one in before:
            await save(connection, *one)
        version = new.based_on + 1
        return SavedAnswer(
            new.question, version, new.grade, new.comment, new.detail, new.origin, now
        )

    patch.setattr(store, "save_answer", later)
