import pytest

from services.notify.plain_language.syllables import syllables


@pytest.mark.parametrize(
    ("spoken", "count"),
    [
        ("Pass", 1),
        ("Ter-min", 2),
        ("A-bend", 2),
        ("O-ma", 2),
        ("I-dee", 2),
        ("I-de-en", 3),
        ("Eu-ro-pa", 3),
        ("eu-ro-pä-isch", 4),
        ("Par-tei-en", 3),
        ("Ge-bäu-de", 3),
        ("Quel-le", 2),
        ("In-for-ma-ti-on", 5),
        ("Fa-mi-li-e", 4),
        ("Fa-mi-li-en-nach-zug", 6),
        ("Stu-di-en", 3),
        ("stu-die-ren", 3),
        ("I-ta-li-en", 4),
        ("be-en-den", 3),
        ("ge-ehr-te", 3),
        ("ge-eig-net", 3),
        ("be-ur-tei-len", 4),
        ("Mu-se-um", 3),
        ("spe-zi-ell", 3),
        ("Pa-ti-ent", 3),
        ("ver-dient", 2),
        ("Auf-ent-halts-er-laub-nis", 6),
        ("Aus-län-der-be-hör-de", 6),
        ("Be-zug-nah-me", 4),
        ("Ba-by", 2),
        ("Sys-tem", 2),
        ("U-kra-i-ne", 4),
        ("Bul-ga-ri-en", 4),
        ("Ru-mä-ni-en", 4),
        ("Kro-a-ti-en", 4),
        ("her-ein-tre-ten", 4),
    ],
)
def test_words_have_the_syllables_that_are_spoken(spoken: str, count: int) -> None:
    assert syllables(spoken.replace("-", "")) == count


@pytest.mark.parametrize(
    ("word", "count"),
    [("E-Mail", 2), ("online", 2), ("Online-Antrag", 4), ("EU", 2), ("FDP", 3), ("Team", 1)],
)
def test_foreign_words_and_letters_are_spoken_as_usual(word: str, count: int) -> None:
    assert syllables(word) == count


@pytest.mark.parametrize(("number", "count"), [("2", 1), ("7", 2), ("10", 2), ("14:05", 4)])
def test_digits_are_read_one_by_one(number: str, count: int) -> None:
    assert syllables(number) == count
