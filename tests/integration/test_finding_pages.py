"""Findings as pages: whose they are, what is said to them, and what nobody may learn early."""

import html
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from deploy.local.infrastructure import Addresses
from services.controlling.accounts.account import Role
from shared.events.catalogue.case import AppealLodged, CourtDecided
from shared.events.vocabulary import AppealOutcome
from shared.postgres.pool import Pool
from tests.integration.controlling_helpers import apply, case_events, decision_id, policy
from tests.integration.finding_helpers import BY_CODE, FOUND, account_of, raised, reviewed
from tests.integration.review_form_helpers import happened
from tests.integration.workbench_helpers import Browser, Workbench, add, workbench

pytestmark = pytest.mark.stack

READERS = (Role.LEADERSHIP, Role.CONTROLLING, Role.UNIT_HEAD, Role.AUDITOR)


@pytest.fixture(scope="module")
async def running(stack: Addresses, secrets: Path, schema: Pool) -> AsyncIterator[Workbench]:
    async with workbench(stack.database_url, secrets, schema) as pages:
        await add(schema, "second", Role.LEADERSHIP)
        await schema.execute("UPDATE account SET unit = 'unit-2' WHERE login = 'unit_head'")
        await add(schema, "stranger", Role.UNIT_HEAD, "unit-3")
        yield pages


@pytest.fixture
async def head(pages: Workbench) -> Browser:
    return await pages.signed_in(Role.UNIT_HEAD)


@pytest.fixture
async def leader(pages: Workbench) -> Browser:
    return await pages.signed_in(Role.LEADERSHIP)


async def read(who: Browser, path: str, status: int = 200, /, **query: str) -> str:
    answer = await who.get(path, **query)
    assert answer.status_code == status, answer.text
    return html.unescape(answer.text)


async def sends(who: Browser, path: str, status: int = 303, /, **form: str) -> str:
    answer = await who.post(path, {"text": "", "day": "", "based_on": "1"} | form)
    assert answer.status_code == status, answer.text
    return html.unescape(answer.text)


async def states(pages: Workbench) -> list[str]:
    rows = await pages.pool.fetch("SELECT state FROM finding ORDER BY number")
    return [row["state"] for row in rows]


async def late(pages: Workbench) -> None:
    await pages.pool.execute("UPDATE finding SET due = $1", datetime.now(UTC).date() - timedelta(9))


async def test_a_unit_head_reads_what_was_found_and_replies(
    pages: Workbench, head: Browser
) -> None:
    number = await raised(pages)
    page = await read(head, "/findings")
    assert "Ein Befund wartet auf Ihre Antwort." in page
    page = await read(head, f"/findings/{number}")
    for text in (f"Befund {number}", BY_CODE["M2"].question.de, FOUND, "erheblicher Fehler",
                 "nicht heilbar", "Art. 6 GG", "Stimmen Sie zu?", "Ähnliche Befunde"):  # fmt: skip
        assert text in page
    await sends(head, f"/findings/{number}/reply", step="disagree", text="doch abgewogen")
    page = await read(head, f"/findings/{number}", told="replied")
    assert "Ihre Antwort ist gespeichert." in page
    assert "doch abgewogen" in page
    assert "Ihre Antwort ändern" in page


async def test_a_finding_leads_to_the_next_one_that_waits_for_whoever_reads_it(
    pages: Workbench, head: Browser, leader: Browser
) -> None:
    first, second, third = [await raised(pages, number) for number in (1, 2, 3)]
    await pages.pool.execute("UPDATE finding SET due = due + number::int")
    waits = "Nächster Befund, der auf Sie wartet: Nr. {}"
    for here, there in ((first, second), (second, third), (third, first)):
        assert waits.format(there) in await read(head, f"/findings/{here}")
    assert "Nächster Befund" not in await read(leader, f"/findings/{first}")
    for number in (first, third):
        await sends(head, f"/findings/{number}/reply", step="agree")
    page = await read(head, f"/findings/{first}", told="replied")
    assert page.count(waits.format(second)) == 2
    assert waits.format(third) in await read(leader, f"/findings/{first}")
    await pages.pool.execute("UPDATE finding SET unit = 'unit-3' WHERE number = $1", second)
    assert "Nächster Befund" not in await read(head, f"/findings/{first}")


async def test_leadership_settles_what_the_unit_has_replied_to(
    pages: Workbench, head: Browser, leader: Browser
) -> None:
    number = await raised(pages)
    assert "Ihre Entscheidung" not in await read(leader, f"/findings/{number}")
    await sends(head, f"/findings/{number}/reply", step="agree")
    assert "Einen Befund können Sie jetzt abschließen." in await read(leader, "/findings")
    assert "Bleibt es bei dem Befund?" in await read(leader, f"/findings/{number}")
    await sends(leader, f"/findings/{number}/settle", step="uphold", based_on="2")
    assert await states(pages) == ["upheld"]
    page = await read(head, f"/findings/{number}")
    assert "Bestätigt" in page
    assert "Stimmen Sie zu?" not in page


