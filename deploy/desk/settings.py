"""What the operator decides about the desk."""

from collections.abc import Mapping

from pydantic import AnyHttpUrl, BaseModel, ConfigDict, Field

from services.controlling.entrance.settings import EntranceSettings
from shared.service.settings import named


class Watched(BaseModel):
    """A process, and where it tells how it is.

    Attributes:
        url: Of its HTTP side.
        metrics: Of its figures.
    """

    model_config = ConfigDict(frozen=True)

    url: AnyHttpUrl
    metrics: AnyHttpUrl


class Settings(EntranceSettings):
    """Settings of the desk; its own begin with `DESK_`."""

    model_config = named("DESK_")

    workbench_url: AnyHttpUrl | None = Field(
        default=None,
        validation_alias="WORKBENCH_URL",
        description="Where people find the workbench, as their browser sees it; "
        "without it, nothing leads there.",
    )
    processes: Mapping[str, Watched] = Field(
        default={},
        description="A JSON object of the processes to ask how they are: by name, `url` of the "
        "HTTP side and `metrics`, the address of the figures. Several of one service are called "
        "`intake-1`, `intake-2` and so on.",
    )
