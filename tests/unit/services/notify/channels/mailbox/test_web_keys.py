import json

import pytest
from joserfc import jwe
from joserfc.jwk import RSAKey

from services.notify.channels.mailbox.web_keys import KeyRefused, Use, encrypt, keys_of, read_key

PRIVATE = RSAKey.generate_key(4096)
SHORT = RSAKey.generate_key(2048)
ENCRYPTION = {
    **PRIVATE.as_dict(private=False),
    "kid": "encryption-1",
    "alg": "RSA-OAEP-256",
    "key_ops": ["wrapKey"],
}
SIGNATURES = ENCRYPTION | {"kid": "signatures-1", "alg": "PS512", "key_ops": ["verify"]}


def test_what_is_encrypted_is_read_by_the_owner_alone() -> None:
    token = encrypt("Grüße".encode(), read_key(ENCRYPTION, Use.ENCRYPTION))

    read = jwe.decrypt_compact(token, PRIVATE, algorithms=["RSA-OAEP-256", "A256GCM"])

    assert read.plaintext == "Grüße".encode()
    assert read.headers() == {
        "alg": "RSA-OAEP-256",
        "enc": "A256GCM",
        "kid": "encryption-1",
        "cty": "application/json",
    }


def test_the_same_text_is_encrypted_otherwise_each_time() -> None:
    key = read_key(ENCRYPTION, Use.ENCRYPTION)

    assert encrypt(b"the same", key) != encrypt(b"the same", key)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"key_ops": ["verify"]}, "not a key for"),
        ({"key_ops": []}, "not a key for"),
        ({"alg": "RSA1_5"}, "not a key for"),
        ({"alg": "PS512"}, "not a key for"),
        ({"kty": "EC"}, "kty"),
        ({"kid": None}, "kid"),
        ({"n": "AQAB"}, "no public RSA key"),
        ({"n": "%%"}, "no public RSA key"),
        ({"n": SHORT.as_dict(private=False)["n"]}, "2048 bits"),
        ({"d": "AQAB"}, ": d"),
    ],
)
def test_a_key_that_may_not_be_used_is_refused_by_name(
    change: dict[str, object], reason: str
) -> None:
    with pytest.raises(KeyRefused, match=reason):
        read_key(ENCRYPTION | change, Use.ENCRYPTION)


@pytest.mark.parametrize("document", [None, [], "key", {}, {"keys": 1}, {"keys": [1, {}]}])
def test_a_document_without_keys_has_none(document: object) -> None:
    assert keys_of(document) == {}


def test_of_a_set_only_keys_for_signatures_are_taken() -> None:
    document = json.loads(json.dumps({"keys": [ENCRYPTION, SIGNATURES, {"kty": "oct"}]}))

    assert list(keys_of(document)) == ["signatures-1"]
