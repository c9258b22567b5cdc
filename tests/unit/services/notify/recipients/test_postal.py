import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.recipients.errors import (
    AddressLineInvalid,
    AddressTooLong,
    AddressTooShort,
    NoFixedAbode,
    PostcodeMissing,
    RecipientRefused,
)
from services.notify.recipients.postal import MOST_LINES, PostalAddress, read
from tests.long_text import long


def test_a_german_address_keeps_its_lines() -> None:
    address = read("Anna Muster\nc/o Beispiel\nKaiserallee 8\n76133 Karlsruhe")

    assert address.country == "DE"
    assert address.lines.reveal() == (
        *("Anna Muster", "c/o Beispiel", "Kaiserallee 8", "76133 Karlsruhe"),
    )
    assert address.single_line.reveal() == (
        "Anna Muster, c/o Beispiel, Kaiserallee 8, 76133 Karlsruhe"
    )


@pytest.mark.parametrize(
    "text",
    [
        "\n  Anna   Muster \r\n\n Kaiserallee\u00a08 ,\r\n76133\tKarlsruhe,\n\n",
        "Anna Muster\u2028Kaiserallee 8\u202876133 Karlsruhe",
        "\ufeffAnna \u200bMuster\nKaiser\u00adallee 8\n\u202a76133 Karlsruhe\u202c",
        "Anna Muster\nKaiserallee 8\nD-76133 Karlsruhe",
        "Anna Muster\nKaiserallee 8\nDE - 76133 Karlsruhe\nDeutschland",
        "Anna Muster\nKaiserallee 8\n76133 Karlsruhe\nDEUTSCHLAND\nGermany",
        "Anna Muster\nKaiserallee 8\n76133 Karlsruhe\nBundesrepublik Deutschland",
    ],
)
def test_white_space_and_the_home_country_do_not_matter(text: str) -> None:
    assert read(text) == read("Anna Muster\nKaiserallee 8\n76133 Karlsruhe")


def test_joiners_that_letters_depend_on_stay() -> None:
    name = "\u0646\u0627\u0645\u200c\u062e\u0627\u0646"

    assert read(f"{name}\nKaiserallee 8\n76133 Karlsruhe").lines.reveal()[0] == name


@pytest.mark.parametrize(
    ("country", "code", "capitals"),
    [
        ("Österreich", "AT", "ÖSTERREICH"),
        ("austria", "AT", "ÖSTERREICH"),
        ("AT", "AT", "ÖSTERREICH"),
        ("AUT", "AT", "ÖSTERREICH"),
        ("Turkey", "TR", "TÜRKEI"),
        ("Turkiye", "TR", "TÜRKEI"),
        ("UKRAINE", "UA", "UKRAINE"),
        ("UK", "GB", "VEREINIGTES KÖNIGREICH"),
        ("USA", "US", "VEREINIGTE STAATEN"),
        ("Bosnien-Herzegowina", "BA", "BOSNIEN UND HERZEGOWINA"),
        ("Bosnia and Herzegovina", "BA", "BOSNIEN UND HERZEGOWINA"),
        ("Cote d'Ivoire", "CI", "CÔTE D\u2019IVOIRE"),
        ("Kosovo", "XK", "KOSOVO"),
    ],
)
def test_another_country_stands_in_german_capitals_on_the_last_line(
    country: str, code: str, capitals: str
) -> None:
    address = read(f"Anna Muster\nHauptstraße 1\nMusterort\n{country}")

    assert address.country == code
    assert address.lines.reveal() == ("Anna Muster", "Hauptstraße 1", "Musterort", capitals)


@pytest.mark.parametrize("no_country", ["EU", "ZZ", "Welt", "276", "Atlantis"])
def test_what_is_no_country_leaves_the_postcode_missing(no_country: str) -> None:
    with pytest.raises(PostcodeMissing):
        read(f"Anna Muster\nHauptstraße 1\n{no_country}")


@pytest.mark.parametrize(
    "last",
    [
        *("Karlsruhe", "76133", "Karlsruhe 76133", "7613 Karlsruhe", "761333 Karlsruhe"),
        *("00133 Karlsruhe", "76133Karlsruhe", "76133 8", "8001 Zürich", "٧٦١٣٣ Karlsruhe"),
    ],
)
def test_a_german_address_ends_with_a_postcode_and_its_place(last: str) -> None:
    with pytest.raises(PostcodeMissing):
        read(f"Anna Muster\nKaiserallee 8\n{last}")


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", AddressTooShort),
        ("\n \n,\n", AddressTooShort),
        ("Anna Muster\n76133 Karlsruhe", AddressTooShort),
        ("Anna Muster\n76133 Karlsruhe\nDeutschland", AddressTooShort),
        ("Anna Muster\nFrance", AddressTooShort),
        ("1\n2\n3\n4\n5\n6\n76133 Karlsruhe", AddressTooLong),
        ("1\n2\n3\n4\n5\n6\nFrance", AddressTooLong),
        ("Anna Muster\n@Kaiserallee 8\n76133 Karlsruhe", AddressLineInvalid),
        ("Anna Muster\n(Hinterhaus)\n76133 Karlsruhe", AddressLineInvalid),
        ("Anna Muster\n, Kaiserallee 8\n76133 Karlsruhe", AddressLineInvalid),
        ("Anna\x07 Muster\nKaiserallee 8\n76133 Karlsruhe", AddressLineInvalid),
        ("Anna \ud800Muster\nKaiserallee 8\n76133 Karlsruhe", AddressLineInvalid),
        ("Anna Muster\n\x1b[31mKaiserallee 8\n76133 Karlsruhe", AddressLineInvalid),
    ],
)
def test_what_no_envelope_can_bear_is_refused_by_its_condition(
    text: str, refusal: type[RecipientRefused]
) -> None:
    with pytest.raises(RecipientRefused) as refused:
        read(text)

    assert type(refused.value) is refusal


