import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.notify.recipients.errors import (
    PhoneAmbiguous,
    PhoneCharacterUnknown,
    PhoneIsShortCode,
    PhoneNumberUnknown,
    PhoneTooLong,
    PhoneTooShort,
    PhoneWithoutSms,
    RecipientRefused,
)
from services.notify.recipients.phone import Phone, read, read_for_sms
from tests.long_text import long

# Numbers kept free for films by the Bundesnetzagentur; nobody has them.
MOBILE = "+491713920012"
BERLIN = "+493023125000"


@pytest.mark.parametrize(
    "written",
    [
        "0171 3920012",
        "01713920012",
        "0171/3920012",
        "0171.392.00.12",
        "(0171) 392-00-12",
        "+49 171 3920012",
        "+49 (0)171 3920012",
        "+49 (0) 171 / 392 00 12",
        "0049 171 3920012",
        "00 49 (0)171 3920012",
        "0171\u20113920012",
        "0171\u2013392\u20120012",
        "0171\u2212392\u22120012",
        "0171\u00a0392\u202f0012",
        "\u200b0171 3920012\ufeff",
        "\u202a+49 171 3920012\u202c",
        "\t0171 3920012\n",
        "\u0660\u0661\u0667\u0661 \u0663\u0669\u0662\u0660\u0660\u0661\u0662",
        "\uff0b\uff14\uff19 171 3920012",
    ],
)
def test_a_number_is_read_however_people_write_it(written: str) -> None:
    assert read(written).e164.reveal() == MOBILE


@pytest.mark.parametrize(
    "slip",
    ["171 3920012", "0+49 171 3920012", "+0171 3920012", "+0049 171 3920012"],
)
def test_one_slip_at_the_beginning_is_mended_when_only_one_number_can_be_meant(slip: str) -> None:
    assert read(slip).e164.reveal() == MOBILE


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("380 44 123 4567", "+380441234567"),
        ("90 532 123 4567", "+905321234567"),
        ("+39 06 1234 5678", "+390612345678"),
        ("+963 11 123 4567", "+963111234567"),
        ("1-202-555-0104", "+12025550104"),
    ],
)
def test_numbers_of_other_countries_are_read(written: str, number: str) -> None:
    assert read(written).e164.reveal() == number


@pytest.mark.parametrize(
    ("written", "readings"),
    [
        ("49 171 3920012", {MOBILE, "+49491713920012"}),  # a mobile, or a landline in Leer
        ("171 39200123", {"+4917139200123", "+17139200123"}),  # a German mobile, or Houston
    ],
)
def test_a_number_that_can_mean_two_is_asked_for(written: str, readings: set[str]) -> None:
    with pytest.raises(PhoneAmbiguous) as refusal:
        read(written)

    assert {reading.reveal() for reading in refusal.value.readings} == readings


@pytest.mark.parametrize("written", ["049 171 3920012", "0491 713920012"])
def test_a_leading_zero_always_means_an_area_code(written: str) -> None:
    number = read(written)

    assert number.e164.reveal() == "+49491713920012"
    assert not number.takes_sms


@pytest.mark.parametrize(
    ("written", "refusal"),
    [
        ("0171 392 OO12", PhoneCharacterUnknown),
        ("o171 3920012", PhoneCharacterUnknown),
        ("tel:0171 3920012", PhoneCharacterUnknown),
        ("0171 3920012 oder abends", PhoneCharacterUnknown),
        ("0171 3920012...", PhoneCharacterUnknown),
        ("0171 3920012; 0172 9980752", PhoneCharacterUnknown),
        ("+49 171 3920012 / +49 172 9980752", PhoneCharacterUnknown),
        ("0171 39²0012", PhoneCharacterUnknown),
        ("0171\x003920012", PhoneCharacterUnknown),
        ("*31#0171 3920012", PhoneCharacterUnknown),
        ("0171 3920012 0172 9980752", PhoneTooLong),
        ("+49 171 392001234567890", PhoneTooLong),
        ("+33 1 22 33 44 55 66", PhoneTooLong),
        ("+65 951 123456", PhoneTooLong),
        ("", PhoneTooShort),
        ("  -  ", PhoneTooShort),
        ("+49", PhoneTooShort),
        ("+33 1 22 33", PhoneTooShort),
        ("0721", PhoneNumberUnknown),  # German numbers may be that short, and 15 digits long
        ("0171 39200", PhoneNumberUnknown),
        ("0171 39200123456", PhoneNumberUnknown),
        ("0123 4567890", PhoneNumberUnknown),
        ("+999 123456", PhoneNumberUnknown),
        ("0000 171 3920012", PhoneNumberUnknown),
        ("0+0 171 3920012", PhoneNumberUnknown),
        *((code, PhoneIsShortCode) for code in ("110", "112", "115", "116 117", "11833")),
    ],
)
def test_what_is_no_number_is_refused_by_its_condition(
    written: str, refusal: type[RecipientRefused]
) -> None:
    with pytest.raises(RecipientRefused) as refused:
        read(written)

    assert type(refused.value) is refusal


