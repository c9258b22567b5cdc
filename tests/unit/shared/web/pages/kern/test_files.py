"""What comes from elsewhere is served as it came, to those it is for."""

import hashlib
from pathlib import Path

import pytest

from shared.web.pages.assets import Assets
from shared.web.pages.kern import FOLDER

CAME = {
    "kern.min.css": "fc2428f71ee156d7187a3d416bedd5550c3543925204e9ac4b02544e649eb7f8",
    "FiraSans-Bold.woff2": "799cc549b16fe25059ffa78c83cc8264f2ce87332c5b9426ff7389a86d2f980f",
    "FiraSans-Regular.woff2": "0fe48aded097c2a11942a70bfef48510abf875a8e800f43d4007dce8d2a3aebe",
    "FiraSans-SemiBold.woff2": "a68802f9a523c6f43c21ad60a7d64ca5a978b86358a136a60430643fbd0f4b36",
}


@pytest.mark.parametrize(("name", "digest"), CAME.items())
def test_a_file_from_elsewhere_is_unchanged_and_its_origin_is_told(name: str, digest: str) -> None:
    assert hashlib.sha256((FOLDER / name).read_bytes()).hexdigest() == digest
    told = (FOLDER / "ORIGIN.md").read_text(encoding="utf-8")
    assert name in told or "FiraSans-*.woff2" in told


def test_all_that_is_not_ours_is_listed() -> None:
    served = {one.name for one in FOLDER.iterdir() if one.suffix in {".css", ".woff2", ".js"}}
    assert served - {"frame.css", "parts.css", "seeing.css"} == CAME.keys()


def test_an_address_changes_with_what_it_says_and_scripts_stand_apart(tmp_path: Path) -> None:
    (tmp_path / "keys.js").write_text("alert(1)", encoding="utf-8")
    assets = Assets(FOLDER, tmp_path)
    assert assets.address("kern.min.css") == "/assets/kern.min-fc2428f71ee156d7.css"
    assert assets.address("keys.js") == "/scripts/keys-6e11c72f7cf6bc38.js"


def test_our_sheet_loads_the_fonts_from_here() -> None:
    assets = Assets(FOLDER)
    sheet = next(
        one for one in assets._assets.values() if one.address == assets.address("frame.css")
    )
    text = sheet.content.decode()
    assert text.count("url(") == 3
    for weight in ("Regular", "SemiBold", "Bold"):
        assert f'url("{assets.address(f"FiraSans-{weight}.woff2")}")' in text
