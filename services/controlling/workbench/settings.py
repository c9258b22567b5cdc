"""What the operator decides about the workbench."""

from pathlib import Path

from pydantic import AnyHttpUrl, Field

from services.controlling.entrance.settings import EntranceSettings
from services.controlling.forms.catalogue import PACKAGED
from shared.configuration.places import POLICY, POLICY_VARIABLE
from shared.service.settings import named


class Settings(EntranceSettings):
    """Settings of the workbench; its own begin with `WORKBENCH_`."""

    model_config = named("WORKBENCH_")

    desk_url: AnyHttpUrl | None = Field(
        default=None,
        validation_alias="DESK_URL",
        description="Where people find the desk, as their browser sees it; "
        "without it, nothing leads there.",
    )
    controlling_url: AnyHttpUrl | None = Field(
        default=None,
        validation_alias="CONTROLLING_URL",
        description="Where people find the public pages of the draw, as their browser sees them; "
        "without it, nothing leads there.",
    )
    criteria_file: Path = Field(
        default=PACKAGED,
        validation_alias="GLEICHFALL_CRITERIA",
        description="What reviews ask; without it, what comes with the system.",
    )
    policy_file: Path = Field(
        default=POLICY,
        validation_alias=POLICY_VARIABLE,
        description="The policy that holds from the beginning, as controlling is told it.",
    )
    file_url: str | None = Field(
        default=None,
        pattern=r"https?://.+\{dataref\}.*",
        description="Where the Fachverfahren shows a file, with {dataref} in the place of its key; "
        "without it, the key is shown.",
    )
