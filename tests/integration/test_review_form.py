"""A review in the browser, as forms without a script send it and as our script does."""

import html
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

import httpx
import pytest
from babel.dates import format_date

from deploy.local.infrastructure import Addresses
from services.controlling.accounts.account import Role
from services.controlling.forms.catalogue import PACKAGED
from services.controlling.reviews.store import NewAnswer, save_answer
from services.controlling.reviews.verdict import VERDICTS
from services.controlling.workbench.app import create_app
from services.controlling.workbench.settings import Settings
from shared.postgres.pool import Pool
from tests.integration.controlling_helpers import decision_id
from tests.integration.review_form_helpers import taken
from tests.integration.review_helpers import CALENDAR
from tests.integration.workbench_helpers import Browser, Workbench, add, workbench

pytestmark = pytest.mark.stack


@pytest.fixture(scope="module")
async def running(stack: Addresses, secrets: Path, schema: Pool) -> AsyncIterator[Workbench]:
    async with workbench(
        stack.database_url, secrets, schema, file_url="https://vis.example/akte/{dataref}"
    ) as pages:
        await add(schema, "second", Role.LEADERSHIP)
        await add(schema, "third", Role.LEADERSHIP)
        yield pages


@pytest.fixture
async def me(pages: Workbench) -> Browser:
    return await pages.signed_in(Role.LEADERSHIP)


@pytest.fixture
async def review(pages: Workbench) -> UUID:
    return await taken(pages, pages.accounts[Role.LEADERSHIP])


async def other(pages: Workbench, login: str) -> tuple[UUID, Browser]:
    account: UUID = await pages.pool.fetchval("SELECT id FROM account WHERE login = $1", login)
    browser = pages.browser()
    await browser.sign_in(login)
    browser.csrf = await pages.pool.fetchval(
        "SELECT encode(csrf, 'hex') FROM session WHERE account = $1 ORDER BY created_at DESC",
        account,
    )
    return account, browser


async def open_page(who: Browser, review: UUID, **query: str) -> str:
    answer = await who.get(f"/reviews/{review}/form", **query)
    assert answer.status_code == 200, answer.text
    return html.unescape(answer.text)


async def answers(
    who: Browser,
    review: UUID,
    code: str,
    grade: str,
    based_on: int = 0,
    *,
    comment: str = "",
    script: bool = False,
) -> httpx.Response:
    form = {"grade": grade, "comment": comment, "based_on": str(based_on)}
    headers = {"X-Requested-With": "fetch"} if script else {}
    return await who.post(f"/reviews/{review}/answers/{code}", form, **headers)


def codes(page: str) -> list[str]:
    return list(dict.fromkeys(re.findall(r"form\?q=([A-Za-z0-9_]+)#question", page)))


async def version(pages: Workbench, review: UUID, code: str) -> int:
    found: int = await pages.pool.fetchval(
        "SELECT coalesce(max(version), 0) FROM answer WHERE review = $1 AND question = $2",
        review, code,
    )  # fmt: skip
    return found


async def complete(
    pages: Workbench,
    who: Browser,
    review: UUID,
    *,
    verdict: str = "correct",
    comment: str = "Grund",
) -> None:
    """Answer whatever is open, until nothing is."""
    for _ in range(30):
        page = await open_page(who, review)
        if "data-sign=" in page:
            return
        code = re.findall(r'data-answer="([^"]+)"', page)[0]
        grade = verdict if code in VERDICTS else "correct"
        based_on = await version(pages, review, code)
        await answers(who, review, code, grade, based_on, comment=comment)
    raise AssertionError("the review can't be completed")


async def acts(pages: Workbench) -> list[str]:
    rows = await pages.pool.fetch("SELECT act FROM audit ORDER BY number")
    return [row["act"] for row in rows]


async def state(pages: Workbench, review: UUID) -> str:
    found: str = await pages.pool.fetchval("SELECT state FROM review WHERE id = $1", review)
    return found


async def test_the_case_stands_beside_the_first_open_question(me: Browser, review: UUID) -> None:
    page = await open_page(me, review)
    assert "Antwort auf die Anhörung" in page
    assert "Bekanntgabe" in page
    assert "War die Behörde zuständig" in page
    assert "Automatisch:" in page
    assert "von 1" in page
    assert "noch etwa" in page


