"""What travels between a client, the service and the mailboxes, in the API's own words."""

from typing import Literal
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

DESTINATION = UUID("f17c0000-fa4e-4000-8000-000000000001")
SCHEMAS = "https://schema.fitko.de/fit-connect"
EVENTS = f"{SCHEMAS}/events"
SERVICE = "urn:schema-fitko-de:fit-connect:id.bund.de:message_v6"
MESSAGE_SCHEMA = {
    "schemaUri": f"{SCHEMAS}/id.bund.de/message_v6/1.0.0/zbp-message.schema.json",
    "mimeType": "application/json",
}
METADATA_SCHEMA = f"{SCHEMAS}/metadata/2.1.0/metadata.schema.json"
WRAPPED, ENCRYPTED, SIGNED = "RSA-OAEP-256", "A256GCM", "PS512"


class _Document(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel)


class Announcement(_Document):
    """What is to be submitted, and where to."""

    class Service(_Document):
        """What it is about."""

        identifier: Literal["urn:schema-fitko-de:fit-connect:id.bund.de:message_v6"]
        name: str = Field(min_length=1)

    destination_id: UUID
    announced_attachments: tuple[UUID, ...] = Field(max_length=0)
    public_service: Service


class Submitted(_Document):
    """A submission: two JWEs."""

    encrypted_metadata: str
    encrypted_data: str


class Envelope(_Document):
    """What the portal is given: a message, and who says that it is theirs."""

    model_config = ConfigDict(extra="forbid")

    content: str
    sha512sum: str = Field(alias="sha512sum")
    author_token: str
    author_certificate: str


class Message(_Document):
    """A message in version 6."""

    model_config = ConfigDict(extra="forbid")

    stork_qaa_level: int = Field(ge=1, le=4, alias="stork_qaa_level")
    mailbox_uuid: UUID
    sender: str = Field(min_length=1, max_length=255)
    title: str = Field(min_length=1, max_length=1024)
    content: str = Field(min_length=1)
    service: str = Field(min_length=1, max_length=255)
    reference: str | None = Field(default=None, max_length=255)
    sender_url: str | None = Field(default=None, max_length=255)
