from base64 import b64decode
from datetime import UTC, datetime, timedelta

import pytest

from shared.security.webhooks import TOLERANCE, is_authentic, signature

KEY = b"k" * 32
NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
BODY = b'{"test": 2432232314}'


def headers(key: bytes = KEY, at: datetime = NOW, body: bytes = BODY) -> dict[str, str]:
    timestamp = str(int(at.timestamp()))
    return {
        "webhook-id": "msg_1",
        "webhook-timestamp": timestamp,
        "webhook-signature": signature(key, "msg_1", timestamp, body),
    }


def test_a_signature_is_the_one_of_the_standard_s_own_example() -> None:
    key = b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    assert signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", "1614265330", BODY) == (
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )


def test_a_call_that_was_signed_with_the_key_is_authentic() -> None:
    assert is_authentic(KEY, headers(), BODY, NOW)


def test_while_a_key_is_changed_there_may_be_two_signatures() -> None:
    both = headers()
    both["webhook-signature"] = f"v1,AAAA {both['webhook-signature']} v2,BBBB"

    assert is_authentic(KEY, both, BODY, NOW)


@pytest.mark.parametrize(
    ("given", "body", "now"),
    [
        (headers(key=b"x" * 32), BODY, NOW),
        (headers(), BODY + b" ", NOW),
        (headers() | {"webhook-id": "msg_2"}, BODY, NOW),
        (headers() | {"webhook-id": ""}, BODY, NOW),
        (headers() | {"webhook-timestamp": "soon"}, BODY, NOW),
        (headers() | {"webhook-timestamp": "٣"}, BODY, NOW),
        (headers() | {"webhook-timestamp": "9" * 400}, BODY, NOW),
        (headers() | {"webhook-signature": ""}, BODY, NOW),
        (headers() | {"webhook-signature": "ä"}, BODY, NOW),
        (headers(), BODY, NOW + TOLERANCE + timedelta(seconds=1)),
        (headers(), BODY, NOW - TOLERANCE - timedelta(seconds=1)),
        ({}, BODY, NOW),
    ],
)
def test_what_was_forged_changed_or_recorded_is_not(
    given: dict[str, str], body: bytes, now: datetime
) -> None:
    assert not is_authentic(KEY, given, body, now)