async def test_what_is_not_recorded_is_shown_as_a_gap_and_never_as_right(
    pages: Workbench, me: Browser, review: UUID
) -> None:
    await pages.pool.execute("DELETE FROM case_event WHERE sequence IN (2, 3)")
    page = await open_page(me, review, q="V1")
    assert "keine Anhörung verzeichnet" in page
    assert "Aus den Ereignissen nicht zu sagen" in page


async def test_an_answer_is_saved_alone_and_the_next_open_question_follows(
    pages: Workbench, me: Browser, review: UUID
) -> None:
    answer = await answers(me, review, "Z1", "correct")
    assert answer.status_code == 303
    assert answer.headers["location"].endswith("?q=Z2&done=saved#question")
    assert await version(pages, review, "Z1") == 1
    assert await state(pages, review) == "in_review"
    assert "answered" in await acts(pages)


async def test_an_error_without_a_reason_is_saved_and_asks_for_it(
    pages: Workbench, me: Browser, review: UUID
) -> None:
    answer = await answers(me, review, "Z1", "minor_error")
    assert answer.headers["location"].endswith("?q=Z1&missing=comment#question")
    page = await open_page(me, review, q="Z1", missing="comment")
    assert "<title>Fehler: " in page
    assert "Bitte begründen Sie diese Antwort." in page
    assert await version(pages, review, "Z1") == 1


async def test_the_script_gets_the_time_and_the_foot_alone(me: Browser, review: UUID) -> None:
    answer = await answers(me, review, "Z1", "correct", script=True)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert re.search(r"gespeichert \d\d:\d\d", answer.text)
    assert 'id="based-on-Z1" value="1"' in answer.text
    assert "beantwortet" in answer.text


@pytest.mark.parametrize("script", [False, True])
async def test_a_stale_answer_changes_nothing_and_shows_both(
    pages: Workbench, me: Browser, review: UUID, *, script: bool
) -> None:
    await answers(me, review, "Z1", "correct", comment="im ersten Fenster")
    stale = await answers(
        me, review, "Z1", "minor_error", comment="<b>im zweiten</b>", script=script
    )
    assert stale.status_code == 409
    assert "im ersten Fenster" in stale.text
    assert "&lt;b&gt;im zweiten&lt;/b&gt;" in stale.text
    assert "<b>im zweiten" not in stale.text
    assert await version(pages, review, "Z1") == 1
    blank = await answers(me, review, "Z1", "", comment="", script=script)
    assert "Keine Antwort gewählt" in blank.text
    assert "Ohne Begründung" in blank.text
    chosen = await answers(me, review, "Z1", "minor_error", 1, comment="im zweiten")
    assert chosen.status_code == 303
    assert await version(pages, review, "Z1") == 2


async def test_the_same_answer_sent_twice_is_kept_once(
    pages: Workbench, me: Browser, review: UUID
) -> None:
    for _ in range(2):
        assert (await answers(me, review, "Z1", "correct")).status_code == 303
    assert await version(pages, review, "Z1") == 1


@pytest.mark.parametrize(
    ("code", "form"),
    [
        ("Z1", {"grade": "wrong"}),
        ("Z1", {"grade": "not_applicable"}),
        ("on_the_file", {"grade": "not_applicable"}),
        ("XX", {"grade": "correct"}),
        ("Z1", {"grade": "correct", "based_on": "-1"}),
        ("Z1", {"grade": "correct", "until": "soon"}),
        ("Z1", {"grade": "correct", "comment": "x" * 4001}),
    ],
)
async def test_what_nothing_asks_for_is_refused_and_nothing_changes(
    pages: Workbench, me: Browser, review: UUID, code: str, form: dict[str, str]
) -> None:
    sent = {"comment": "", "based_on": "0"} | form
    assert (await me.post(f"/reviews/{review}/answers/{code}", sent)).status_code == 422
    assert await version(pages, review, code) == 0


async def test_the_automatic_answer_counts_until_a_person_corrects_it_with_a_reason(
    pages: Workbench, me: Browser, review: UUID
) -> None:
    page = await open_page(me, review, q="V1")
    assert "Stimmt nicht?" in page
    assert "Es gilt die automatische Antwort." in page
    based_on = await version(pages, review, "V1")
    assert based_on == 1
    corrected = await answers(me, review, "V1", "significant_error", based_on)
    assert "missing=comment" in corrected.headers["location"]
    corrected = await answers(me, review, "V1", "significant_error", 2, comment="nur ein Vermerk")
    assert "done=saved" in corrected.headers["location"]
    origins = await pages.pool.fetch(
        "SELECT origin FROM answer WHERE question = 'V1' ORDER BY version"
    )
    assert [row["origin"] for row in origins] == ["auto", "human", "human"]


