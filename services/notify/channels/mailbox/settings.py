"""What the operator decides about mailboxes."""

from datetime import timedelta

from pydantic import Field
from pydantic_settings import BaseSettings

from services.notify.channels.mailbox.fit_connect import FitConnectPlace
from services.notify.settings import OWN


class Settings(BaseSettings):
    """Settings of messages to mailboxes."""

    model_config = OWN

    fit_connect: FitConnectPlace | None = Field(
        default=None,
        description="Who carries messages to mailboxes: a JSON object; its secrets stand in "
        "`fit_connect`. Without it, nothing leaves to mailboxes.",
    )
    mailbox_connections: int = Field(
        default=4, ge=1, le=50, description="Messages to mailboxes handed over at once per process."
    )
    event_log_pause: timedelta = Field(
        default=timedelta(seconds=15),
        gt=timedelta(),
        description="Until a message's event log is looked at, and again; it doubles, to an hour.",
    )
