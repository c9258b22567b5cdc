"""What the operator decides about letters."""

from datetime import time, timedelta
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings

from services.notify.channels.letter.print_run import PrintRun
from services.notify.settings import OWN
from shared.organisation.calendar import Calendar


class Settings(BaseSettings):
    """Settings of letters."""

    model_config = OWN

    print_folder: Path | None = Field(
        default=None,
        description="Where letters are put for a print service; without it, there are no letters.",
    )
    print_run_at: time | None = Field(
        default=None,
        description="Local time of working days at which letters go there; without it, at once.",
    )
    acknowledgement_pause: timedelta = Field(
        default=timedelta(minutes=1),
        gt=timedelta(),
        description="Between two looks for what the print service wrote back.",
    )

    def print_run(self, calendar: Calendar) -> PrintRun | None:
        """Give when letters go to the printer; None if at once."""
        if self.print_run_at is None:
            return None
        return PrintRun(self.print_run_at, calendar, calendar.is_working_day)
