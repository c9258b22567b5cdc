"""A time stamp states what it should, of the right text, by somebody who is trusted."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.demo.time_stamps import Authority
from shared.security.time_stamps import (
    TimeStampInvalid,
    TimeStampMissing,
    certificates,
    read,
    request,
)
from tests.time_stamp_root import write_root

TEXT = "0" * 64


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def test_a_stamp_is_confirmed_by_its_authoritys_root(authority: Authority) -> None:
    asked = request(TEXT)
    stamp = read(authority.stamp(asked.as_bytes()), TEXT, [authority.root], asked.nonce)
    assert stamp.at == datetime(2026, 5, 1, 9, tzinfo=UTC)
    assert (stamp.authority, stamp.trusted) == ("CN=Test TSA", True)


def test_without_a_root_the_stamp_is_read_and_not_trusted(authority: Authority) -> None:
    stamp = read(authority.stamp(request(TEXT).as_bytes()), TEXT)
    assert (stamp.authority, stamp.trusted) == ("CN=Test TSA", False)


def test_the_text_itself_never_leaves() -> None:
    assert TEXT.encode() not in request(TEXT).as_bytes()


@pytest.mark.parametrize("given", [b"", b"\x30\x03\x02\x01\x00", b"<html>"])
def test_what_is_no_stamp_is_refused(given: bytes) -> None:
    with pytest.raises(TimeStampMissing, match="no time stamp"):
        read(given, TEXT)


@pytest.mark.parametrize(("status", "name"), [(2, "REJECTION"), (3, "WAITING")])
def test_a_refusal_is_told_as_what_it_is(status: int, name: str) -> None:
    with pytest.raises(TimeStampMissing, match=f"the service answers {name}"):
        read(bytes([0x30, 5, 0x30, 3, 2, 1, status]), TEXT, nonce=1)


def test_the_stamp_of_something_else_is_refused(authority: Authority) -> None:
    with pytest.raises(TimeStampInvalid, match="something else"):
        read(authority.stamp(request("1" * 64).as_bytes()), TEXT)


def test_the_answer_to_another_request_is_refused(authority: Authority) -> None:
    with pytest.raises(TimeStampInvalid, match="another request"):
        read(authority.stamp(request(TEXT).as_bytes()), TEXT, nonce=1)


def test_an_authority_that_is_not_trusted_is_refused(authority: Authority) -> None:
    response = authority.stamp(request(TEXT).as_bytes())
    with pytest.raises(TimeStampInvalid, match="certificates"):
        read(response, TEXT, [Authority().root])


def test_a_changed_time_breaks_the_signature(authority: Authority) -> None:
    response = authority.stamp(request(TEXT).as_bytes())
    backdated = response.replace(b"20260501090000Z", b"20250501090000Z")
    assert backdated != response
    with pytest.raises(TimeStampInvalid):
        read(backdated, TEXT, [authority.root])


def test_a_certificate_to_trust_must_be_one(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "text.pem").write_text("nothing")
    with pytest.raises(TimeStampInvalid, match="PEM"):
        certificates(tmp_path / "text.pem")
    with pytest.raises(TimeStampInvalid, match="No such file"):
        certificates(tmp_path / "none.pem")
    assert certificates(write_root(authority, tmp_path / "root.pem")) == [authority.root]
    assert certificates(None) == []
