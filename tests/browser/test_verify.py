"""Anybody can check the file of a draw in a browser, which finds what the other verifiers find."""

import base64
import copy
import hashlib
import json
import random
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from playwright.async_api import Page

from deploy.local.loopback import PLAIN
from services.controlling.proof.export import verify_file
from services.controlling.proof.pages import add_public_pages
from services.controlling.proof.verification import RecordUnreadable
from shared.configuration.places import AUDITORS, ORGANISATION
from shared.organisation.file import load_organisation
from shared.security.signatures import public_key_of
from tests.browser.conftest import Visitor, served
from tests.unit.services.controlling.proof.corpus import CORPUS
from tests.unit.services.controlling.proof.gapped import honest as with_gaps
from tests.unit.services.controlling.proof.records import KEY, sealed
from tests.unit.services.controlling.proof.stamped_heads import whole as with_stamps
from tests.unit.services.controlling.proof.tampered import (
    Tampered,
    honest,
    stamped,
    with_byte,
    witnessed,
)
from tests.unit.services.controlling.proof.test_chained_record import HONEST, TAMPERINGS, head

CASES = Path(__file__).parents[1] / "unit" / "shared" / "security" / "ed25519.json"
VERIFY = """async (encoded) => {
  const bytes = Uint8Array.from(atob(encoded), (one) => one.charCodeAt(0));
  const { told, faults } = await verify(new Blob([bytes]));
  const words = wordsOf();
  return { kinds: faults.map((one) => one.kind),
           lines: [...told, ...faults].map((one) => inWords(one, words)) };
}"""
IS_SIGNED = """(cases) => Promise.all(cases.map(
  ({ key, message, signature }) => isSigned(octets(key), octets(signature), octets(message))))"""
DROP = """(text) => {
  const dropped = new DataTransfer();
  dropped.items.add(new File([text], "draw.jsonl"));
  document.body.dispatchEvent(
    new DragEvent("drop", { dataTransfer: dropped, bubbles: true, cancelable: true }));
}"""


@pytest.fixture(scope="module")
async def address() -> AsyncIterator[str]:
    """The public pages, without a database: this one needs none."""
    app = FastAPI()
    add_public_pages(app, load_organisation(ORGANISATION))
    async with served(app) as address:
        yield address


@pytest.fixture
async def visitor(address: str, page: Page) -> Visitor:
    visitor = Visitor(page, address)
    assert await visitor.opens("/draws/verify") == 200
    return visitor


def ours(file: Path) -> list[str]:
    """What `gleichfall draw verify` says of a file, but for the verdict."""
    try:
        found = verify_file(file)
    except RecordUnreadable as error:
        return [str(error)]
    counted = f"{found.decisions} decisions, {found.drawn} drawn, {found.late} late"
    signed = f"signed with {found.public_key}"
    return [f"period {found.period}: {counted}", signed, *found.times, *map(str, found.differences)]


def corpus() -> Iterator[Tampered]:
    """All files that were tampered with."""
    yield from (*CORPUS, *changed_registers())


def changed_registers() -> Iterator[Tampered]:
    """Registers with published heads, in which something was changed without chaining anew."""
    for change, kinds in TAMPERINGS.items():
        lines = copy.deepcopy(HONEST)
        change(lines)
        yield Tampered(change.__name__, b"".join(sealed(lines)), frozenset(kinds))


def written(folder: Path, lines: Sequence[Mapping[str, object]]) -> Path:
    file = folder / "draw.jsonl"
    file.write_bytes(b"".join(sealed([dict(line) for line in lines])))
    return file


async def answer(visitor: Visitor) -> str:
    """What is shown when the file is checked."""
    await visitor.page.wait_for_selector("#answer:not([hidden])")
    return await visitor.page.inner_text("#check")


async def test_it_finds_in_every_tampered_file_what_the_others_find_in_the_same_words(
    visitor: Visitor, tmp_path: Path
) -> None:
    await visitor.opens("/draws/verify?language=en")
    differing: dict[str, Any] = {}
    file = tmp_path / "draw.jsonl"
    for one in corpus():
        file.write_bytes(one.content)
        encoded = base64.b64encode(one.content).decode()
        found = await visitor.page.evaluate(VERIFY, encoded)
        if (set(found["kinds"]), found["lines"]) != (set(one.kinds), ours(file)):
            differing[one.name] = found
    assert differing == {}


async def test_whatever_byte_is_changed_it_says_what_the_others_say(
    visitor: Visitor, tmp_path: Path
) -> None:
    await visitor.opens("/draws/verify?language=en")
    file, chance = tmp_path / "draw.jsonl", random.Random(72)
    honest_files = [
        b"".join(sealed(lines))
        for lines in (stamped(), HONEST, with_gaps(), with_stamps(), witnessed())
    ]
    for content in honest_files * 40:
        changed = with_byte(content, chance.random(), chance.randrange(256))
        file.write_bytes(changed)
        found = await visitor.page.evaluate(VERIFY, base64.b64encode(changed).decode())
        assert found["lines"] == ours(file)


async def test_it_checks_signatures_as_strictly(visitor: Visitor) -> None:
    cases = [one for one in json.loads(CASES.read_text()) if len(one["signature"]) == 128]
    found = await visitor.page.evaluate(IS_SIGNED, cases)
    assert found == [one["valid"] for one in cases]


