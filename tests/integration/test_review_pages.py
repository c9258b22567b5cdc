"""The lists and the declaration as people use them, without script."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from deploy.local.infrastructure import Addresses
from services.controlling.accounts.account import Role
from services.controlling.audit.entry import Act, Entry
from tests.integration.controlling_helpers import decider, decision_id
from tests.integration.review_helpers import Desk, by
from tests.integration.workbench_helpers import Workbench, add, workbench

pytestmark = pytest.mark.stack


@pytest.fixture
async def pages(stack: Addresses, secrets: Path, desk: Desk) -> AsyncIterator[Workbench]:
    """The pages on a database in which three decisions wait."""
    async with workbench(stack.database_url, secrets, desk.controlling) as running:
        await desk.drawn(*(by(50, number, unit="unit-2") for number in range(3)))
        yield running


async def test_a_reviewer_begins_declares_and_gives_back(pages: Workbench, desk: Desk) -> None:
    leader = await pages.signed_in(Role.LEADERSHIP)
    assert "Sie haben keine offene Prüfung" in (await leader.get("/reviews")).text

    begun = await leader.post("/reviews/next")
    assert begun.status_code == 303
    assert (await leader.post("/reviews/next")).headers["location"] == begun.headers["location"]
    path = begun.headers["location"]
    asked = (await leader.get(path)).text
    assert "§§ 20 und 21 VwVfG" in asked
    for secret in [decision_id(number) for number in range(3)] + [decider(1), "durch Zufall"]:
        assert secret not in asked  # unit, type and date, no more

    assert (await leader.post(f"{path}/decline")).headers["location"].endswith("told=reason")
    opened = await leader.post(f"{path}/take")
    assert opened.headers["location"] == f"{path}/form"
    mine = (await leader.get("/reviews")).text
    assert "durch Zufall" in mine
    assert "geöffnet" in mine

    back = await leader.post(f"{path}/hand-back", {"reason": "Urlaub <b>"})
    assert back.headers["location"] == "/reviews?told=handed_back"
    assert (await leader.post(f"{path}/hand-back", {"reason": "noch einmal"})).status_code == 404
    acts = [act for act in await desk.acts() if act != "signed_in"]
    assert acts == ["assigned", "taken", "handed_back", "refused"]


async def test_who_declines_isnt_asked_again(pages: Workbench) -> None:
    leader = await pages.signed_in(Role.LEADERSHIP)
    seen = set()
    for _ in range(3):
        path = (await leader.post("/reviews/next")).headers["location"]
        seen.add(path)
        await leader.post(f"{path}/decline", {"reason": "verwandt"})
    assert len(seen) == 3
    assert (await leader.post("/reviews/next")).headers["location"].endswith("nothing_waits")


async def test_whoever_assigns_sees_what_waits_and_spreads_it(pages: Workbench) -> None:
    controller = await pages.signed_in(Role.CONTROLLING)
    before = (await controller.get("/board")).text
    assert "3 Prüfungen warten" in before
    [first, *_] = re.findall(r'name="review" value="([^"]+)"', before)
    to = str(pages.accounts[Role.LEADERSHIP])
    told = await controller.post("/board/assign", {"review": first, "to": to})
    assert "done=1&kept=0" in told.headers["location"]
    again = await controller.post("/board/assign", {"review": first, "to": to})
    assert "done=0&kept=1" in again.headers["location"]
    assert "stale=" not in again.headers["location"]
    another = str(await add(pages.pool, "another", Role.LEADERSHIP))
    late = await controller.post("/board/assign", {"review": first, "to": another})
    page = (await controller.client.get(late.headers["location"])).text
    assert "Inzwischen geändert" in page
    assert "jetzt bei Maria leadership" in page
    assert (
        "Eine davon ist nicht mehr offen"
        in (await controller.get("/board", told="assigned", stale=str(UUID(int=7)))).text
    )
    await pages.pool.execute("UPDATE account SET locked_at = now() WHERE id = $1", UUID(another))
    assert "done=2" in (await controller.post("/board/spread")).headers["location"]
    after = (await controller.get("/board", told="assigned", done="2")).text
    assert "0 Prüfungen warten" in after
    for path, form in (
        ("/board/assign", {"review": "x", "to": to}),
        ("/board/assign", {"review": first, "to": "x"}),
    ):
        assert (await controller.post(path, form)).status_code == 422
    nobody = await controller.post("/board/assign", {"review": first, "to": first.split(":")[0]})
    assert "told=nobody" in nobody.headers["location"]


async def test_a_review_rests_and_goes_on(pages: Workbench, desk: Desk) -> None:
    leader = await pages.signed_in(Role.LEADERSHIP)
    path = (await leader.post("/reviews/next")).headers["location"]
    soon = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    for form, told in (
        ({"reason": "Gericht"}, "day"),
        ({"reason": "Gericht", "until": "2020-01-01"}, "day"),
        ({"until": soon}, "reason"),
        ({"reason": "Gericht <b>", "until": soon}, "on_hold"),
    ):
        answer = await leader.post(f"{path}/hold", form)
        assert answer.headers["location"] == f"/reviews?told={told}"
    assert "Gericht &lt;b&gt;" in (await leader.get("/reviews", told="on_hold")).text

    controller = await pages.signed_in(Role.CONTROLLING)
    board = (await controller.get("/board")).text
    assert "zurückgestellt bis" in board
    assert board.count("Gericht &lt;b&gt;") == 1
    ticked = next(
        one for one in re.findall(r'name="review" value="([^"]+)"', board) if one[-1] != ":"
    )
    waiting = next(
        one for one in re.findall(r'name="review" value="([^"]+)"', board) if one[-1] == ":"
    )
    resumed = await controller.post("/board/resume", {"review": ticked})
    assert "told=resumed&done=1&kept=0" in resumed.headers["location"]
    rests = {"reason": "Umzug", "until": soon}
    assert (
        "done=1"
        in (await controller.post("/board/hold", {"review": ticked} | rests)).headers["location"]
    )
    assert (
        "done=0&kept=1"
        in (await controller.post("/board/hold", {"review": waiting} | rests)).headers["location"]
    )
    assert "told=nothing" in (await controller.post("/board/hold", rests)).headers["location"]
    assert (
        "told=day" in (await controller.post("/board/hold", {"review": ticked})).headers["location"]
    )
    assert (await leader.post(f"{path}/resume")).headers["location"] == "/reviews?told=resumed"
    assert [act for act in await desk.acts() if act != "signed_in"] == [
        "assigned", "put_on_hold", "resumed", "put_on_hold", "resumed",
    ]  # fmt: skip


async def test_what_looks_like_a_name_is_asked_about_before_it_is_kept_for_ever(
    pages: Workbench, desk: Desk
) -> None:
    leader = await pages.signed_in(Role.LEADERSHIP)
    controller = await pages.signed_in(Role.CONTROLLING)
    path = (await leader.post("/reviews/next")).headers["location"]
    held = f"{path.removeprefix('/reviews/')}:{pages.accounts[Role.LEADERSHIP]}"
    soon = (datetime.now(UTC) + timedelta(days=9)).date().isoformat()
    before = await desk.acts()
    said = {"reason": "verwandt mit Frau Yilmaz <b>"}
    for who, address, fields in (
        (controller, "/board/hold", {"review": held, "until": soon}),
        (leader, f"{path}/hold", {"until": soon}),
        (leader, f"{path}/hand-back", {}),
        (leader, f"{path}/decline", {}),
    ):
        for _ in range(2):
            asked = await who.post(address, said | fields, Referer="http://127.0.0.1/reviews?q=x")
            assert asked.status_code == 422
            assert "<mark>Frau Yilmaz</mark>" in asked.text
            assert f'action="{address}"' in asked.text
            assert 'href="/reviews?q=x"' in asked.text
            for name, value in fields.items():
                assert f'name="{name}" value="{value}"' in asked.text
            assert "Frau Yilmaz &lt;b&gt;</textarea>" in asked.text
    assert await desk.acts() == before
    told = await leader.post(f"{path}/decline", said | {"confirmed": "true"})
    assert told.headers["location"] == "/reviews?told=declined"


async def test_who_lets_a_review_rest_behind_its_last_day_is_told_that_day(
    pages: Workbench, desk: Desk
) -> None:
    leader = await pages.signed_in(Role.LEADERSHIP)
    controller = await pages.signed_in(Role.CONTROLLING)
    path = (await leader.post("/reviews/next")).headers["location"]
    review = path.removeprefix("/reviews/")
    today = datetime.now(UTC).date()
    for due, passes in ((today + timedelta(days=20), False), (today + timedelta(days=2), True)):
        await desk.owner.execute(
            "UPDATE controlling.review SET due = $2 WHERE id = $1::uuid", review, due
        )
        rests = {"reason": "Gericht", "until": (today + timedelta(days=9)).isoformat()}
        for who, address, fields in (
            (leader, f"{path}/hold", {}),
            (controller, "/board/hold", {"review": f"{review}:{pages.accounts[Role.LEADERSHIP]}"}),
        ):
            told = (await who.post(address, rests | fields)).headers["location"]
            assert told.endswith(f"&last={due}") is passes
            page = (await who.client.get(told)).text
            assert ("Vorher läuft eine Frist ab" in page) is passes


async def test_the_log_is_read_filtered_and_taken_as_a_table(pages: Workbench) -> None:
    leader = await pages.signed_in(Role.LEADERSHIP)
    path = (await leader.post("/reviews/next")).headers["location"]
    await leader.post(f"{path}/hand-back", {"reason": "=1+1"})
    auditor = await pages.signed_in(Role.AUDITOR)
    page = (await auditor.get("/audit")).text
    assert "Prüfung zugewiesen" in page
    assert "Maria leadership" in page
    narrow = await auditor.get("/audit", act="handed_back", since="2026-01-01", until="9999-12-31")
    assert narrow.status_code == 200
    assert "=1+1" in narrow.text
    assert "Dazu passt nichts." in (await auditor.get("/audit", q="review:x")).text
    table = await auditor.get("/audit/list.csv")
    assert table.headers["content-type"].startswith("text/csv")
    assert "Prüfung zurückgegeben" in table.text
    assert table.text.startswith("\ufeffNummer;Wann;Wer;Rolle;Handlung;Was;Näheres")
    assert re.search(r";20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\+0[12]:00;", table.text)
    assert (await auditor.get("/audit", after="0")).status_code == 422


async def test_the_log_tells_details_in_words_and_unknown_ones_as_they_are(
    pages: Workbench, desk: Desk
) -> None:
    async with desk.change() as change:
        change.note(Entry(None, None, Act.ANSWERED, "review:1", {"grade": "minor_error"}))
        change.note(Entry(None, None, Act.REFUSED, "x", {"why": "100 % <new>", "other": None}))
        change.note(Entry(None, None, Act.ABSENCE_ENTERED, "x", {"from": "2026-12-24"}))
    auditor = await pages.signed_in(Role.AUDITOR)
    page = (await auditor.get("/audit")).text
    assert "Anlass: Anmeldung" in page
    assert "Antwort: kleiner Fehler" in page
    assert "Ab: 24. Dezember 2026" in page
    assert "Anlass: 100 % &lt;new&gt;; other: \N{EN DASH}" in page
    english = (await auditor.get("/audit", language="en", act="answered")).text
    assert "Answer: minor error" in english


async def test_the_log_names_whose_account_is_concerned(pages: Workbench, desk: Desk) -> None:
    account = pages.accounts[Role.CONTROLLING]
    async with desk.change() as change:
        change.note(Entry(None, None, Act.ASSIGNED, "review:1", {"to": str(account)}))
        change.note(Entry(None, None, Act.ACCOUNT_LOCKED, f"account:{account}"))
        change.note(Entry(None, None, Act.ACCOUNT_LOCKED, "account:gone", {"to": None}))
    auditor = await pages.signed_in(Role.AUDITOR)
    page = (await auditor.get("/audit")).text
    assert page.count("betrifft Maria controlling") == 1
    assert "An: Maria controlling" in page


async def test_the_log_leads_to_what_the_reader_may_open_and_nowhere_else(
    pages: Workbench, desk: Desk
) -> None:
    async with desk.change() as change:
        for about in ("finding-7", "review:7f", "guidance:anhoerung", "board", "x <b>"):
            change.note(Entry(None, None, Act.EXPORTED, about))
    auditor = await pages.signed_in(Role.AUDITOR)
    council = await pages.signed_in(Role.STAFF_COUNCIL)
    shown = [(await who.get("/audit")).text for who in (auditor, council)]
    for page, opens in zip(shown, (True, False), strict=True):
        assert ('<a class="kern-link" href="/findings/7">Befund 7</a>' in page) is opens
        assert "Befund 7" in page
        assert "Prüfung 7f" in page
        assert 'href="/reviews' not in page
        assert 'href="/guidance/anhoerung">Artikel anhoerung</a>' in page
        assert "Liste: Verteilung" in page
        assert "x &lt;b&gt;" in page
    assert "Prüfung 7f" not in (await auditor.get("/audit", q="befund 7")).text
    assert "Befund 7" in (await auditor.get("/audit", q="befund 7")).text.split("<tbody")[1]


async def test_a_long_list_goes_on_on_the_next_page(pages: Workbench, desk: Desk) -> None:
    await desk.drawn(*(by(50, number) for number in range(10, 90)))
    controller = await pages.signed_in(Role.CONTROLLING)
    seen: list[str] = []
    address: str | None = "/board?state=waiting"
    while address is not None:
        page = (await controller.client.get(address)).text
        seen += re.findall(r'name="review" value="([^"]+)"', page)
        further = re.search(r'href="(/board[^"]+)"[^>]*rel="next"', page)
        address = further and further[1].replace("&amp;", "&")
    assert len(seen) == len(set(seen)) == 83
