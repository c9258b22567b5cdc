"""A page never has a hole where words should be: catalogues are checked before the first one."""

from pathlib import Path

import pytest

from shared.web.pages.words import Language, WordsInvalid, load_words, wording

HEAD = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'


def write(folder: Path, **texts: str) -> Path:
    for language, text in texts.items():
        (folder / f"{language}.po").write_text(HEAD + text, encoding="utf-8")
    return folder


def test_a_key_gives_the_words_of_each_language(tmp_path: Path) -> None:
    folder = write(tmp_path, de='msgid "a"\nmsgstr "Ja"', en='msgid "a"\nmsgstr "Yes"')
    words = load_words([folder])
    assert words[Language.GERMAN].gettext("a") == "Ja"
    assert words[Language.ENGLISH].gettext("a") == "Yes"


@pytest.mark.parametrize("english", ["", 'msgid "a"\nmsgstr ""'])
def test_a_key_without_words_in_one_language_is_refused(tmp_path: Path, english: str) -> None:
    folder = write(tmp_path, de='msgid "a"\nmsgstr "Ja"', en=english)
    with pytest.raises(WordsInvalid, match=r"en\.po says nothing for a"):
        load_words([folder])


def test_what_is_no_catalogue_is_refused_with_its_path(tmp_path: Path) -> None:
    folder = write(tmp_path, de="hello", en="")
    with pytest.raises(WordsInvalid, match=r"de\.po is no catalogue"):
        load_words([folder])


def test_a_missing_language_is_refused_with_its_path(tmp_path: Path) -> None:
    with pytest.raises(WordsInvalid, match=r"cannot read .*de\.po"):
        load_words([tmp_path])


def test_what_a_template_says_has_its_values_in_it_escaped(tmp_path: Path) -> None:
    text = 'msgid "a"\nmsgstr "<b>%(share)s %%</b> von %(whose)s"\n\nmsgid "b"\nmsgstr "95 %%"'
    say = wording(load_words([write(tmp_path, de=text, en=text)])[Language.GERMAN])
    assert say("a", share=5, whose="<i>") == "<b>5 %</b> von &lt;i&gt;"
    assert say("a", share=6, whose="uns") == "<b>6 %</b> von uns"
    assert say("b") == "95 %"
