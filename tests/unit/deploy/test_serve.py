"""A service that can't start says which variable is wrong, and shows no value."""

import pytest
from pydantic import ValidationError
from pydantic_settings import BaseSettings

from deploy.serve import SettingsInvalid


class Settings(BaseSettings):
    database_url: str
    batch_size: int


def test_the_message_names_each_variable_and_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BATCH_SIZE", "hunter2")
    with pytest.raises(ValidationError) as raised:
        Settings()
    message = str(SettingsInvalid("notify", raised.value))
    assert message.startswith("notify cannot start with this environment: DATABASE_URL: Field")
    assert "BATCH_SIZE" in message
    assert "hunter2" not in message