def test_the_place_of_an_unknown_character_is_told_as_people_see_it() -> None:
    with pytest.raises(PhoneCharacterUnknown, match="character 9 "):
        read("\u200b0171 392OO12")


@pytest.mark.parametrize(
    "written",
    [
        *("0721 1333300", "030 23125000", "032 112345678"),
        *("0800 1234567", "0900 1234567", "0180 5123456"),
        "+33 1 22 33 44 55",
    ],
)
def test_what_takes_no_sms_is_a_number_but_refused_for_sms(written: str) -> None:
    assert not read(written).takes_sms
    with pytest.raises(PhoneWithoutSms):
        read_for_sms(written)


@pytest.mark.parametrize("written", ["0171 3920012", "+1 202 555 0104", "+7 912 345 67 89"])
def test_a_mobile_number_takes_sms(written: str) -> None:
    assert read_for_sms(written) == read(written)


def test_a_number_belongs_where_the_reader_is() -> None:
    assert read("07723 456789", "GB").e164.reveal() == "+447723456789"


EXAMPLES = [
    phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    for region in sorted(phonenumbers.SUPPORTED_REGIONS)
    if (number := phonenumbers.example_number(region)) is not None
    and phonenumbers.is_valid_number(number)
]


@given(st.sampled_from(EXAMPLES), st.sampled_from(["", " ", "-", "\u200b", "\u2011", " / "]))
def test_every_country_is_read_in_full(number: str, separator: str) -> None:
    assert read(f"+{separator.join(number[1:])}").e164.reveal() == number
    assert read(f"00{number[1:]}").e164.reveal() == number


_BEGINNINGS = ["", "0", "00", "+", "+0", "0+", "49", "+49", "0049", "+49 (0)", "0171 ", "+1 "]
_REST = st.text(alphabet="0123456789 -/()\u0663\u200b", min_size=6, max_size=14)


@given(st.sampled_from(_BEGINNINGS), _REST)
@example("00", "10////")
@example("00", "200///")
@example("", "00")
@example("+", "00")
def test_a_number_comes_out_as_e164_or_is_refused(beginning: str, rest: str) -> None:
    number = _read(beginning + rest)

    if number is not None:
        assert phonenumbers.is_valid_number(phonenumbers.parse(number.e164.reveal()))
        assert read(number.e164.reveal()) == number


@given(st.text(max_size=40))
def test_nothing_that_was_given_is_repeated(text: str) -> None:
    """Neither in the message nor in what is printed of the error or the number."""
    try:
        shown = repr(read(text))
    except RecipientRefused as refusal:
        shown = f"{refusal} {refusal!r} {vars(refusal)}"

    digits = "".join(filter(str.isdecimal, text))
    assert len(digits) < 3 or digits not in shown


def test_neither_number_of_an_ambiguous_one_is_printed() -> None:
    with pytest.raises(PhoneAmbiguous) as refusal:
        read("49 171 3920012")

    assert "3920012" not in f"{refusal.value} {refusal.value!r} {vars(refusal.value)}"


@pytest.mark.parametrize("filler", [" ", "0", "1", "+", ".", "1.", "\u200b", "a", "٣"])
def test_half_a_million_characters_are_judged(filler: str) -> None:
    assert _read(long(filler)) is None


def _read(text: str) -> Phone | None:
    try:
        return read(text)
    except RecipientRefused:
        return None


@pytest.mark.parametrize(
    ("written", "e164"),
    [
        *(
            (spelling, "+491713920012")
            for spelling in (
                "+49 (0)171 3920012",
                "+49(0)1713920012",
                "0049 (0) 171 3920012",
                "00490171 3920012",
                "+490171 3920012",
                "0049 0171/3920012",
                "(0049) 171 3920012",
                "+49-(0)-171-3920012",
            )
        ),
        ("+43 (0)664 1234567", "+436641234567"),
        ("+90 (0) 532 123 45 67", "+905321234567"),
        ("0033 0612345678", "+33612345678"),
        ("+39 06 698 12345", "+390669812345"),  # in Italy the 0 belongs to the number
    ],
)
def test_a_zero_behind_the_country_code_is_left_out_where_it_is_none_of_the_number(
    written: str, e164: str
) -> None:
    assert read(written).e164.reveal() == e164
