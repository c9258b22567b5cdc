"""Where a file is shown."""

import pytest

from services.controlling.practice.practice import Practice
from tests.unit.services.controlling.forms.cases import CRITERIA, LAW


@pytest.mark.parametrize(
    ("url", "address"),
    [
        (None, None),
        ("https://vis.example/akte?key={dataref}", "https://vis.example/akte?key=a%2Fb%26c"),
    ],
)
def test_a_file_is_linked_where_the_authority_says_how(
    url: str | None, address: str | None
) -> None:
    assert Practice(LAW, CRITERIA, url).address("a/b&c") == address
