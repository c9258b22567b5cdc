import json
from datetime import UTC, datetime
from uuid import UUID

import pytest
from joserfc import jws
from joserfc.jwk import RSAKey

from services.notify.channels.mailbox.security_event import (
    EVENTS,
    EventForged,
    SecurityEvent,
    Stage,
    Teller,
    Token,
)
from services.notify.channels.mailbox.web_keys import WebKey

KEY = RSAKey.generate_key(2048)
PUBLISHED = WebKey("signatures-1", RSAKey.import_key(KEY.as_dict(private=False)))
SUBMISSION = UUID("02bf1d9f-282d-4abf-810a-c4104baf0afe")
CASE = UUID("452b5ee6-35df-441a-bd39-6141723cf914")
AT = datetime(2021, 6, 4, 8, 48, 52, tzinfo=UTC)
HEADER = {"alg": "PS512", "typ": "secevent+jwt", "kid": "signatures-1"}
CLAIMS = {
    "iss": "40847c29-06aa-40e2-bf28-c29884c694c4",
    "sub": f"submission:{SUBMISSION}",
    "txn": f"case:{CASE}",
    "iat": 1622796532,
    "jti": "4ac47caa-bce1-435a-b04f-3322b224b32e",
}


def token(
    event: str = "accept-submission",
    payload: dict[str, object] | None = None,
    *,
    header: dict[str, str] | None = None,
    claims: dict[str, object] | None = None,
    key: RSAKey = KEY,
) -> str:
    told = {**CLAIMS, "events": {f"{EVENTS}{event}": payload or {}}, **(claims or {})}
    header = HEADER | (header or {})
    return jws.serialize_compact(header, json.dumps(told), key, algorithms=["PS512", "RS256"])


def believed(text: str, teller: Teller = Teller.DESTINATION) -> SecurityEvent:
    return Token.read(text).verified(PUBLISHED, teller, SUBMISSION, CASE)


def test_what_is_signed_by_who_may_say_it_is_believed() -> None:
    read = Token.read(token())

    assert (read.kid, read.issuer) == ("signatures-1", CLAIMS["iss"])
    text = token()
    assert believed(text) == SecurityEvent(Stage.ACCEPTED, (), AT, text)


def test_a_rejection_says_why() -> None:
    problem = {
        "type": f"{EVENTS}problems/an-example",
        "title": "Nur ein Beispiel",
        "detail": "Es darf kein Beispiel verwendet werden.",
        "instance": "metadata",
    }

    told = believed(token("reject-submission", {"problems": [problem]}))

    assert (told.stage, told.problems) == (Stage.REJECTED, (f"{EVENTS}problems/an-example",))


def test_a_kind_that_nobody_knows_yet_is_no_forgery() -> None:
    assert believed(token("praise-submission")).stage is None


@pytest.mark.parametrize(
    ("stage", "tellers"),
    [
        (Stage.CREATED, {Teller.SERVICE}),
        (Stage.SUBMITTED, {Teller.SERVICE}),
        (Stage.NOTIFIED, {Teller.SERVICE}),
        (Stage.FORWARDED, {Teller.SERVICE, Teller.DESTINATION}),
        (Stage.ACCEPTED, {Teller.DESTINATION}),
        (Stage.REJECTED, {Teller.SERVICE, Teller.DESTINATION}),
        (Stage.DELETED, {Teller.SERVICE}),
    ],
)
def test_each_thing_is_told_by_who_can_know_it(stage: Stage, tellers: set[Teller]) -> None:
    for teller in Teller:
        if teller in tellers:
            assert believed(token(stage.value), teller).stage is stage
        else:
            with pytest.raises(EventForged, match="can't know"):
                believed(token(stage.value), teller)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "e30.e30.e30",
        "…",
        token(header={"alg": "RS256"}),
        token(header={"typ": "JWT"}),
        token(claims={"sub": "submission:anybody"}),
        token(claims={"events": {}}),
        token(claims={"events": {f"{EVENTS}accept-submission": {}, f"{EVENTS}x": {}}}),
        token(claims={"iss": None}),
        token(claims={"iat": None}),
    ],
)
def test_what_has_not_the_form_of_an_event_is_not_read(text: str) -> None:
    with pytest.raises(EventForged, match="form"):
        Token.read(text)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (token(key=RSAKey.generate_key(2048)), "not signed"),
        (token()[:-4] + "AAAA", "not signed"),
        (token(claims={"sub": f"submission:{CASE}"}), "another submission"),
        (token(claims={"txn": f"case:{SUBMISSION}"}), "another submission"),
    ],
)
def test_what_is_forged_is_not_believed(text: str, reason: str) -> None:
    with pytest.raises(EventForged, match=reason):
        believed(text)


def test_no_refusal_quotes_a_token() -> None:
    with pytest.raises(EventForged) as refused:
        believed(token(key=RSAKey.generate_key(2048)))

    assert "02bf1d9f" not in str(refused.value)