async def test_a_whole_review_is_signed_and_leads_on(
    pages: Workbench, me: Browser, review: UUID
) -> None:
    early = await me.post(f"/reviews/{review}/sign")
    assert "missing=answer" in early.headers["location"]
    await complete(pages, me, review)
    done = await me.post(f"/reviews/{review}/sign")
    assert done.headers["location"].endswith("/form?done=signed")
    assert await state(pages, review) == "signed"
    page = await open_page(me, review, done="signed")
    assert "Die Prüfung ist unterschrieben." in page
    assert f"Unterschrieben am {today()}." in page
    assert "ein Befund" not in page
    assert 'action="/reviews/next"' in page
    assert "Zu meinen Prüfungen" in page
    again = await me.post(f"/reviews/{review}/sign")
    assert again.status_code == 303
    late = await answers(me, review, "Z1", "minor_error", 1)
    assert late.status_code == 409


async def test_what_the_events_found_is_confirmed_as_it_stands(
    pages: Workbench, me: Browser, review: UUID
) -> None:
    page = await open_page(me, review, q="Z1")
    question = page[page.index('id="question"') :]
    assert "gefunden: Richtig" in question
    assert "bitte bestätigen" in question
    assert "Noch nicht beantwortet" not in question
    confirms = question[question.index("data-confirm") :].partition("</form>")[0]
    sent = dict(re.findall(r'name="(\w+)" value="([^"]*)"', confirms))
    answer = await me.post(f"/reviews/{review}/answers/Z1", sent)
    assert "done=saved" in answer.headers["location"]
    kept = await pages.pool.fetchrow(
        "SELECT grade, origin FROM answer WHERE review = $1 AND question = 'Z1'", review
    )
    assert kept is not None
    assert (kept["grade"], kept["origin"]) == ("correct", "human")
    assert "data-confirm" not in await open_page(me, review, q="Z1")


async def test_an_error_that_the_events_found_has_their_sentence_as_its_reason(
    pages: Workbench, me: Browser, review: UUID
) -> None:
    await pages.pool.execute("DELETE FROM case_event WHERE sequence = 3")
    await pages.pool.execute(
        "UPDATE case_event SET data = jsonb_set(data, '{due}', '\"2026-06-01\"') WHERE sequence = 2"
    )
    await complete(pages, me, review)
    done = await me.post(f"/reviews/{review}/sign")
    assert done.headers["location"].endswith("/form?done=signed")
    kept = await pages.pool.fetchrow("SELECT grade, comment FROM answer WHERE question = 'V1'")
    assert kept is not None
    assert kept["grade"] == "minor_error"
    assert "entschieden wurde schon am 4. Mai 2026" in kept["comment"]


async def test_before_signing_it_warns_of_what_looks_like_personal_data(
    pages: Workbench, me: Browser, review: UUID
) -> None:
    await complete(pages, me, review)
    await answers(me, review, "Z1", "minor_error", 1, comment="Herr Yilmaz, geb. 3.4.1987")
    warned = await me.post(f"/reviews/{review}/sign")
    assert warned.status_code == 200
    assert "<mark>Herr Yilmaz</mark>" in warned.text
    assert "<mark>3.4.1987</mark>" in warned.text
    assert await state(pages, review) == "in_review"
    await me.post(f"/reviews/{review}/sign", {"confirmed": "true"})
    assert await state(pages, review) == "signed"
    assert "wird aus jedem Fehler ein Befund" in await open_page(me, review)


async def test_a_signed_review_is_opened_again_for_a_reason(
    pages: Workbench, me: Browser, review: UUID
) -> None:
    await complete(pages, me, review)
    await me.post(f"/reviews/{review}/sign")
    refused = await me.post(f"/reviews/{review}/reopen", {"reason": "  "})
    assert "missing=reason" in refused.headers["location"]
    assert await state(pages, review) == "signed"
    asked = await me.post(f"/reviews/{review}/reopen", {"reason": "Herr Yilmaz rief an"})
    assert "<mark>Herr Yilmaz</mark>" in asked.text
    assert await state(pages, review) == "signed"
    assert "Bitte keine Namen. Der Grund steht im Protokoll." in await open_page(me, review)
    await me.post(f"/reviews/{review}/reopen", {"reason": "falsch geklickt"})
    assert await state(pages, review) == "in_review"
    assert "reopened" in await acts(pages)


