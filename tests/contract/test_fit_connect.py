"""What we ask of FIT-Connect and what its fake answers, in the forms that its documentation names.

The forms are written down here once more, by hand, from docs.fitko.de/fit-connect (Submission API,
version 2; event log; metadata 2.1.0; ZBP) as read in 2026; both sides must keep to them.
"""

import json
from base64 import urlsafe_b64decode
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from uuid import uuid4

import httpx
import pytest
from joserfc import jwe
from jsonschema import Draft202012Validator

from deploy.local.fake_fit_connect.documents import DESTINATION
from deploy.local.fake_fit_connect.mailboxes import NOBODYS
from deploy.local.loopback import PLAIN
from deploy.secrets.files import create_missing
from services.notify.channels.mailbox.fit_connect import FitConnect
from services.notify.channels.mailbox.fit_connect_keys import FitConnectKeys
from services.notify.channels.mailbox.security_event import SecurityEvent, Stage
from services.notify.channels.mailbox.writing import MailboxMessage, Submission
from services.notify.sending.answer import Answer
from shared.security.secrets import SecretName, SecretStore
from tests.fit_connect import FitConnectHost, Step, fit_connect_host

UUID = {
    "type": "string",
    "pattern": "^[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$",
}
JWE = {"type": "string", "pattern": r"^[\w-]+\.[\w-]+\.[\w-]+\.[\w-]+\.[\w-]+$"}
JWS = {"type": "string", "pattern": r"^[\w-]+\.[\w-]+\.[\w-]+$"}
WORDS = {"type": "string", "minLength": 1, "maxLength": 255}


def closed(**properties: object) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def opened(**properties: object) -> dict[str, Any]:
    return closed(**properties) | {"additionalProperties": True}


ANNOUNCEMENT = closed(
    destinationId=UUID,
    announcedAttachments={"type": "array", "items": UUID},
    publicService=closed(identifier={"type": "string", "pattern": "^urn:[a-z0-9-]+:"}, name=WORDS),
)
SUBMISSION = closed(encryptedMetadata=JWE, encryptedData=JWE)
METADATA = closed(
    **{
        "$schema": {
            "const": "https://schema.fitko.de/fit-connect/metadata/2.1.0/metadata.schema.json"
        }
    },
    contentStructure=closed(
        data=closed(
            submissionSchema=closed(
                schemaUri={"type": "string", "pattern": "^https://schema.fitko.de/"},
                mimeType={"const": "application/json"},
            ),
            hash=closed(
                type={"const": "sha512"}, content={"type": "string", "pattern": "^[0-9a-f]{128}$"}
            ),
        ),
        attachments={"type": "array", "maxItems": 0},
    ),
)
ENVELOPE = closed(
    content={"type": "string"},
    sha512sum={"type": "string", "pattern": "^[A-Za-z0-9+/]+=*$"},
    authorToken=JWS,
    authorCertificate={"type": "string", "pattern": "^-----BEGIN CERTIFICATE-----"},
)
MESSAGE = closed(
    stork_qaa_level={"enum": [1, 2, 3, 4]},
    mailboxUuid=UUID,
    sender=WORDS,
    title={"type": "string", "minLength": 1, "maxLength": 1024},
    content={"type": "string", "minLength": 1},
    service=WORDS,
    reference=WORDS,
    senderUrl=WORDS,
)
GRANTED = opened(access_token=WORDS, token_type={"const": "Bearer"}, expires_in={"type": "integer"})
DESTINATION_OBJECT = opened(
    destinationId=UUID, status={"const": "active"}, encryptionKid=WORDS, publicServices={}
)
KEY = opened(
    kty={"const": "RSA"},
    alg={"enum": ["RSA-OAEP-256", "PS512"]},
    key_ops={"enum": [["wrapKey"], ["verify"]]},
    kid={"type": "string", "minLength": 8, "maxLength": 64},
    n={"type": "string", "minLength": 683},
    e={"const": "AQAB"},
)
OPENED = opened(submissionId=UUID, caseId=UUID)
EVENT_LOG = opened(eventLog={"type": "array", "items": JWS})
EVENT_HEADER = closed(alg={"const": "PS512"}, typ={"const": "secevent+jwt"}, kid=WORDS)
EVENT = closed(
    **{
        "$schema": {
            "type": "string",
            "pattern": "^https://schema.fitko.de/fit-connect/set-payload/",
        }
    },
    jti=UUID,
    iss=WORDS,
    iat={"type": "integer"},
    sub={"type": "string", "pattern": "^submission:"},
    txn={"type": "string", "pattern": "^case:"},
    events={
        "type": "object",
        "minProperties": 1,
        "maxProperties": 1,
        "patternProperties": {
            "^https://schema.fitko.de/fit-connect/events/[a-z-]+$": {
                "type": "object",
                "properties": {
                    "authenticationTags": closed(metadata=WORDS, data=WORDS),
                    "problems": {
                        "type": "array",
                        "items": closed(type=WORDS, title=WORDS, detail=WORDS, instance=WORDS),
                    },
                },
                "additionalProperties": False,
            }
        },
        "additionalProperties": False,
    },
)
PROBLEM = opened(type=WORDS, title=WORDS, status={"type": "integer"})


def fits(document: object, schema: dict[str, Any]) -> None:
    Draft202012Validator(schema).validate(document)


