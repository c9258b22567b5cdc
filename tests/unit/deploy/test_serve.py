"""A service that can't start says which variable is wrong, and shows no value."""

import pytest
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings

from deploy.serve import SettingsInvalid
from shared.service.settings import named


class Settings(BaseSettings):
    model_config = named("NOTIFY_")

    database_url: str = Field(validation_alias="DATABASE_URL")
    batch_size: int


def test_the_message_names_each_variable_and_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NOTIFY_BATCH_SIZE", "hunter2")
    with pytest.raises(ValidationError) as raised:
        Settings()
    message = str(SettingsInvalid("notify", raised.value))
    assert message.startswith("notify cannot start with this environment: DATABASE_URL: Field")
    assert "NOTIFY_BATCH_SIZE" in message
    assert "hunter2" not in message
