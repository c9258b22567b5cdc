"""The recipes of CONTRIBUTING.md do what they say, each on a copy of the checkout."""

import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

import pytest

from tests.unit.docs.pages import ROOT

PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
FOLDERS = ("services", "shared", "deploy", "docs")
LONGEST = 10
_PIECE = re.compile(
    r"(?:[^\n]*`([\w/]+\.\w+)`\n\n)?^ *```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL
)
_APPENDED = re.compile(
    r"\bTo `([\w/]+\.\w+)`:\n\n^ *```\w+\n(.*?)^ *```$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Recipe:
    """What stands below a heading `Add …`."""

    title: str
    text: str

    @property
    def lines(self) -> list[str]:
        """What a person reads, without the samples."""
        prose = re.sub(r"^ *```.*?^ *```$", "", self.text, flags=re.MULTILINE | re.DOTALL)
        return [line for line in prose.splitlines() if line.strip()]

    @property
    def appended(self) -> list[tuple[str, str]]:
        """Files of the checkout, and what is added to each."""
        return [(path, dedent(sample)) for path, sample in _APPENDED.findall(self.text)]

    @property
    def written(self) -> list[tuple[str, str]]:
        """New files, and what stands in each."""
        return [(path, dedent(sample)) for path, _, sample in _PIECE.findall(self.text) if path]

    @property
    def commands(self) -> list[list[str]]:
        """What is called in the end."""
        blocks = [sample for _, kind, sample in _PIECE.findall(self.text) if kind == "sh"]
        return [shlex.split(line, comments=True) for block in blocks for line in block.splitlines()]


RECIPES = [
    Recipe(title, text)
    for title, text in re.findall(
        r"^## (Add .+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL
    )
]
FOLLOWED = [recipe for recipe in RECIPES if recipe.commands]


def test_the_page_has_the_recipes_that_are_looked_for() -> None:
    subjects = {recipe.title.split()[-1] for recipe in RECIPES}
    assert subjects == {"event", "message", "figure", "page", "criterion"}
    assert {recipe.title.split()[-1] for recipe in FOLLOWED} == subjects - {"criterion"}


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.title)
def test_a_recipe_is_short(recipe: Recipe) -> None:
    assert len(recipe.lines) <= LONGEST


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.title)
def test_what_a_recipe_names_is_there(recipe: Recipe) -> None:
    new = {path for path, _ in recipe.written}
    named = set(re.findall(r"`((?:services|shared|deploy|docs|tests)/[\w/.]+)`", recipe.text))
    assert {path for path in named - new if not (ROOT / path).exists()} == set()


@pytest.mark.parametrize("recipe", FOLLOWED, ids=lambda recipe: recipe.title)
def test_following_a_recipe_gives_what_it_says(recipe: Recipe, tmp_path: Path) -> None:
    for folder in FOLDERS:
        shutil.copytree(
            ROOT / folder, tmp_path / folder, ignore=shutil.ignore_patterns("__pycache__")
        )
    for path, sample in recipe.appended:
        with (tmp_path / path).open("a", encoding="utf-8") as file:
            file.write(f"\n\n{sample}")
    for path, sample in recipe.written:
        assert not (ROOT / path).exists(), path
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(sample, encoding="utf-8")
    for words in recipe.commands:
        run(words, tmp_path)


def run(words: list[str], checkout: Path) -> None:
    """Run a command of a recipe with the code of a copy."""
    program = {"gleichfall": ["-m", "deploy.command_line"], "python": []}[words[0]]
    done = subprocess.run(
        [sys.executable, *program, *words[1:]],
        cwd=checkout,
        env={"PYTHONPATH": str(checkout), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{shlex.join(words)}\n{done.stdout}{done.stderr}"