async def test_silence_is_shown_as_silence(
    pages: Workbench, head: Browser, leader: Browser
) -> None:
    number = await raised(pages)
    await late(pages)
    assert "Bei einem davon ist die Frist abgelaufen" in await read(head, "/findings")
    page = await read(leader, f"/findings/{number}")
    assert "Keine Antwort des Sachgebiets" in page
    assert "Bleibt es bei dem Befund?" in page
    assert f"/findings/{number}" in await read(leader, "/findings", state="silent")
    assert f"/findings/{number}" not in await read(leader, "/findings", state="raised")


@pytest.mark.parametrize(
    ("form", "status", "said"),
    [
        ({"step": "disagree"}, 422, "Bitte geben Sie Gründe an."),
        ({"step": "put_right", "text": "neu"}, 422, "an dem es bereinigt wurde"),
        ({"step": "put_right", "day": "2999-01-01"}, 422, "an dem es bereinigt wurde"),
        ({"step": "put_right", "day": "2020-01-01"}, 422, "nicht vor dem Tag der Entscheidung"),
        ({"step": "agree", "text": "Herr Yilmaz war da"}, 422, "<mark>Herr Yilmaz</mark>"),
        ({"step": "disagree", "text": "<b>nein</b>", "based_on": "7"}, 409, "<b>nein</b>"),
        ({"step": "uphold"}, 409, "Inzwischen hat sich etwas geändert"),
        ({"step": "nonsense"}, 422, ""),
        ({"step": "agree", "text": "x" * 4001}, 422, ""),
    ],
)
async def test_an_unfit_reply_is_told_and_changes_nothing(
    pages: Workbench, head: Browser, form: dict[str, str], status: int, said: str
) -> None:
    number = await raised(pages)
    answer = await head.post(f"/findings/{number}/reply", {"based_on": "1", "day": ""} | form)
    assert answer.status_code == status
    assert said in html.unescape(answer.text)
    assert "<b>nein" not in answer.text
    assert "hreflang" not in answer.text, "a link would lose what was typed"
    assert await states(pages) == ["raised"]


async def test_who_says_that_it_is_no_name_is_believed(pages: Workbench, head: Browser) -> None:
    number = await raised(pages)
    form = {"step": "agree", "text": "Herr Landgericht", "confirmed": "true"}
    await sends(head, f"/findings/{number}/reply", 303, **form)
    assert await states(pages) == ["agreed"]


async def test_another_units_finding_is_refused_and_that_is_written_down(pages: Workbench) -> None:
    number = await raised(pages)
    stranger = pages.browser()
    await stranger.sign_in("stranger")
    account = await account_of(pages, "stranger")
    stranger.csrf = await pages.pool.fetchval(
        "SELECT encode(csrf, 'hex') FROM session WHERE account = $1", account
    )
    assert f"/findings/{number}" not in await read(stranger, "/findings", state="all")
    assert f"/findings/{number}" not in await read(stranger, "/findings", unit="unit-2")
    assert (await stranger.get("/findings/list.csv", unit="unit-2")).text.count("\n") == 1
    await read(stranger, f"/findings/{number}", 404)
    await sends(stranger, f"/findings/{number}/reply", 404, step="agree")
    assert await pages.refused(account) == [
        f"GET /findings/{number}", f"POST /findings/{number}/reply"
    ]  # fmt: skip
    assert await states(pages) == ["raised"]


async def test_nobody_but_leadership_settles_and_nobody_but_the_unit_replies(
    pages: Workbench,
) -> None:
    number = await raised(pages)
    for role in READERS:
        who = await pages.signed_in(role)
        await read(who, f"/findings/{number}")
        if role is not Role.LEADERSHIP:
            await sends(who, f"/findings/{number}/settle", 403, step="uphold")
        if role is not Role.UNIT_HEAD:
            await sends(who, f"/findings/{number}/reply", 403, step="agree")
    assert await states(pages) == ["raised"]


async def everything(who: Browser, numbers: int) -> str:
    """All that somebody can learn of findings, by page, list, search and file."""
    shown = [await read(who, "/findings", state=state) for state in ("open", "all", "raised")]
    shown += [(await who.get("/findings/list.csv", state="all")).text]
    shown += [(await who.get(f"/findings/{one}")).text for one in range(1, numbers + 1)]
    shown += [(await who.get("/appeals/list.csv")).text]
    return html.unescape("".join(shown))


@pytest.mark.parametrize("role", READERS)
async def test_nothing_of_a_first_review_shows_before_the_second_has_signed(
    pages: Workbench, role: Role
) -> None:
    await reviewed(pages)
    who = await pages.signed_in(role)
    if role is Role.UNIT_HEAD or role is Role.LEADERSHIP:
        assert "0 Befunde" in await read(who, "/findings")
    assert not await pages.pool.fetchval("SELECT true FROM finding")
    page = (await who.get("/findings", state="all")).text
    assert FOUND not in page
    assert "Dazu passt nichts." in page
    assert (await who.get("/findings/list.csv", state="all")).text.count("\n") == 1


