"""A service connects as its own role, whatever the operator's URL says."""

import pytest

from shared.configuration.database_url import DatabaseUrlInvalid
from shared.postgres.pool import address, check_connecting, service_url


def test_a_service_uses_its_own_role_and_password() -> None:
    url = service_url(
        "postgresql://owner:secret@db:5432/gleichfall?sslmode=require", "notify", "p@/"
    )
    assert url == "postgresql://gleichfall_notify:p%40%2F@db:5432/gleichfall?sslmode=require"


def test_messages_show_no_password() -> None:
    assert address("postgresql://owner:secret@db:5432/gleichfall") == "db:5432/gleichfall"


@pytest.mark.parametrize("url", ["mysql://db/x", "postgresql:///x", "postgresql://db", "db"])
def test_a_url_without_server_or_database_is_refused(url: str) -> None:
    with pytest.raises(DatabaseUrlInvalid, match="postgresql://"):
        service_url(url, "intake", "x")


@pytest.mark.parametrize("url", ["postgres//u:geheim@h", "postgresql://u:1/geheim@h/d"])
def test_what_cannot_be_read_is_quoted_nowhere(url: str) -> None:
    with pytest.raises(DatabaseUrlInvalid) as refusal:
        address(url)
    assert "geheim" not in str(refusal.value)


async def test_a_wish_that_nobody_can_grant_is_not_told_as_a_server_that_is_away() -> None:
    with pytest.raises(DatabaseUrlInvalid, match="sslmode"):
        await check_connecting("postgresql://127.0.0.1:1/d?sslmode=so", service="intake")
