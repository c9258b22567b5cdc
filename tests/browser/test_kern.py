"""What all pages are built of, seen light, dark, with contrast themes, on a telephone."""

from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser

from shared.configuration.places import ORGANISATION
from shared.organisation.file import load_organisation
from shared.postgres.paging import Listing, Number
from shared.web.pages.assets import Assets
from shared.web.pages.kern import FOLDER
from shared.web.pages.page import Pages
from shared.web.pages.policy import Content
from shared.web.pages.selection import Selection, Wanted
from shared.web.pages.words import Language

SHEETS = ("kern.min", "frame", "parts", "seeing")
WAYS: dict[str, dict[str, Any]] = {
    "light": {},
    "dark": {"color_scheme": "dark"},
    "contrast": {"forced_colors": "active"},
    "dark contrast": {"forced_colors": "active", "color_scheme": "dark"},
    "telephone": {"viewport": {"width": 320, "height": 640}},
}
TEMPLATE = """{% extends "kern/bare.html" %}{% import "kern/macros.html" as kern %}
{% block title %}x{% endblock %}{% block main %}<h1>x</h1>
{{ kern.errors([("grade", "x")]) }}{{ kern.alert("success", "x", "x") }}
<form>{{ kern.radios("grade", "x", [("one", "x", "x"), ("two", "x", none)], value="one") }}
{{ kern.field("field", "x", error="x") }}{{ kern.textarea("text", "x", hint="x") }}
{{ kern.select("choice", "x", [("a", "x")]) }}{{ kern.checkbox("tick", "x", checked=true) }}
{{ kern.saved("10:42") }}{{ kern.not_saved() }}{{ kern.button("x", icon_name="check") }}</form>
{% call kern.narrowing(asked, "x") %}{{ kern.select("by", "x", [("a", "x")]) }}{% endcall %}
{% call kern.table("x", ["x", ("x", "number", "number")], asked) %}
<tr><th scope="row">x</th><td>1</td></tr>{% endcall %}
{% call kern.why("x") %}x{% endcall %}{{ kern.list_end(asked, "[1]") }}
{{ kern.empty("x") }}{{ kern.empty_list(asked, "x") }}{% endblock %}
"""
INKLESS = """() => {
  const look = (element, part) => getComputedStyle(element, part);
  const behind = look(document.body).backgroundColor;
  const radio = document.querySelector('.kern-form-check__radio:checked');
  const dot = look(radio, '::before').backgroundColor;
  const icons = [...document.querySelectorAll('main .kern-icon')]
    .filter(icon => !icon.closest('.kern-btn--primary'))
    .filter(icon => look(icon).backgroundColor === behind).map(icon => icon.className);
  return dot === look(radio).backgroundColor ? ['the dot of a chosen radio', ...icons] : icons;
}"""


@pytest.fixture(scope="module")
def page_source(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A page with everything, its sheets within it."""
    folder: Path = tmp_path_factory.mktemp("room")
    empty = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n'
    for language in Language:
        (folder / f"{language}.po").write_text(empty)
    (folder / "all.html").write_text(TEMPLATE)
    pages = Pages([folder], load_organisation(ORGANISATION), Content.FORMS, Assets(FOLDER))
    listing = Listing("", {"number": Number}, unique={"number": Number}, usual="number")
    asked = Selection("/x", listing, Wanted("-number", "[1]"), q="x")
    page = bytes(pages.show("all.html", Language.GERMAN, asked=asked).body).decode()
    sheets = [(FOLDER / f"{name}.css").read_text() for name in SHEETS]
    return page.replace("</head>", "".join(f"<style>{one}</style>" for one in sheets) + "</head>")


@pytest.mark.parametrize("way", WAYS)
async def test_nothing_is_lost_in_any_way_of_seeing(
    browser: Browser, page_source: str, way: str
) -> None:
    context = await browser.new_context(**WAYS[way])
    page = await context.new_page()
    await page.set_content(page_source)
    found = (await Axe().run(page)).response["violations"]
    assert [one["id"] for one in found] == []
    assert await page.evaluate(INKLESS) == []
    wide = "document.documentElement.scrollWidth > window.innerWidth"
    assert not await page.evaluate(wide)
    assert "errors" in await page.evaluate("document.activeElement.className")
    await context.close()
