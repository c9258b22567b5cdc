import pickle
from collections.abc import Callable
from traceback import format_exception

import pytest

from shared.security.personal import Personal

ADDRESS = "anna@example.org"


def test_personal_data_can_be_carried_and_revealed() -> None:
    assert Personal(ADDRESS).reveal() == ADDRESS
    assert Personal(ADDRESS) == Personal(ADDRESS)
    assert len({Personal(ADDRESS), Personal(ADDRESS)}) == 1


@pytest.mark.parametrize("show", [repr, str, "{}".format, "{!r}".format, lambda it: f"{[it]}"])
def test_personal_data_is_not_printed(show: Callable[[object], str]) -> None:
    assert ADDRESS not in show(Personal(ADDRESS))


def test_personal_data_is_not_in_the_trace_of_an_error_about_it() -> None:
    error = ValueError("cannot send to", Personal(ADDRESS))

    assert ADDRESS not in "".join(format_exception(error))


def test_personal_data_is_not_pickled() -> None:
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(Personal(ADDRESS))
