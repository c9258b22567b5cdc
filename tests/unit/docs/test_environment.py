"""The operator's page names every variable that a service reads."""

import pytest
from pydantic import AliasChoices, AliasPath
from pydantic_settings import BaseSettings

from deploy.desk.settings import Settings as Desk
from services.controlling.settings import Settings as Controlling
from services.controlling.workbench.settings import Settings as Workbench
from services.intake.settings import Settings as Intake
from services.notify.channels.email.settings import Settings as Email
from services.notify.channels.letter.settings import Settings as Letter
from services.notify.channels.mailbox.settings import Settings as Mailbox
from services.notify.channels.sms.settings import Settings as Sms
from services.notify.settings import Settings as Notify
from shared.service.settings import ConnectionSettings
from tests.unit.docs.pages import ROOT

SERVICES: tuple[type[BaseSettings], ...] = (
    Intake,
    Controlling,
    Notify,
    Email,
    Sms,
    Mailbox,
    Letter,
    Workbench,
    Desk,
    ConnectionSettings,
)


def variables(settings: type[BaseSettings]) -> set[str]:
    prefix = settings.model_config.get("env_prefix", "")
    named = {
        field.validation_alias or f"{prefix}{name.upper()}"
        for name, field in settings.model_fields.items()
    }
    assert not any(isinstance(variable, (AliasChoices, AliasPath)) for variable in named)
    return {str(variable) for variable in named}


@pytest.mark.parametrize("settings", SERVICES, ids=lambda settings: settings.__module__)
def test_every_variable_of_a_service_is_explained(settings: type[BaseSettings]) -> None:
    page = (ROOT / "docs" / "operations" / "local.md").read_text(encoding="utf-8")
    explained = {line.split("`")[1] for line in page.splitlines() if line.startswith("| `")}
    assert variables(settings) <= explained
