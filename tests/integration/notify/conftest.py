"""A running notify service; tests of other ways of running it make their own."""

from collections.abc import AsyncIterator

import pytest

from deploy.local.infrastructure import Addresses
from tests.integration.notify.service import Notify, running


@pytest.fixture(scope="module")
async def notify(
    stack: Addresses, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Notify]:
    async with running(stack, tmp_path_factory.mktemp("notify"), "notify_service") as service:
        yield service
