"""The search for people finds them however they are written: else all that rests on it is blind."""

import json
from base64 import b64encode
from urllib.parse import quote

import pytest

from tests.outlets import ALL, BORN, EMAIL, NAME, PHONE, REFERENCE, STREET, found

EACH = (NAME, STREET, EMAIL, PHONE, BORN, REFERENCE)


@pytest.mark.parametrize("secret", EACH)
@pytest.mark.parametrize("before", ["", "a", "ab"])
def test_somebody_is_found_as_written_and_as_encoded(secret: str, before: str) -> None:
    text = f"{before}{secret}, and more".encode()

    for form in (text, text.upper(), text.hex().encode(), b64encode(text)):
        assert found(b"something" + form + b"else"), form


def test_what_paths_and_json_make_of_a_name_hides_nobody() -> None:
    assert found(quote(NAME).encode())
    assert found(json.dumps(NAME).encode())
    assert found(NAME.encode("utf-8").decode("latin-1").encode())


def test_everything_about_somebody_is_found_at_once() -> None:
    assert len(found(ALL.encode())) == 4
    assert found(b"geboren am 27.02.1931")


def test_nobody_is_found_where_nobody_is() -> None:
    assert not found(b'{"case_ref": "case-aaaaaaaaaaaaaaaaaaaaaaaaaa", "time": "1931-02-28"}')