async def test_who_chooses_a_file_reads_that_the_draw_is_confirmed(
    visitor: Visitor, tmp_path: Path
) -> None:
    page = visitor.page
    async with page.expect_event("worker"):  # so the page stays free, however long the file is
        await page.set_input_files("#file", written(tmp_path, honest()))
    said = await answer(visitor)
    assert "Die Ziehung ist bestätigt" in said
    assert "Zeitraum 2026-05: 180 Entscheidungen, " in said
    assert "vor dem ersten Tag mit Zeitstempel: nein" in said
    assert await page.is_hidden("#progress")
    assert await visitor.barriers() == []


async def test_who_drops_a_file_reads_what_is_wrong_with_it(visitor: Visitor) -> None:
    lines = honest()
    lines[1]["corrected"] = not lines[1]["corrected"]
    unsigned = [*sealed(lines)[:-1], sealed(honest())[-1]]
    await visitor.page.evaluate(DROP, b"".join(unsigned).decode())
    said = await answer(visitor)
    assert "Die Ziehung ist nicht bestätigt. Abweichungen: 1" in said
    assert "die Unterschrift gehört nicht zu dieser Datei" in said
    assert await visitor.in_every_way() == []


async def test_a_key_that_is_named_must_be_the_one_that_signed(
    visitor: Visitor, tmp_path: Path
) -> None:
    await visitor.page.fill("#key", public_key_of(bytes(32)).hex())
    await visitor.page.set_input_files("#file", written(tmp_path, honest()))
    assert "mit einem anderen Schlüssel unterschrieben" in await answer(visitor)
    await visitor.page.fill("#key", public_key_of(KEY).hex().upper())
    await visitor.page.keyboard.press("Enter")
    assert await visitor.page.wait_for_selector("text=Die Ziehung ist bestätigt")


async def test_a_head_that_was_kept_must_be_in_the_register(
    visitor: Visitor, tmp_path: Path
) -> None:
    kept = head("2026-05-05")
    await visitor.page.fill("#heads", f"{kept} {kept.replace(':60:', ':-:')}")
    await visitor.page.set_input_files("#file", written(tmp_path, HONEST))
    assert "Die Ziehung ist bestätigt" in await answer(visitor)
    await visitor.page.fill("#heads", kept.replace(":60:", ":61:"))
    await visitor.page.keyboard.press("Enter")
    lost = "der Stand, den Sie am 2026-05-05 notiert haben, ist nicht in diesem Register"
    assert await visitor.page.wait_for_selector(f"text={lost}")
    await visitor.page.fill("#heads", kept[:-1])
    await visitor.page.keyboard.press("Enter")
    assert await visitor.page.wait_for_selector("text=Das ist kein Stand eines Registers.")


async def test_of_very_many_faults_the_first_are_told_and_all_are_counted(
    visitor: Visitor, tmp_path: Path
) -> None:
    head, *rest = honest()
    wrong = [{**line, "probability": "0.9"} for line in rest] * 8
    await visitor.page.set_input_files("#file", written(tmp_path, [head, *wrong]))
    said = await answer(visitor)
    assert await visitor.page.locator("#faults li").count() == 1000
    assert "Das sind die ersten tausend." in said
    counted = said.split("Abweichungen: ")[1].split()[0]
    assert int(counted) == len(verify_file(tmp_path / "draw.jsonl").differences)


async def test_the_page_runs_its_own_script_alone_and_may_send_nothing(visitor: Visitor) -> None:
    async with httpx.AsyncClient(base_url=visitor.address, verify=PLAIN) as client:
        answer = await client.get("/draws/verify")
    rules = dict(
        rule.strip().split(" ", 1) for rule in answer.headers["content-security-policy"].split(";")
    )
    sources = {name: rules.pop(name) for name in ("script-src", "style-src", "worker-src")}
    assert set(sources.values()) == {"'self'"}
    assert set(rules.values()) == {"'none'"}
    assert rules.keys() == {"default-src", "base-uri", "form-action", "frame-ancestors"}
    assert answer.text.count("<script") == 1
    assert "set-cookie" not in answer.headers


async def test_what_is_offered_is_what_auditors_have_and_what_runs_here(visitor: Visitor) -> None:
    runs = await visitor.page.get_attribute("script", "src")
    offered = {
        await one.inner_text(): await one.get_attribute("href")
        for one in await visitor.page.locator("main ul a[download]").all()
    }
    assert offered["verify.js"] == runs
    assert offered.keys() == {"verify.js", "verify.py"}
    async with httpx.AsyncClient(base_url=visitor.address, verify=PLAIN) as client:
        for name, address in offered.items():
            content = (await client.get(str(address))).content
            assert content == (AUDITORS / name).read_bytes()
            assert hashlib.sha256(content).hexdigest() in await visitor.reads()


async def test_without_script_it_says_what_to_take_instead(visitor: Visitor) -> None:
    browser = visitor.page.context.browser
    assert browser is not None
    context = await browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{visitor.address}/draws/verify")
    assert "nehmen Sie das Programm in Python" in await page.inner_text("#scriptless")
    assert await page.is_hidden("#check")
    await context.close()
    assert await visitor.page.is_hidden("#scriptless")
