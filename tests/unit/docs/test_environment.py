"""The operator's page names every variable that a service reads."""

import pytest
from pydantic import AliasChoices, AliasPath

from services.controlling.settings import Settings as Controlling
from services.intake.settings import Settings as Intake
from services.notify.settings import Settings as Notify
from shared.service.settings import ServiceSettings
from tests.unit.docs.pages import ROOT

SERVICES: tuple[type[ServiceSettings], ...] = (Intake, Controlling, Notify)


def variables(settings: type[ServiceSettings]) -> set[str]:
    prefix = settings.model_config.get("env_prefix", "")
    named = {
        field.validation_alias or f"{prefix}{name.upper()}"
        for name, field in settings.model_fields.items()
    }
    assert not any(isinstance(variable, (AliasChoices, AliasPath)) for variable in named)
    return {str(variable) for variable in named}


@pytest.mark.parametrize("settings", SERVICES, ids=lambda settings: settings.__module__)
def test_every_variable_of_a_service_is_explained(settings: type[ServiceSettings]) -> None:
    page = (ROOT / "docs" / "operations" / "local.md").read_text(encoding="utf-8")
    explained = {line.split("`")[1] for line in page.splitlines() if line.startswith("| `")}
    assert variables(settings) <= explained
