"""Every letter in every language, as veraPDF judges it: PDF/UA-1 and PDF/A-3a."""

import subprocess
from pathlib import Path

import pytest

from deploy.local import jars, java
from deploy.local.folder import CHECKOUT
from deploy.local.jars import Lock
from services.notify.channels.letter.typesetting import to_pdf
from services.notify.messages.catalogue import load_messages
from services.notify.messages.stationery import load_stationery
from services.notify.preview.preview import preview_letter
from shared.configuration.places import ROOT
from shared.events.vocabulary import Channel
from shared.organisation.file import load_organisation

VERAPDF = Lock("veraPDF", ROOT / "tests" / "verapdf.lock")
MESSAGES = load_messages()
HERE = load_organisation(ROOT / "deploy" / "organisation" / "karlsruhe.yaml")
STATIONERY = load_stationery()


@pytest.fixture(scope="module")
def letters(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("letters")
    for name, kind in MESSAGES.by_name.items():
        if Channel.LETTER in kind.description.channels:
            for language in kind.texts:
                letter = preview_letter(MESSAGES, name, language, HERE, STATIONERY)
                (folder / f"{name}.{language}.pdf").write_bytes(letter.content)
    return folder


def verdicts(*files: Path) -> dict[tuple[str, str], str]:
    """Ask veraPDF what each file declares itself to be, and whether it is that."""
    (jar,) = jars.class_path(VERAPDF, CHECKOUT.jars)
    words = [
        str(java.find({})),
        java.ONE_COMPILER,
        "-cp",
        str(jar),
        "org.verapdf.apps.GreenfieldCliWrapper",
        "--format",
        "text",
    ]
    told = subprocess.run([*words, *files], capture_output=True, text=True, check=False)
    lines = (line.split() for line in told.stdout.splitlines())
    return {
        (Path(file).name, flavour): verdict
        for verdict, file, flavour in (line for line in lines if len(line) == 3)
    }


def test_screen_readers_can_read_and_archives_can_keep_every_letter(letters: Path) -> None:
    files = sorted(letters.iterdir())

    found = verdicts(*files)

    assert len(files) == 132
    assert found.keys() == {(file.name, flavour) for file in files for flavour in ("3a", "ua1")}
    assert set(found.values()) == {"PASS"}


def test_the_judge_can_say_no(tmp_path: Path) -> None:
    untitled = tmp_path / "untitled.pdf"
    untitled.write_bytes(to_pdf("<h1>No title, no language</h1>", b"x" * 16).content)

    assert verdicts(untitled)[(untitled.name, "ua1")] == "FAIL"
