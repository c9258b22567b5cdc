"""What one loop reads for all gauges, and how often."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from deploy.secrets.files import create_missing
from shared.observe.gauges import SECRET_CHANGED
from shared.security.secrets import SecretName, SecretStore
from shared.service.looking import Look, Looks, tell_certificates, tell_secrets


@dataclass
class Reading:
    """Something that is read, and how often it was."""

    times: int = 0
    fails: bool = False

    async def read(self) -> None:
        self.times += 1
        if self.fails:
            raise LookupError

    def every(self, minutes: int) -> Look:
        return Look(timedelta(minutes=minutes), self.read)


async def test_each_is_read_at_its_own_cadence() -> None:
    now = 0.0
    often, seldom = Reading(), Reading()
    looks = Looks([often.every(1), seldom.every(60)], lambda: now)
    for minute in range(60):
        now = 60.0 * minute
        await looks.look()

    assert (often.times, seldom.times) == (60, 1)


async def test_one_that_fails_keeps_no_other_from_being_read_and_is_read_again_at_once() -> None:
    ill, well = Reading(fails=True), Reading()
    looks = Looks([ill.every(60), well.every(60)], lambda: 0.0)

    for _ in range(2):
        with pytest.raises(LookupError):
            await looks.look()

    assert (ill.times, well.times) == (2, 1)
    ill.fails = False
    await looks.look()
    await looks.look()
    assert ill.times == 3


async def test_a_secret_is_as_old_as_its_file_and_one_that_isnt_ours_is_not_told(
    tmp_path: Path,
) -> None:
    create_missing(tmp_path)
    (tmp_path / SecretName.SOURCE_TOKENS.value).unlink()
    SECRET_CHANGED.forget(SecretName.SOURCE_TOKENS)

    await tell_secrets(SecretStore(tmp_path))

    told = SECRET_CHANGED.of(SecretName.HANDOVER_TOKEN)._value.get()
    assert abs(told - datetime.now(UTC).timestamp()) < 3_600
    assert (SecretName.SOURCE_TOKENS.value,) not in SECRET_CHANGED.metric._metrics


async def test_without_certificates_nothing_is_told_of_any() -> None:
    await tell_certificates({})()
