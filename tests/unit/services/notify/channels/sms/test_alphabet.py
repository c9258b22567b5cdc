import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.notify.channels.sms.alphabet import Alphabet, as_sms, outside_gsm_7


@pytest.mark.parametrize(
    ("text", "alphabet", "parts"),
    [
        ("", Alphabet.GSM_7, 1),
        ("a" * 160, Alphabet.GSM_7, 1),
        ("a" * 161, Alphabet.GSM_7, 2),
        ("a" * 306, Alphabet.GSM_7, 2),
        ("a" * 307, Alphabet.GSM_7, 3),
        ("€" * 80, Alphabet.GSM_7, 1),
        ("€" * 81, Alphabet.GSM_7, 2),
        ("д" * 70, Alphabet.UCS_2, 1),
        ("д" * 71, Alphabet.UCS_2, 2),
        ("ع" * 134, Alphabet.UCS_2, 2),
        ("ع" * 135, Alphabet.UCS_2, 3),
        ("a" * 70 + "ğ", Alphabet.UCS_2, 2),
        ("Grüße aus der Kaiserallee, 10 € für Äpfel", Alphabet.GSM_7, 1),
    ],
)
def test_a_text_is_charged_by_alphabet_and_length(
    text: str, alphabet: Alphabet, parts: int
) -> None:
    sms = as_sms(text)

    assert (sms.alphabet, sms.parts) == (alphabet, parts)


def test_a_character_of_two_units_is_not_torn_apart() -> None:
    assert as_sms("a" * 152 + "€" + "a" * 151).parts == 2
    assert as_sms("a" * 152 + "€" + "a" * 152).parts == 3
    assert as_sms("😀" * 66).parts == 2
    assert as_sms("😀" * 67).parts == 3


def test_typography_becomes_plain_and_letters_stay() -> None:
    assert as_sms("„So“ \u2013 \u201aja\u2018 …").text == "\"So\" - 'ja' ..."
    assert as_sms("François Şahin Олена").text == "François Şahin Олена"
    assert outside_gsm_7("François \u2013 „Şahin“") == {"ç", "Ş"}


@given(st.text(max_size=400))
def test_the_parts_can_hold_the_text_and_one_fewer_could_not(text: str) -> None:
    sms = as_sms(text)
    encoded = sms.text.encode("utf-16-be")
    units = len(encoded) // 2

    if sms.alphabet is Alphabet.UCS_2:
        assert units <= max(70, 67 * sms.parts)
        assert sms.parts == 1 or units > 66 * (sms.parts - 1)
    assert as_sms(sms.text) == sms
