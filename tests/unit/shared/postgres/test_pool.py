"""A service connects as its own role, whatever the operator's URL says."""

import pytest

from shared.postgres.errors import DatabaseUrlInvalid
from shared.postgres.pool import address, service_url


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
