"""Every panel of every dashboard has its page, and words for all that can stand there."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

import pytest
from babel.messages.pofile import read_po

from deploy.dashboards import board as dashboards
from deploy.dashboards.board import Board, Panel, Right
from deploy.dashboards.boards import BOARDS
from deploy.dashboards.shown import Elsewhere
from deploy.desk import app
from deploy.desk.views.pages import WORDS, WORDS_OF
from shared.events.errors import Defect
from shared.events.vocabulary import Channel, ClockKind, DrawReason, FailureReason
from shared.observe.gauges import (
    CertificateUse,
    CounterStanding,
    PoolUse,
    ReviewState,
    WhichPeriod,
)
from shared.observe.metrics import BounceMail, MessageState, RecordOutcome
from shared.observe.occurrence import Occurrence
from shared.web.pages.words import FOLDER, load_words

CATALOGUES = load_words([FOLDER, *app.FOLDERS])
PANELS = [
    pytest.param(panel, id=f"{board.key}: {panel.key}")
    for board in BOARDS
    for panel in board.panels
]
VALUES: Mapping[str, Iterable[StrEnum]] = {
    "certificate": CertificateUse,
    "channel": Channel,
    "clock": ClockKind,
    "event": Occurrence,
    "kind": BounceMail,
    "outcome": RecordOutcome,
    "period": WhichPeriod,
    "reason": (*DrawReason, *FailureReason),
    "standing": CounterStanding,
    "state": (*MessageState, *ReviewState),
    "use": PoolUse,
}
"""What can stand in the place of a label that a page says in words."""
NAMES = {"service", "need", "loop", "status", "version", "topic", "provider"}
"""Labels whose values are names."""


def said(key: str) -> bool:
    return all(words.gettext(key) != key for words in CATALOGUES.values())


def labels(panel: Panel) -> set[str]:
    return {label for one in panel.shows for label in one.by}


@pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.key)
def test_a_dashboard_has_its_words(board: Board) -> None:
    assert said(f"board.{board.key}")
    assert said(f"board.{board.key}.says")


@pytest.mark.parametrize("panel", PANELS)
def test_a_panel_has_its_words(panel: Panel) -> None:
    names = [f"series.{one.name}" for one in panel.shows if one.name]
    heads = [f"views.label.{label}" for label in labels(panel)]
    elsewhere = [
        f"views.elsewhere.{panel.key}" for one in panel.shows if isinstance(one, Elsewhere)
    ]
    own = [f"panel.{panel.key}", f"panel.{panel.key}.says", f"right.{panel.right}"]
    assert [key for key in (*own, *names, *heads, *elsewhere) if not said(key)] == []


@pytest.mark.parametrize("panel", PANELS)
def test_all_that_a_panel_shows_is_told_apart_by_the_same_labels(panel: Panel) -> None:
    assert {one.by for one in panel.shows} == {panel.shows[0].by}
    assert len({one.name for one in panel.shows}) == len(panel.shows)


@pytest.mark.parametrize("panel", PANELS)
def test_values_of_labels_are_names_or_have_words(panel: Panel) -> None:
    assert labels(panel) <= {*WORDS, *NAMES}


@pytest.mark.parametrize("label", WORDS)
def test_each_value_of_a_label_has_a_word(label: str) -> None:
    assert [one for one in VALUES[label] if not said(f"{WORDS[label]}.{one}")] == []


def test_what_is_said_otherwise_of_one_metric_is_what_intake_refuses() -> None:
    [prefix] = WORDS_OF.values()
    assert [one for one in Defect if not said(f"{prefix}.{one}")] == []


def test_the_catalogues_of_dashboards_have_no_word_too_many() -> None:
    panels = {panel.key for board in BOARDS for panel in board.panels}
    series = {one.name for board in BOARDS for panel in board.panels for one in panel.shows}
    known = {
        *(f"panel.{key}{end}" for key in panels for end in ("", ".says")),
        *(f"board.{board.key}{end}" for board in BOARDS for end in ("", ".says")),
        *(f"series.{name}" for name in series if name),
        *(f"right.{one}" for one in Right),
    }
    with (dashboards.FOLDER / "de.po").open("rb") as file:
        said_there = {str(message.id) for message in read_po(file) if message.id}
    assert said_there == known
