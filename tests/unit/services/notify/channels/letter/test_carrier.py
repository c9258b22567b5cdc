"""Letters that come together go together; what the printer says is taken before it is forgotten."""

import asyncio
import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast
from uuid import UUID

import pytest
from pydantic import ValidationError

from services.notify.channels.letter import carrier as printing
from services.notify.channels.letter.acknowledgement import of_letter
from services.notify.channels.letter.carrier import Press
from services.notify.channels.letter.errors import RunUnacknowledged
from services.notify.channels.letter.print_folder import PrintFolder, Verdict
from services.notify.channels.letter.returns import PATIENCE, AcknowledgementReader
from services.notify.channels.letter.typesetting import TypesettingUnavailable
from services.notify.channels.letter.writing import Letter
from services.notify.reports.entering import Reports
from services.notify.reports.receipts import Report
from services.notify.sending.answer import Answer
from services.notify.sending.carrier import ProviderUnreachable
from services.notify.states import State
from shared.events.vocabulary import Channel
from shared.held_items.holding import Holding
from shared.held_items.store import State as HeldState
from shared.observe.metrics import PROVIDER_ERRORS, Loop, ProviderName
from tests.shelf import Shelf

QUIET = timedelta(milliseconds=30)


def letter(number: int) -> Letter:
    return Letter(UUID(int=number), "Anna", b"%PDF", 1)


def runs(home: Path) -> list[list[int]]:
    manifests = sorted((home / "runs").glob("[!.]*/manifest.json"))
    read = [json.loads(manifest.read_bytes())["letters"] for manifest in manifests]
    return [sorted(UUID(one["message"]).int for one in letters) for letters in read]


async def test_letters_that_come_together_are_one_run(tmp_path: Path) -> None:
    press = Press(PrintFolder(tmp_path), quiet=QUIET)
    await press.open()

    first = await asyncio.gather(*(press.send(letter(number)) for number in range(1, 6)))
    later = await press.send(letter(6))

    assert [*first, later] == [Answer.ACCEPTED] * 6
    assert sorted(runs(tmp_path)) == [[1, 2, 3, 4, 5], [6]]


async def test_a_folder_that_is_gone_takes_nothing_until_it_is_back(tmp_path: Path) -> None:
    press = Press(PrintFolder(tmp_path / "there"), quiet=QUIET)
    await press.open()
    assert press.is_open
    (tmp_path / "there" / "runs").rmdir()
    errors = PROVIDER_ERRORS.of(ProviderName("letter"))
    before = errors._value.get()

    with pytest.raises(ProviderUnreachable, match=r"print folder .*FileNotFoundError"):
        await press.send(letter(1))

    assert not press.is_open
    assert errors._value.get() == before + 1
    await press.open()
    assert await press.send(letter(1)) is Answer.ACCEPTED


async def test_without_fonts_letters_wait_and_the_service_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing() -> None:
        raise TypesettingUnavailable("a font is missing")

    monkeypatch.setattr(printing, "require_typesetting", missing)
    press = Press(PrintFolder(tmp_path), quiet=QUIET)

    with pytest.raises(ProviderUnreachable, match=r"apt-get install fonts-noto-core"):
        await press.open()

    assert not press.is_open


class Books:
    """Takes reports, or fails."""

    def __init__(self) -> None:
        self.taken: dict[int, State] = {}
        self.broken = False
        self.at_fault: int | None = None

    async def take(self, channel: Channel, reports: Sequence[Report]) -> int:
        assert channel is Channel.LETTER
        if self.broken:
            raise ConnectionError
        if any(one.message.int == self.at_fault for one in reports):
            raise ValueError
        self.taken |= {one.message.int: one.receipt.state for one in reports}
        return len(reports)


async def looked(home: Path, books: Books, shelf: Shelf | None = None) -> AcknowledgementReader:
    """Let a reader look once; what fails for a while stays."""
    holding = Holding(shelf or Shelf(), Loop.ACKNOWLEDGEMENTS)
    reader = AcknowledgementReader(PrintFolder(home), cast("Reports", books), holding)
    with suppress(ConnectionError):
        await reader.look()
    return reader


def in_folder(home: Path, letters: int, at: datetime | None = None) -> PrintFolder:
    folder = PrintFolder(home)
    folder.open()
    folder.put([letter(number) for number in range(1, letters + 1)], at or datetime.now(UTC))
    return folder


async def test_each_verdict_is_taken_and_then_forgotten(tmp_path: Path) -> None:
    books = Books()
    in_folder(tmp_path, len(Verdict))
    said = dict(enumerate(Verdict, start=1))
    letters = {str(UUID(int=number)): verdict for number, verdict in said.items()}
    (tmp_path / "acknowledgements" / "a.json").write_text(json.dumps({"letters": letters}))

    reader = await looked(tmp_path, books)

    assert books.taken == {number: of_letter(verdict).state for number, verdict in said.items()}
    assert runs(tmp_path) == []
    await reader.check()


async def test_what_cannot_be_taken_now_stays(tmp_path: Path) -> None:
    books = Books()
    in_folder(tmp_path, 1)
    file = tmp_path / "acknowledgements" / "a.json"
    file.write_text(json.dumps({"letters": {str(UUID(int=1)): "posted"}}))
    books.broken = True
    await looked(tmp_path, books)
    assert file.exists()
    assert runs(tmp_path) == [[1]]

    books.broken = False
    await looked(tmp_path, books)

    assert books.taken == {1: State.ACCEPTED}
    assert not file.exists()


def answer(home: Path, number: int) -> None:
    said = {"letters": {str(UUID(int=number)): "posted"}}
    (home / "acknowledgements" / f"{number}.json").write_text(json.dumps(said))


async def test_an_acknowledgement_that_breaks_us_is_held_and_the_others_are_taken(
    tmp_path: Path,
) -> None:
    books, shelf = Books(), Shelf()
    in_folder(tmp_path, 3)
    for number in (1, 2, 3):
        answer(tmp_path, number)
    books.at_fault = 2

    await looked(tmp_path, books, shelf)

    assert books.taken == {1: State.ACCEPTED, 3: State.ACCEPTED}
    assert shelf.states == {"2.json": HeldState.HELD}

    books.at_fault, shelf.states["2.json"] = None, HeldState.RETRYING
    await looked(tmp_path, books, shelf)
    assert books.taken.keys() == {1, 2, 3}
    assert shelf.states == {"2.json": HeldState.DONE}


async def test_a_run_that_cannot_be_read_is_no_acknowledgement_s_fault(tmp_path: Path) -> None:
    shelf = Shelf()
    in_folder(tmp_path, 1)
    answer(tmp_path, 1)
    (next((tmp_path / "runs").iterdir()) / "manifest.json").write_text("{")

    with pytest.raises(ValidationError):
        await looked(tmp_path, Books(), shelf)

    assert shelf.states == {}


async def test_a_printer_that_says_nothing_for_days_is_told_of(tmp_path: Path) -> None:
    in_folder(tmp_path, 1, datetime.now(UTC) - PATIENCE - timedelta(hours=1))

    reader = await looked(tmp_path, Books())

    with pytest.raises(RunUnacknowledged, match="has not acknowledged them; ask it"):
        await reader.check()


def test_that_a_letter_was_posted_is_no_delivery() -> None:
    assert of_letter(Verdict.POSTED).state is State.ACCEPTED
    assert of_letter(Verdict.DELIVERED).state is State.DELIVERED
    assert {of_letter(one).state for one in (Verdict.REFUSED, Verdict.RETURNED)} == {State.BOUNCED}
