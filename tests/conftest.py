"""What all tests share: the real Kafka, PostgreSQL and mail server, started when asked for."""

import os
import shutil
from collections import defaultdict
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from deploy.local import folder, lock, ports, postgres
from deploy.local.folder import CHECKOUT, Folder
from deploy.local.infrastructure import Addresses, Infrastructure

# What a busy machine takes long for is no fault of what is tested.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")

pytest_plugins = ["tests.collector"]

TEST_STACKS = CHECKOUT.root / "test"
_MOST_WORKERS = 8


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave the steps of a story as they stand when all else is shuffled."""
    stories: defaultdict[Path, list[int]] = defaultdict(list)
    for place, item in enumerate(items):
        if item.get_closest_marker("story"):
            stories[item.path].append(place)
    for places in stories.values():
        steps = sorted((items[place] for place in places), key=lambda item: item.location[1] or 0)
        for place, step in zip(places, steps, strict=True):
            items[place] = step


@pytest.fixture(scope="session", autouse=True)
def _no_stack_of_this_checkout() -> Iterator[None]:
    """Keep commands under test from joining the stack that happens to run here."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(folder, "STACK", Folder(TEST_STACKS / "none"))
        yield


@pytest.fixture(scope="session", autouse=True)
def _ports_of_this_worker() -> Iterator[None]:
    """Keep stacks of workers that test side by side from choosing the same free port at once."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    share = len(ports.RANGE) // _MOST_WORKERS
    with pytest.MonkeyPatch.context() as patch:
        first = ports.RANGE.start + worker % _MOST_WORKERS * share
        patch.setattr(ports, "RANGE", range(first, first + share))
        yield


@pytest.fixture(scope="session")
def stack() -> Iterator[Addresses]:
    """A fresh Kafka, PostgreSQL and mail server for this run, gone after it."""
    _remove_torsos()
    directory = TEST_STACKS / str(os.getpid())
    try:
        with ExitStack() as running:
            with pytest.MonkeyPatch.context() as patch:
                # Its data needn't outlive a power cut, and each test would wait for the disk.
                patch.setitem(postgres.SETTINGS, "fsync", "off")
                addresses = running.enter_context(Infrastructure(directory, environment={}))
            yield addresses
    finally:
        shutil.rmtree(directory, ignore_errors=True)


def _remove_torsos() -> None:
    """Remove what killed runs left behind."""
    for directory in TEST_STACKS.glob("*"):
        if lock.holder(Folder(directory).data_lock) is None:
            shutil.rmtree(directory, ignore_errors=True)
