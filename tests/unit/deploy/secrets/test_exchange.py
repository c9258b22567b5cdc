"""A key that somebody outside must know takes its place only when people say that they do."""

import re
from pathlib import Path

import pytest

from deploy.secrets.exchange import PUBLISHED, NotNext
from deploy.secrets.files import create_missing
from shared.security.key_ring import read_keys
from shared.security.secrets import SecretName, SecretStore


@pytest.fixture
def store(tmp_path: Path) -> SecretStore:
    create_missing(tmp_path)
    return SecretStore(tmp_path)


async def rotated(store: SecretStore, name: SecretName, published: str | None = None) -> str:
    told: list[str] = []
    await PUBLISHED[name](store, published, told.append)
    return "\n".join(told)


def word(told: str) -> str:
    [found] = re.findall(r"--published (\S+)'", told)
    return str(found)


@pytest.mark.parametrize("name", PUBLISHED)
async def test_the_first_run_repeated_says_the_same_and_exchanges_nothing(
    store: SecretStore, name: SecretName
) -> None:
    told = await rotated(store, name)
    begun = read_keys(store, name)
    assert await rotated(store, name) == told
    assert read_keys(store, name) == begun
    assert begun.next is not None


@pytest.mark.parametrize("name", PUBLISHED)
@pytest.mark.parametrize("begun", [True, False])
async def test_a_word_that_no_waiting_key_goes_by_changes_nothing(
    store: SecretStore, name: SecretName, *, begun: bool
) -> None:
    if begun:
        await rotated(store, name)
    before = read_keys(store, name)
    with pytest.raises(NotNext, match="nothing was changed"):
        await rotated(store, name, "key-of-march")
    assert read_keys(store, name) == before


async def test_the_word_of_the_waiting_key_ends_the_exchange(store: SecretStore) -> None:
    name = SecretName.MAIL_REPORT_KEY
    published = word(await rotated(store, name))
    fresh = read_keys(store, name).next
    await rotated(store, name, published)
    assert (read_keys(store, name).current, read_keys(store, name).others) == (fresh, ())
    with pytest.raises(NotNext):
        await rotated(store, name, published)


async def test_a_second_run_that_was_interrupted_is_gone_on_with(store: SecretStore) -> None:
    name = SecretName.MAIL_REPORT_KEY
    published = word(await rotated(store, name))
    exchanged = read_keys(store, name).exchanged()
    (store.directory / name).write_text(exchanged.text)
    await rotated(store, name, published)
    assert read_keys(store, name) == exchanged.alone()
