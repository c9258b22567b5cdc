import asyncio
from collections.abc import Collection
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.intake.tokens import store
from services.intake.tokens.following import TokenBook
from services.intake.tokens.token import Token, Usable
from shared.security.bearer import hash_of
from shared.security.identity import SourceSystem, SourceTokens

NOON = datetime(2026, 11, 29, 12, tzinfo=UTC)
DAY = timedelta(days=1)
PHONE = SourceSystem("phone", ("urn:phone",), ("call.*",))


class Pool:
    """Stands where a pool stands; who asks gets no connection that anybody looks at."""

    def acquire(self) -> "Pool":
        return self

    async def __aenter__(self) -> None:
        return None

    async def __aexit__(self, *_: object) -> None:
        return None


def book(
    monkeypatch: pytest.MonkeyPatch, *known: Usable, now: datetime = NOON
) -> tuple[TokenBook, list[tuple[set[str], date]]]:
    noted: list[tuple[set[str], date]] = []

    async def usable(_: Any) -> list[Usable]:
        return list(known)

    async def note_use(_: Any, tokens: Collection[str], day: date) -> None:
        noted.append((set(tokens), day))

    monkeypatch.setattr(store, "usable", usable)
    monkeypatch.setattr(store, "note_use", note_use)
    found = TokenBook(SourceTokens({hash_of("fixed"): PHONE}), {"phone": PHONE}, lambda: now)
    look(found)
    return found, noted


def look(found: TokenBook) -> None:
    asyncio.run(found.look(Pool()))  # type: ignore[arg-type] # stands in for it


def token(text: str, begins: datetime, ends: datetime | None, system: str = "phone") -> Usable:
    return Usable(f"id-{text}", system, hash_of(text), begins, ends)


def test_a_system_may_have_several_tokens_each_with_its_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found, _ = book(
        monkeypatch,
        token("old", NOON - DAY, NOON + DAY),
        token("new", NOON, None),
        token("ended", NOON - DAY, NOON),
        token("to come", NOON + DAY, None),
        token("nobody's", NOON, None, system="gone"),
    )
    assert [found.authenticate(text) for text in ("fixed", "old", "new")] == [PHONE] * 3
    assert [found.authenticate(text) for text in ("ended", "to come", "nobody's", "", "other")] == [
        None
    ] * 5


def test_use_is_noted_once_per_look(monkeypatch: pytest.MonkeyPatch) -> None:
    found, noted = book(monkeypatch, token("new", NOON, None))
    for _ in range(3):
        found.authenticate("new")
    found.authenticate("wrong")
    look(found)
    look(found)
    assert noted == [({"id-new"}, NOON.date())]


def test_a_token_that_is_revoked_is_nobodys_after_the_next_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found, _ = book(monkeypatch, token("new", NOON, None))
    assert found.authenticate("new") is PHONE

    async def none(_: Any) -> list[Usable]:
        return []

    monkeypatch.setattr(store, "usable", none)
    look(found)
    assert found.authenticate("new") is None


@pytest.mark.parametrize(
    ("begins", "ends", "revoked", "state"),
    [
        (NOON, None, None, "usable"),
        (NOON, NOON + DAY, None, "usable"),
        (NOON + DAY, None, None, "not yet"),
        (NOON - DAY, NOON, None, "ended"),
        (NOON, None, NOON, "revoked"),
    ],
)
def test_a_list_says_what_a_token_is_good_for(
    begins: datetime, ends: datetime | None, revoked: datetime | None, state: str
) -> None:
    assert Token("a", "phone", begins, ends, revoked, None).state(NOON) == state
