import pytest
from babel import Locale

from services.notify.recipients.countries import country_of, on_envelope


@pytest.mark.parametrize("language", ["de", "en"])
def test_every_country_is_understood_by_its_name(language: str) -> None:
    names = Locale(language).territories

    for code in (
        "DE",
        "AF",
        "CD",
        "CG",
        "ER",
        "GM",
        "IN",
        "IQ",
        "IR",
        "MK",
        "PK",
        "RS",
        "SY",
        "VN",
    ):
        assert country_of(names[code]) == code
        assert country_of(names[code].upper()) == code


@pytest.mark.parametrize("name", ["", " ", "EU", "UN", "ZZ", "Welt", "World", "001", "276", "SU"])
def test_what_is_no_country_has_no_code(name: str) -> None:
    assert country_of(name) is None


def test_every_code_that_is_understood_can_stand_on_an_envelope() -> None:
    understood = {country_of(str(code)) for code in Locale("de").territories} - {None}

    assert len(understood) > 200
    for code in understood:
        assert code is not None
        assert on_envelope(code) == on_envelope(code).upper()
        assert country_of(on_envelope(code)) == code
