"""A configuration file that is wrong says where and why."""

from pathlib import Path

import pytest

from shared.configuration.yaml_file import FileInvalid, Mistake, Section, load


class Wheel(Section):
    size: int


class Bicycle(Section):
    name: str
    wheels: tuple[Wheel, ...]


def write(folder: Path, text: str) -> Path:
    path = folder / "bicycle.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def mistakes(path: Path) -> list[str]:
    with pytest.raises(FileInvalid) as caught:
        load(path, Bicycle, invalid=FileInvalid)
    return [str(mistake) for mistake in caught.value.mistakes]


def test_a_valid_file_becomes_the_model(tmp_path: Path) -> None:
    path = write(tmp_path, "name: red\nwheels:\n  - size: 28\n  - size: 26\n")
    assert load(path, Bicycle, invalid=FileInvalid).wheels[1].size == 26


def test_a_wrong_value_is_named_by_line_and_field(tmp_path: Path) -> None:
    path = write(tmp_path, "name: red\nwheels:\n  - size: 28\n  - size: large\n")
    (mistake,) = mistakes(path)
    assert mistake.startswith("line 4, wheels.1.size: ")


def test_a_missing_field_is_named_by_the_line_of_its_section(tmp_path: Path) -> None:
    (mistake,) = mistakes(write(tmp_path, "name: red\nwheels:\n  - size: 28\n  - {}\n"))
    assert mistake == "line 4, wheels.1.size: is missing; add it"


def test_a_field_nobody_knows_is_refused(tmp_path: Path) -> None:
    (mistake,) = mistakes(write(tmp_path, "name: red\nbell: true\nwheels: []\n"))
    assert mistake == "line 2, bell: is unknown here; there are name, wheels"


def test_a_field_that_is_nearly_known_is_suggested(tmp_path: Path) -> None:
    (mistake,) = mistakes(write(tmp_path, "name: red\nwheels:\n  - sise: 28\n    size: 28\n"))
    assert mistake == (
        "line 3, wheels.0.sise: is unknown here (did you mean size?); there are size"
    )


def test_all_mistakes_are_told_at_once_each_with_its_file_and_line(tmp_path: Path) -> None:
    path = write(tmp_path, "name: 7\nwheels: none\n")
    with pytest.raises(FileInvalid) as caught:
        load(path, Bicycle, invalid=FileInvalid)
    assert len(caught.value.mistakes) == 2
    first, second = str(caught.value).splitlines()
    assert first.startswith(f"{path}, line 1, name: ")
    assert second.startswith(f"{path}, line 2, wheels: ")


def test_a_key_that_stands_twice_is_a_mistake_and_not_the_last_one_wins(tmp_path: Path) -> None:
    (mistake,) = mistakes(write(tmp_path, "name: red\nname: blue\nwheels: []\n"))
    assert mistake == "line 2, name: stands here twice; keep one"


def test_a_word_that_yaml_takes_for_a_truth_value_is_no_text(tmp_path: Path) -> None:
    (mistake,) = mistakes(write(tmp_path, "name: no\nwheels: []\n"))
    assert mistake.startswith("line 1, name: ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "line 1: the file is empty"),
        ("name: [red\n", "line 2: is not YAML"),
    ],
)
def test_a_file_that_is_no_yaml_is_told_so(tmp_path: Path, text: str, expected: str) -> None:
    (mistake,) = mistakes(write(tmp_path, text))
    assert mistake.startswith(expected)


def test_a_few_lines_cannot_stand_for_more_than_any_memory_holds(tmp_path: Path) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 9)]
    (mistake,) = mistakes(write(tmp_path, "\n".join(lines)))
    assert mistake == "line 5: aliases repeat more than 10,000 values; write out what is meant"


def test_nothing_stands_for_itself(tmp_path: Path) -> None:
    (mistake,) = mistakes(write(tmp_path, "name: red\nwheels: &all\n  - size: *all\n"))
    assert mistake == "line 3: *all stands for nothing before it"


def test_an_alias_repeats_what_is_written_once(tmp_path: Path) -> None:
    path = write(tmp_path, "name: red\nwheels:\n  - &one {size: 28}\n  - *one\n")
    assert load(path, Bicycle, invalid=FileInvalid).wheels == (Wheel(size=28), Wheel(size=28))


def test_an_asterisk_in_words_is_no_alias(tmp_path: Path) -> None:
    path = write(tmp_path, "name: red *a0 & blue\nwheels: []\n")
    assert load(path, Bicycle, invalid=FileInvalid).name == "red *a0 & blue"


@pytest.mark.parametrize("opening", ["[", "- ", "{a: "])
def test_a_file_that_nests_without_end_is_refused(tmp_path: Path, opening: str) -> None:
    (mistake,) = mistakes(write(tmp_path, "name: red\nwheels:\n  " + opening * 100_000))
    assert mistake == "line 3: nests deeper than 32 lists and sections"


def test_a_file_that_is_not_there_is_told_so(tmp_path: Path) -> None:
    (mistake,) = mistakes(tmp_path / "nowhere.yaml")
    assert mistake == "line 1: can't be read: No such file or directory"


def test_contradictions_between_parts_are_located_too(tmp_path: Path) -> None:
    path = write(tmp_path, "name: red\nwheels:\n  - size: 28\n  - size: 26\n")
    with pytest.raises(FileInvalid, match=r"line 4, wheels\.1\.size: unlike the first"):
        load(
            path,
            Bicycle,
            invalid=FileInvalid,
            contradictions=lambda _: [Mistake(("wheels", 1, "size"), "unlike the first")],
        )
