import pytest
from babel import Locale

from services.notify.recipients.countries import _names, country_of, on_envelope


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


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Demokratische Republik Kongo", "CD"),
        ("Kongo, Demokratische Republik", "CD"),
        ("Kongo", "CG"),
        ("Republik Korea", "KR"),
        ("Korea, Republik", "KR"),
        ("Demokratische Volksrepublik Korea", "KP"),
        ("Syrien, Arabische Republik", "SY"),
        ("Iran (Islamische Republik)", "IR"),
        ("Islamische Republik Iran", "IR"),
        ("Palästinensische Gebiete", "PS"),
        ("Kirgistan", "KG"),
        ("Kirgisische Republik", "KG"),
        ("Slowakische Republik", "SK"),
        ("Königreich der Niederlande", "NL"),
        ("Mikronesien, Föderierte Staaten von", "FM"),
        ("Moldau, Republik", "MD"),
        ("Schweizerische Eidgenossenschaft", "CH"),
        ("Weißrussland", "BY"),
        ("Swasiland", "SZ"),
    ],
)
def test_countries_are_understood_as_german_authorities_call_them(name: str, code: str) -> None:
    assert country_of(name) == code
    assert country_of(name.upper()) == code


def test_every_name_of_the_table_is_one_country_s_alone() -> None:
    called: dict[str, str] = {}
    for code, names in _names().items():
        for name in names:
            assert called.setdefault(name.casefold(), code) == code
            assert country_of(name) == code


@pytest.mark.parametrize("line", ["Muster, Anna", "Wien", "76131 Karlsruhe", "Haus (Hinterhof)"])
def test_other_lines_are_no_country(line: str) -> None:
    assert country_of(line) is None


OTHERWISE = {
    "CD": "Demokratische Republik Kongo",  # CLDR tells both apart by their capitals
    "CG": "Republik Kongo",
    "HK": "Hongkong",
    "KP": "Demokratische Volksrepublik Korea",
    "KR": "Republik Korea",
    "PS": "Palästinensische Gebiete",
    "RU": "Russische Föderation",
}
"""Where offices in Germany say something else than CLDR."""


def test_the_names_on_envelopes_are_cldr_s_but_for_those_that_are_stated() -> None:
    cldr = Locale("de").territories
    ours = {code: names[0].replace("\u2019", "'") for code, names in _names().items()}
    differing = {
        code: name for code, name in ours.items() if name != cldr[code].replace("\u2019", "'")
    }

    assert differing == OTHERWISE
    assert all(country_of(str(cldr[code])) == code for code in ours)