async def test_opening_the_file_is_logged_and_leads_there(
    pages: Workbench, me: Browser, review: UUID
) -> None:
    answer = await me.post(f"/reviews/{review}/file")
    assert "vis:4711" in answer.text
    assert 'href="https://vis.example/akte/vis%3A4711"' in answer.text
    entry = await pages.pool.fetchrow(
        "SELECT account, object FROM audit WHERE act = 'file_opened' ORDER BY number DESC LIMIT 1"
    )
    assert entry is not None
    assert entry["account"] == pages.accounts[Role.LEADERSHIP]
    assert decision_id(1) in entry["object"]


async def test_the_log_doesnt_say_that_a_file_was_opened_that_nothing_leads_to(
    pages: Workbench, me: Browser, review: UUID
) -> None:
    await pages.pool.execute("UPDATE decision SET facts = facts - 'dataref'")
    before = await acts(pages)
    answer = await me.post(f"/reviews/{review}/file")
    assert "kein Aktenzeichen im Fachverfahren bekannt" in answer.text
    assert "steht im Protokoll" not in answer.text
    assert (await acts(pages))[len(before) :] == ["case_read"]


async def test_both_verdicts_stand_at_the_foot_before_the_signature(
    pages: Workbench, me: Browser, review: UUID
) -> None:
    assert 'id="ready"' not in await open_page(me, review)
    await complete(pages, me, review, verdict="disputable")
    page = await open_page(me, review)
    ready = page[page.index('id="ready"') : page.index('data-sign="yes"')]
    assert ready.count("Vertretbar, aber zweifelhaft") == len(VERDICTS)


async def test_what_was_saved_on_another_day_names_it(
    pages: Workbench, me: Browser, review: UUID
) -> None:
    await pages.pool.execute("UPDATE review SET taken_at = '2026-01-01'")
    async with pages.app.state.pool.acquire() as connection:
        new = NewAnswer("Z1", 0, "correct", "", {}, "human")
        await save_answer(connection, review, new, datetime(2026, 1, 27, 11, 47, tzinfo=UTC))
    page = await open_page(me, review, q="Z1")
    assert page.count("gespeichert am 27. Januar 2026, 12:47") == 2, "at the answer, at the foot"


async def test_each_look_at_a_case_is_logged(pages: Workbench, me: Browser, review: UUID) -> None:
    before = (await acts(pages)).count("case_read")
    await open_page(me, review)
    assert (await acts(pages)).count("case_read") == before + 1


async def test_nobody_sees_a_review_of_others_or_changes_it(pages: Workbench, review: UUID) -> None:
    account, stranger = await other(pages, "second")
    before = await pages.refused(account)
    seen = ("", "/form", "/comparison")
    for path in seen:
        assert (await stranger.get(f"/reviews/{review}{path}")).status_code == 404
    sent = (
        "take",
        "decline",
        "hand-back",
        "hold",
        "resume",
        "sign",
        "reopen",
        "file",
        "answers/Z1",
    )
    form = {
        "grade": "correct",
        "based_on": "0",
        "reason": "x",
        "until": str(CALENDAR.day_of(datetime.now(UTC))),
    }
    for path in sent:
        assert (await stranger.post(f"/reviews/{review}/{path}", form)).status_code == 404
    assert await version(pages, review, "Z1") == 0
    tried = [f"GET /reviews/{review}{path}" for path in seen]
    tried += [f"POST /reviews/{review}/{path}" for path in sent]
    assert await pages.refused(account) == [*before, *tried]


async def test_nothing_of_a_case_is_shown_before_the_declaration(
    pages: Workbench, me: Browser
) -> None:
    review = await taken(pages, pages.accounts[Role.LEADERSHIP], takes=False)
    for answer in (
        await me.get(f"/reviews/{review}/form"),
        await me.post(f"/reviews/{review}/file"),
    ):
        assert answer.status_code == 303
        assert answer.headers["location"] == f"/reviews/{review}"


async def test_the_list_says_how_long_it_takes_as_the_form_does_before_it_is_begun(
    pages: Workbench, me: Browser
) -> None:
    review = await taken(pages, pages.accounts[Role.LEADERSHIP], takes=False)
    said = re.compile(r"noch etwa [\d,]+ \w+")
    [before] = said.findall((await me.get("/reviews")).text)
    await me.post(f"/reviews/{review}/take")
    assert said.findall(await open_page(me, review)) == [before]
    assert said.findall((await me.get("/reviews")).text) == [before]


