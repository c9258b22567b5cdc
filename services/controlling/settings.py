"""What the operator decides about controlling; everything comes from the environment."""

from pathlib import Path

from pydantic import Field

from shared.service.settings import ROOT, ServiceSettings


class Settings(ServiceSettings):
    """Settings of the controlling service."""

    policy_file: Path = Field(
        default=ROOT / "deploy" / "policy" / "karlsruhe.yaml",
        validation_alias="GLEICHFALL_POLICY",
        description="The sampling policy in force.",
    )
