"""Simulated weeks, invented once for all tests."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from services.intake.simulation.generator import generate
from services.intake.simulation.story import Item
from shared.law.decision_types import DecisionTypes
from shared.organisation.file import load_organisation
from shared.organisation.model import Organisation

START = date(2026, 1, 5)
Play = Callable[..., list[Item]]


@pytest.fixture(scope="session")
def karlsruhe() -> Organisation:
    return load_organisation(Path(__file__).parents[5] / "deploy/organisation/karlsruhe.yaml")


@pytest.fixture(scope="session")
def types() -> DecisionTypes:
    return DecisionTypes.load()


@pytest.fixture(scope="session")
def play(karlsruhe: Organisation, types: DecisionTypes) -> Play:
    """Give a function that plays weeks with the given options."""

    def weeks_of(
        weeks: int, *, rate: float = 1.0, seed: int = 1, start: date = START
    ) -> list[Item]:
        return list(generate(karlsruhe, types, weeks=weeks, rate=rate, seed=seed, start=start))

    return weeks_of


@pytest.fixture(scope="session")
def eight_weeks(play: Play) -> list[Item]:
    return play(8)


@pytest.fixture(scope="session")
def year(play: Play) -> list[Item]:
    """Give a year of a smaller authority, long enough for courts to decide."""
    return play(52, rate=0.25)