def test_the_line_that_is_invalid_is_told() -> None:
    with pytest.raises(AddressLineInvalid, match="line 2 "):
        read("Anna Muster\n>Kaiserallee 8\n76133 Karlsruhe")


@pytest.mark.parametrize("lines", [3, MOST_LINES])
def test_three_to_six_lines_are_an_address(lines: int) -> None:
    text = "\n".join([*"abcde"[: lines - 1], "76133 Karlsruhe"])

    assert len(read(text).lines.reveal()) == lines


@pytest.mark.parametrize(
    "line",
    [
        *("ohne festen Wohnsitz", "Ohne Festen Wohnsitz,", "ohne feste Unterkunft"),
        *("o. f. W.", "ofW", "o.f.W.", "OFW", "zurzeit wohnungslos", "obdachlos"),
        *("no fixed abode", "Of no fixed address", "NFA", "nfa,"),
    ],
)
def test_no_fixed_abode_is_recognised(line: str) -> None:
    with pytest.raises(NoFixedAbode):
        read(f"Anna Muster\n{line}\n76133 Karlsruhe")


@pytest.mark.parametrize(
    "line", ["c/o Wohnungslosenhilfe e. V.", "Obdachlosenheim", "NFA 2024", "Ofwerstraße 3"]
)
def test_a_house_for_the_homeless_is_an_address(line: str) -> None:
    assert read(f"Anna Muster\n{line}\nSophienstr. 3\n76133 Karlsruhe").country == "DE"


@given(st.text(max_size=120))
def test_an_address_stays_what_it_is_when_read_again(text: str) -> None:
    address = _read(f"{text}\nHauptstraße 1\n76133 Karlsruhe")

    if address is not None:
        lines = address.lines.reveal()
        assert 3 <= len(lines) <= MOST_LINES
        assert all(line == line.strip() and "\n" not in line for line in lines)
        assert read("\n".join(lines)) == address


def test_an_address_is_not_printed() -> None:
    with pytest.raises(PostcodeMissing) as refusal:
        read("Anna Muster\nKaiserallee 8\nKarlsruhe")

    address = read("Anna Muster\nKaiserallee 8\n76133 Karlsruhe")
    assert "Muster" not in f"{refusal.value!r} {address!r}"
    assert "Karlsruhe" not in str(refusal.value).replace("(76133 Karlsruhe)", "")


@pytest.mark.parametrize("filler", [" ", "\n", ",", " ,", "o. ", "ohne ", "a", "\u200b", "ß\n"])
def test_half_a_million_characters_are_judged(filler: str) -> None:
    assert _read(long(filler)) is None


def _read(text: str) -> PostalAddress | None:
    try:
        return read(text)
    except RecipientRefused:
        return None


@pytest.mark.parametrize(
    ("last", "country", "lines"),
    [
        ("A-1010 Wien", "AT", ("1010 Wien", "ÖSTERREICH")),
        ("AT-1010 Wien\nÖsterreich", "AT", ("1010 Wien", "ÖSTERREICH")),
        ("1010 Wien\nRepublik Österreich", "AT", ("1010 Wien", "ÖSTERREICH")),
        ("CH-8001 Zürich", "CH", ("8001 Zürich", "SCHWEIZ")),
        ("CH - 8001 Zürich\nSuisse", "CH", ("8001 Zürich", "SCHWEIZ")),
        ("FL-9490 Vaduz", "LI", ("9490 Vaduz", "LIECHTENSTEIN")),
    ],
)
def test_neighbours_write_their_sign_before_the_postcode(
    last: str, country: str, lines: tuple[str, ...]
) -> None:
    address = read(f"Anna Muster\nGasse 1/2/3\n{last}")

    assert address.country == country
    assert address.lines.reveal() == ("Anna Muster", "Gasse 1/2/3", *lines)


def test_who_names_the_home_country_has_six_lines_beside_it() -> None:
    whole = "Anna Muster\nbei Bert\nHinterhaus\n3. Stock\nHauptstraße 1\n76133 Karlsruhe"

    assert read(f"{whole}\nDeutschland").lines.reveal() == tuple(whole.splitlines())
    with pytest.raises(AddressTooLong):
        read(f"{whole}\nFrankreich")