@pytest.fixture(scope="module")
async def host(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[FitConnectHost]:
    folder: Path = tmp_path_factory.mktemp("fit-connect")
    create_missing(folder / "secrets")
    client = SecretStore(folder / "secrets").text(SecretName.FIT_CONNECT)
    async with fit_connect_host(folder, client.get_secret_value()) as host:
        host.keys_of_client = FitConnectKeys.parse(client)
        yield host


@pytest.fixture
def fit_connect(host: FitConnectHost) -> FitConnect:
    assert host.keys_of_client is not None
    return FitConnect(host.place, host.keys_of_client, host.keys_of_client.author())


def message(mailbox: str | None = None) -> MailboxMessage:
    return MailboxMessage(
        identity=uuid4(),
        tried=False,
        recipient=mailbox or str(uuid4()),
        title="Ihr Antrag ist bei uns",
        text="Wir haben Ihren Antrag.",
        sender="Amt",
        sender_url="https://example.org",
    )


def last(host: FitConnectHost, step: Step) -> bytes:
    return [body for asked, body in host.asked if asked is step][-1]


def decrypted(host: FitConnectHost, token: str) -> Any:
    read = jwe.decrypt_compact(
        token, host.service.keys.encryption, algorithms=["RSA-OAEP-256", "A256GCM"]
    )
    return json.loads(read.plaintext or b"")


async def submit(fit_connect: FitConnect, mailbox: str | None = None) -> Submission:
    submission = await fit_connect.announce("Amt")
    assert await fit_connect.submit(submission, message(mailbox)) is Answer.ACCEPTED
    return submission


async def test_what_we_ask_has_the_documented_form(
    host: FitConnectHost, fit_connect: FitConnect
) -> None:
    await submit(fit_connect)

    assert dict(parse_qsl(last(host, Step.GRANT).decode())).keys() == {
        "grant_type",
        "client_id",
        "client_secret",
    }
    fits(json.loads(last(host, Step.ANNOUNCE)), ANNOUNCEMENT)
    submitted = json.loads(last(host, Step.SUBMIT))
    fits(submitted, SUBMISSION)
    fits(decrypted(host, submitted["encryptedMetadata"]), METADATA)
    envelope = decrypted(host, submitted["encryptedData"])
    fits(envelope, ENVELOPE)
    fits(json.loads(envelope["content"]), MESSAGE)


async def test_what_the_fake_answers_has_the_documented_form(
    host: FitConnectHost, fit_connect: FitConnect
) -> None:
    refused = await submit(fit_connect, f"{NOBODYS}0000-4000-8000-000000000001")
    assert host.keys_of_client is not None
    form = {
        "grant_type": "client_credentials",
        "client_id": host.keys_of_client.client_id,
        "client_secret": host.keys_of_client.client_secret.get_secret_value(),
    }
    where = host.place
    async with httpx.AsyncClient(verify=PLAIN) as client:
        granted = (await client.post(where.token_url, data=form)).json()
        fits(granted, GRANTED)
        client.headers["authorization"] = f"Bearer {granted['access_token']}"

        destination = f"{where.destination_url}/v2/destinations/{DESTINATION}"
        found = (await client.get(destination)).json()
        fits(found, DESTINATION_OBJECT)
        fits((await client.get(f"{destination}/keys/{found['encryptionKid']}")).json(), KEY)
        published = await client.get(f"{where.submission_url}/.well-known/jwks.json")
        for key in published.json()["keys"]:
            fits(key, KEY)

        log = await client.get(f"{where.submission_url}/v2/submissions/{refused.id}/events")
        fits(log.json(), EVENT_LOG)
        for token in log.json()["eventLog"]:
            header, claims = (_part(part) for part in token.split(".")[:2])
            fits(header, EVENT_HEADER)
            fits(claims, EVENT)

        missing = await client.get(f"{where.submission_url}/v2/submissions/{uuid4()}/events")
        assert missing.status_code == 404
        fits(missing.json(), PROBLEM)


def _part(text: str) -> object:
    return json.loads(urlsafe_b64decode(text + "=" * (-len(text) % 4)))


@pytest.mark.parametrize(
    ("mailbox", "end"),
    [(None, Stage.ACCEPTED), (f"{NOBODYS}0000-4000-8000-000000000002", Stage.REJECTED)],
)
async def test_the_event_log_tells_the_whole_way_in_order(
    fit_connect: FitConnect, mailbox: str | None, end: Stage
) -> None:
    told = await fit_connect.events(await submit(fit_connect, mailbox))

    stages = [one.stage for one in told if isinstance(one, SecurityEvent)]
    assert stages == [Stage.CREATED, Stage.SUBMITTED, end]


@pytest.mark.parametrize(
    "body",
    [
        {"encryptedMetadata": "{}", "encryptedData": "{}"},
        {"encryptedMetadata": "e30.e30.e30.e30.e30", "encryptedData": "e30.e30.e30.e30.e30"},
        {"encryptedData": "a.b.c.d.e"},
    ],
)
async def test_the_fake_takes_nothing_that_is_not_encrypted(
    host: FitConnectHost, fit_connect: FitConnect, body: dict[str, str]
) -> None:
    submission = await fit_connect.announce("Amt")
    before = len(host.taken)
    token = next(iter(host.service.tokens))
    url = f"{host.place.submission_url}/v2/submissions/{submission.id}"

    async with httpx.AsyncClient(headers={"authorization": f"Bearer {token}"}) as client:
        answer = await client.put(url, json=body)

    assert answer.status_code == 422
    assert len(host.taken) == before