@pytest.mark.parametrize("role", READERS)
async def test_what_one_found_is_hidden_from_who_reviews_it_anew(
    pages: Workbench, role: Role
) -> None:
    """A second review may be asked for when the first is signed: by the draw at a period's end."""
    number = await raised(pages)
    await pages.pool.execute(
        "UPDATE review SET state = 'assigned', opened_at = now() WHERE round = 2"
    )
    who = await pages.signed_in(role)
    await read(who, f"/findings/{number}", 404)
    assert f"/findings/{number}" not in await read(who, "/findings", state="all")
    assert (await who.get("/findings/list.csv", state="all")).text.count("\n") == 1
    if role is Role.UNIT_HEAD:
        await sends(who, f"/findings/{number}/reply", 404, step="agree")


async def test_the_list_is_filtered_paged_and_written_out(
    pages: Workbench, leader: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = [await raised(pages, number) for number in (1, 2, 3)]
    monkeypatch.setattr("shared.postgres.paging.PAGE", 2)
    monkeypatch.setattr("shared.web.pages.spreadsheet.BATCH", 2)
    first = await read(leader, "/findings")
    assert [f'/findings/{one}"' in first for one in numbers] == [True, True, False]
    further = first.split('rel="next"', maxsplit=1)[0].rsplit('href="', 1)[1].split('"')[0]
    second = await read(leader, "/findings", 200, **dict(parse_qsl(urlsplit(further).query)))
    assert [f'/findings/{one}"' in second for one in numbers] == [False, False, True]
    for query, shown in (
        ({"norm": BY_CODE["M2"].citation}, True),
        ({"norm": "§ 28 VwVfG"}, False),
        ({"unit": "unit-2"}, True),
        ({"unit": "unit-1"}, False),
        ({"question": "M2", "type": "AufenthG-18g", "state": "all"}, True),
        ({"state": "upheld"}, False),
    ):
        assert (
            f'/findings/{numbers[0]}"' in await read(leader, "/findings", 200, **query)
        ) is shown
    found = await leader.get("/findings", q=str(numbers[2]))
    assert found.headers["location"] == f"/findings/{numbers[2]}"
    file = await leader.get("/findings/list.csv", unit="unit-2")
    assert file.headers["content-type"].startswith("text/csv")
    assert len(file.text.splitlines()) == 4
    acts = await pages.pool.fetch("SELECT act, object FROM audit ORDER BY number DESC LIMIT 1")
    assert tuple(acts[0]) == ("exported", "findings")


async def test_a_figure_about_few_decisions_is_not_told(pages: Workbench, leader: Browser) -> None:
    number = await raised(pages)
    assert "bei weniger als 7 weiteren" in await read(leader, f"/findings/{number}")
    await pages.pool.execute(
        "INSERT INTO decision SELECT (jsonb_populate_record(decision, jsonb_build_object("
        "'decision_id', decision_id || n))).* FROM decision, generate_series(1, 7) AS n"
    )
    await pages.pool.execute(
        "INSERT INTO finding (decision_id, question, norm, asked, severity, unit, type_code, state,"
        " raised_at, due) SELECT decision_id || n, question, norm, asked, severity, unit,"
        " type_code, state, raised_at, due FROM finding, generate_series(1, 7) AS n"
    )
    assert "bei 7 weiteren Entscheidungen" in await read(leader, f"/findings/{number}")


async def test_a_court_that_saw_it_otherwise_stands_beside_the_verdict(
    pages: Workbench, leader: Browser
) -> None:
    number = await raised(pages)
    decision = decision_id(1)
    court = CourtDecided(decision_id=decision, outcome=AppealOutcome.REVERSED)
    await apply(
        pages.pool,
        case_events(policy("1")),
        happened(1, 7, AppealLodged(decision_id=decision), 20),
        happened(1, 8, court, 90),
    )
    said = "Wir hielten sie für richtig, das Gericht hob sie auf."
    assert said in " ".join((await read(leader, f"/findings/{number}")).split())
    page = await read(leader, "/appeals")
    assert said in " ".join(page.split())
    assert "anders als wir" in await read(leader, "/appeals", seen="otherwise")
    file = (await leader.get("/appeals/list.csv")).text
    assert file.splitlines()[1].endswith("Gericht;aufgehoben;Richtig;anders als wir")
    await pages.pool.execute("UPDATE review SET state = 'in_review' WHERE round = 2")
    assert "Wir prüfen sie noch, das Gericht" in await read(leader, "/appeals")
    assert "Dazu passt nichts." in await read(leader, "/appeals", seen="otherwise")


async def test_where_nothing_is_the_pages_say_what_will_be(
    pages: Workbench, leader: Browser
) -> None:
    assert "Kein Befund ist offen." in await read(leader, "/findings")
    assert "Noch über keinen Widerspruch" in await read(leader, "/appeals")
    await read(leader, "/findings/4711", 404)
    await read(leader, f"/findings/{2**63}", 422)


async def test_reading_a_finding_is_written_down(pages: Workbench, leader: Browser) -> None:
    number = await raised(pages)
    await read(leader, f"/findings/{number}")
    [row] = await pages.pool.fetch("SELECT act, object FROM audit ORDER BY number DESC LIMIT 1")
    assert tuple(row) == ("case_read", decision_id(1))
