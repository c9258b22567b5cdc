"""No message shows a password that stands in an address."""

import pytest

from services.controlling.stamps.errors import TimeStampServiceAway
from services.intake.errors import HandoverRefused, NotifyAway
from shared.configuration.shown_address import shown_address
from shared.errors import GleichfallError


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://h:8443/x", "https://h:8443/x"),
        ("https://u:geheim@h/x?key=geheim", "https://h/x"),
        ("https://u:ge/h?e#im@h", "https://h"),
        ("u:geheim@h:8080", "h:8080"),
    ],
)
def test_of_an_address_server_and_path_are_shown(url: str, shown: str) -> None:
    assert shown_address(url) == shown


@pytest.mark.parametrize(
    "error",
    [
        TimeStampServiceAway("https://u:geheim@h/", "HTTP status 500"),
        NotifyAway("https://u:geheim@h/", "ConnectError"),
        HandoverRefused("https://u:geheim@h/", 401),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_service_that_does_not_answer_is_told_without_its_password(
    error: GleichfallError,
) -> None:
    assert "at https://h/ " in str(error)
    assert "geheim" not in str(error)