def changed(folder: Path) -> Path:
    """A catalogue that asks V1 in other words, and V5 no more."""
    text = PACKAGED.read_text(encoding="utf-8").replace('version: "2026-1"', 'version: "2026-2"')
    text, words = re.subn("Wurde die betroffene Person angehört", "Kam sie zu Wort", text)
    text, left_out = re.subn(r"  - code: V5\n(    .*\n)+", "", text)
    assert (words, left_out) == (1, 1)
    file = folder / "criteria.yaml"
    file.write_text(text, encoding="utf-8")
    return file


async def test_a_changed_catalogue_asks_reviews_that_begin_now_and_none_under_way(
    pages: Workbench, review: UUID, stack: Addresses, secrets: Path, tmp_path: Path
) -> None:
    later = await taken(pages, pages.accounts[Role.LEADERSHIP], number=2, takes=False)
    app = create_app(
        Settings(
            database_url=stack.database_url,
            secrets_directory=secrets,
            criteria_file=changed(tmp_path),
        )
    )
    async with app.router.lifespan_context(app):
        new = Workbench(app, pages.pool, pages.accounts)
        me = await new.signed_in(Role.LEADERSHIP)
        assert (await me.post(f"/reviews/{later}/take")).status_code == 303
        for one, asks_v5, words in (
            (review, True, "Wurde die betroffene Person angehört"),
            (later, False, "Kam sie zu Wort"),
        ):
            page = await open_page(me, one, q="V1")
            assert words in page
            assert ("V5" in codes(page)) is asks_v5
            await complete(new, me, one)
            assert (await me.post(f"/reviews/{one}/sign")).status_code == 303
            assert await state(pages, one) == "signed"
            assert await version(pages, one, "V5") == int(asks_v5)


async def test_two_reviews_are_alike_until_both_are_signed_then_compared_and_settled(
    pages: Workbench, me: Browser, review: UUID
) -> None:
    account, second = await other(pages, "second")
    theirs = await taken(pages, account, a_round=2)
    mine, others = await open_page(me, review), await open_page(second, theirs)
    assert alike(mine) == alike(others)
    await complete(pages, me, review)
    await me.post(f"/reviews/{review}/sign")
    assert "comparison" not in await open_page(me, review)
    assert (await me.get(f"/reviews/{review}/comparison")).status_code == 404
    assert (await second.get(f"/reviews/{theirs}/comparison")).status_code == 404

    await complete(pages, second, theirs, verdict="wrong", comment="ganz anders")
    await second.post(f"/reviews/{theirs}/sign")
    for who, one in ((me, review), (second, theirs)):
        assert "/comparison" not in (await who.get("/reviews/signed")).text
        assert (await who.get(f"/reviews/{one}/comparison")).status_code == 404

    account, third = await other(pages, "third")
    settling = await taken(pages, account, a_round=3, takes=False)
    assert "noch etwa 10 Minuten" in (await third.get("/reviews")).text, "before it is begun, too"
    await third.post(f"/reviews/{settling}/take")
    page = await open_page(third, settling)
    assert "Prüfung A" in page
    assert "ganz anders" in page
    assert "0 von 2 beantwortet · noch etwa 10 Minuten" in " ".join(page.split())
    assert "noch etwa 10 Minuten" in (await third.get("/reviews")).text, "the list says the same"
    assert "Maria second" not in page
    await complete(pages, third, settling, verdict="disputable", comment="gute Gründe")
    listed = (await third.get("/reviews")).text
    assert "Fertig, aber noch nicht unterschrieben" in listed, "two answers are all that it needs"
    await third.post(f"/reviews/{settling}/sign")
    for who, one in ((me, review), (second, theirs), (third, settling)):
        [address] = re.findall(
            r'href="(/[^"]+/comparison)"', (await who.get("/reviews/signed")).text
        )
        assert address == f"/reviews/{one}/comparison"
        compared = html.unescape((await who.get(address)).text)
        assert "hat eine dritte Person entschieden" in compared
        assert "Blaue Karte" in compared
        assert "4. Mai 2026" in compared
        assert "ganz anders" in compared
        assert "gute Gründe" in compared
    assert "Maria second" not in (await me.get(f"/reviews/{review}/comparison")).text


def today() -> str:
    return format_date(CALENDAR.day_of(datetime.now(UTC)), "long", locale="de_DE")


def alike(page: str) -> str:
    """A page without what differs for each review and person."""
    page = re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "…", page)
    page = re.sub(r'name="csrf" value="[0-9a-f]+"', "", page)
    return re.sub(r"Maria \w+", "…", page)
