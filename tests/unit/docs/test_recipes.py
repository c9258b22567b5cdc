"""The recipes of CONTRIBUTING.md do what they say, each on a copy of the checkout."""

import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent
from typing import NamedTuple

import pytest

from tests.unit.docs.pages import ROOT

PAGE = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
FOLDERS = ("services", "shared", "deploy", "docs")
LONGEST = 10
_PIECE = re.compile(
    r"(?:[^\n]*`([\w/]+\.\w+)`\n\n)?^ *```(\w+)\n(.*?)^ *```$", re.MULTILINE | re.DOTALL
)
_APPENDED = re.compile(
    r"\bTo `([\w/]+\.\w+)`:\n\n^( *)```\w+\n(.*?)^ *```$", re.MULTILINE | re.DOTALL
)
_LEAVES_WITH = re.compile(r"# leaves with (\d+): (.+)$")


class Step(NamedTuple):
    """A command of a recipe: how it ends, and what it says then."""

    words: list[str]
    code: int = 0
    says: str = ""

    @classmethod
    def of(cls, line: str) -> "Step":
        words = shlex.split(line, comments=True)
        told = _LEAVES_WITH.search(line)
        return cls(words, int(told[1]), told[2]) if told else cls(words)


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
        return [
            (path, re.sub(f"^{indent}", "", sample, flags=re.MULTILINE))
            for path, indent, sample in _APPENDED.findall(self.text)
        ]

    @property
    def written(self) -> list[tuple[str, str]]:
        """New files, and what stands in each."""
        return [(path, dedent(sample)) for path, _, sample in _PIECE.findall(self.text) if path]

    @property
    def commands(self) -> list[Step]:
        """What is called in the end."""
        blocks = [sample for _, kind, sample in _PIECE.findall(self.text) if kind == "sh"]
        return [Step.of(line) for block in blocks for line in block.splitlines()]


RECIPES = [
    Recipe(title, text)
    for title, text in re.findall(
        r"^## (Add .+?)\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL
    )
]


def test_the_page_has_the_recipes_that_are_looked_for() -> None:
    subjects = {recipe.title.split()[-1] for recipe in RECIPES}
    assert subjects == {"event", "message", "figure", "metric", "page", "criterion"}
    assert all(recipe.commands for recipe in RECIPES)


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.title)
def test_a_recipe_is_short(recipe: Recipe) -> None:
    assert len(recipe.lines) <= LONGEST


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.title)
def test_what_a_recipe_names_is_there(recipe: Recipe) -> None:
    new = {path for path, _ in recipe.written}
    named = set(re.findall(r"`((?:services|shared|deploy|docs|tests)/[\w/.]+)`", recipe.text))
    assert {path for path in named - new if not (ROOT / path).exists()} == set()


@pytest.mark.parametrize("recipe", RECIPES, ids=lambda recipe: recipe.title)
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
    for step in recipe.commands:
        run(step, tmp_path)


def run(step: Step, checkout: Path) -> None:
    """Run a command of a recipe with the code of a copy."""
    program = {"gleichfall": ["-m", "deploy.command_line"], "python": []}[step.words[0]]
    done = subprocess.run(
        [sys.executable, *program, *step.words[1:]],
        cwd=checkout,
        env={"PYTHONPATH": str(checkout), "PATH": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    said = f"{shlex.join(step.words)}\n{done.stdout}{done.stderr}"
    assert done.returncode == step.code, said
    assert step.says in done.stdout, said
