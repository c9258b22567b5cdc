"""Every list of the workbench: searched, ordered, gone through page by page, taken as a file."""

import html
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import unquote_plus

import pytest

from deploy.demo.articles import write_articles
from deploy.local.infrastructure import Addresses
from services.controlling.accounts.account import Role
from services.controlling.accounts.store import ACCOUNTS
from services.controlling.appeals.store import RULINGS
from services.controlling.audit.entry import Act, Entry
from services.controlling.audit.store import LOG
from services.controlling.findings.store import FINDINGS
from services.controlling.guidance.store import ARTICLES
from services.controlling.measures.store import MEASURES
from services.controlling.reviews.board.store import BOARD
from services.controlling.reviews.mine.store import MINE
from services.controlling.reviews.signed.store import SIGNED
from shared.events.vocabulary import FileVerdict
from shared.postgres.paging import Listing
from shared.postgres.pool import Pool
from shared.web.pages.words import Language
from tests.integration.controlling_helpers import MAY, decision_id
from tests.integration.review_helpers import NOW, Desk, Person, by, desk_of
from tests.integration.test_reviews import TWICE
from tests.integration.workbench_helpers import Browser, Workbench, cells, workbench

pytestmark = pytest.mark.stack

LISTS: dict[str, tuple[Listing, Role, str]] = {
    "/reviews": (MINE, Role.LEADERSHIP, ""),
    "/reviews/signed": (SIGNED, Role.LEADERSHIP, ""),
    "/board": (BOARD, Role.CONTROLLING, ""),
    "/findings": (FINDINGS, Role.UNIT_HEAD, "state=all"),
    "/appeals": (RULINGS, Role.AUDITOR, ""),
    "/measures": (MEASURES, Role.UNIT_HEAD, "state=all"),
    "/guidance": (ARTICLES, Role.STAFF_COUNCIL, ""),
    "/audit": (LOG, Role.AUDITOR, "act=assigned"),
    "/accounts": (ACCOUNTS, Role.ADMIN, ""),
}
SORTS = [
    (path, f"{sign}{column}")
    for path, (listing, _, _) in LISTS.items()
    for column in listing.columns
    for sign in ("", "-")
]
SEVERITIES = "(ARRAY['minor_error', 'significant_error'])[1 + n % 2]"
STATES = "(ARRAY['raised', 'agreed', 'disagreed', 'upheld'])[1 + n % 4]"


@pytest.fixture(scope="module")
async def desk(stack: Addresses, secrets: Path, schema: Pool) -> AsyncIterator[Desk]:
    async with desk_of(stack.database_url, secrets, schema) as desk:
        yield desk


@pytest.fixture(scope="module")
async def pages(stack: Addresses, secrets: Path, desk: Desk) -> AsyncIterator[Workbench]:
    """Seven of everything, many of them alike in what they are ordered by."""
    async with workbench(stack.database_url, secrets, desk.controlling) as running:
        await desk.drawn(*(by(50, number) for number in range(7)), in_force=TWICE)
        await fill(desk, running)
        yield running


async def fill(desk: Desk, pages: Workbench) -> None:
    leader, head = (pages.accounts[role] for role in (Role.LEADERSHIP, Role.UNIT_HEAD))
    await desk.owner.execute(
        "UPDATE controlling.review SET account = $1, state = 'assigned' WHERE round = 1", leader
    )
    await desk.owner.execute("UPDATE controlling.account SET unit = 'unit-2' WHERE id = $1", head)
    await desk.owner.execute(
        "INSERT INTO controlling.finding (decision_id, question, norm, asked, severity, unit,"
        " type_code, state, raised_at, due)"
        " SELECT decision_id, 'V' || n, '§ 28 VwVfG',"
        """ '{"de": "Wurde angehört?", "en": "Heard?"}', """
        f"{SEVERITIES}, 'unit-' || 1 + n % 2, type_code, {STATES}, now(), date '2026-12-01' + n % 3"
        " FROM controlling.decision, generate_series(1, 2) AS n"
    )
    # Nobody reviews any more what was found there, so the findings may be shown.
    await desk.owner.execute("UPDATE controlling.finding SET raised_at = '2999-01-01'")
    await desk.owner.execute(
        "INSERT INTO controlling.measure (kind, title, owner, unit, question, due, state,"
        " agreed_at) SELECT (ARRAY['training', 'process'])[1 + n % 2], 'Üben ' || n, 'unit_head',"
        " CASE WHEN n % 2 = 0 THEN 'unit-2' END, 'V1', date '2026-12-01' + n % 3, 'agreed', now()"
        " FROM generate_series(1, 7) AS n"
    )
    await desk.owner.execute(
        "INSERT INTO controlling.case_event (case_ref, sequence, type, at, data)"
        " SELECT case_ref, 50, 'gleichfall.court.decided.v1', $1,"
        """ jsonb_build_object('decision_id', decision_id, 'outcome', 'reversed')"""
        " FROM controlling.decision",
        NOW,
    )
    later = range(10, 17)
    await desk.drawn(*(by(50, number, unit="unit-2") for number in later), in_force=TWICE)
    await desk.owner.execute(
        "UPDATE controlling.review SET account = CASE round WHEN 1 THEN $1::uuid ELSE $2::uuid END,"
        " state = 'signed', signed_at = $3::timestamptz"
        " + abs(hashtext(id::text)) % 3 * interval '1 hour' WHERE decision_id = ANY($4)",
        leader, head, NOW, [decision_id(number) for number in later],
    )  # fmt: skip
    await write_articles(desk.controlling, NOW)
    async with desk.change() as change:
        who = Person(pages.accounts[Role.STAFF_COUNCIL])
        change.note(*(Entry.by(who, Act.ASSIGNED, f"review:{n}") for n in range(7)))


async def opened(pages: Workbench, path: str) -> Browser:
    return await pages.signed_in(LISTS[path][1])


def lines(page: str) -> list[str]:
    """The rows of the list, which is the last table of its page."""
    body = page.rsplit('<tbody class="kern-table__body">', 1)[-1].split("</tbody>", maxsplit=1)[0]
    return [line.strip() for line in body.split('<tr class="kern-table__row">')[1:]]


async def whole(who: Browser, address: str) -> AsyncIterator[str]:
    """Give page after page, as somebody goes through them."""
    more: str | None = address
    while more is not None:
        answer = await who.client.get(more)
        assert answer.status_code == 200, answer.text
        yield answer.text
        further = re.search(r'href="([^"]+)"[^>]*rel="next"', answer.text)
        more = further and html.unescape(further[1])


def address(path: str, *fields: str) -> str:
    return f"{path}?{'&'.join(field for field in (LISTS[path][2], *fields) if field)}"


@pytest.mark.parametrize(("path", "sort"), SORTS)
async def test_every_order_goes_on_page_by_page_and_gives_each_line_once(
    pages: Workbench, monkeypatch: pytest.MonkeyPatch, path: str, sort: str
) -> None:
    who = await opened(pages, path)
    one = lines((await who.client.get(address(path, f"sort={sort}"))).text)
    assert len(one) >= 7
    other = sort[1:] if sort.startswith("-") else f"-{sort}"
    turned = lines((await who.client.get(address(path, f"sort={other}"))).text)
    assert turned == one[::-1]
    monkeypatch.setattr("shared.postgres.paging.PAGE", 2)
    found = [
        line async for page in whole(who, address(path, f"sort={sort}")) for line in lines(page)
    ]
    assert found == one


@pytest.mark.parametrize("path", LISTS)
async def test_the_file_holds_what_is_shown_in_the_order_in_which_it_is_shown(
    pages: Workbench, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr("shared.web.pages.spreadsheet.BATCH", 2)
    who = await opened(pages, path)
    column = LISTS[path][0].columns[0]
    files = [await file(who, path, f"sort={sign}{column}") for sign in ("", "-")]
    shown = lines((await who.client.get(address(path, f"sort={column}"))).text)
    assert len(files[0]) == len(shown)
    assert files[1] == files[0][::-1]
    assert await file(who, path, "q=gibt+es+nicht") == []
    written = await pages.pool.fetch("SELECT act FROM audit ORDER BY number DESC LIMIT 3")
    assert [row["act"] for row in written] == ["exported"] * 3


async def file(who: Browser, path: str, *fields: str) -> list[list[str]]:
    answer = await who.client.get(address(path, *fields).replace("?", "/list.csv?", 1))
    return cells(answer)[1:]


CODE = re.compile(r"[a-z]+(?:[._][a-z_]+)+|unit-\d+|random|raised")
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT")
OFFSETS = ("+01:00", "+02:00")


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("path", LISTS)
async def test_a_file_speaks_as_its_page_does(
    pages: Workbench, path: str, language: Language
) -> None:
    who = await opened(pages, path)
    await who.client.get(path, params={"language": language})
    answer = await who.client.get(address(path).replace("?", "/list.csv?", 1))
    heads, *rows = cells(answer, ";" if language is Language.GERMAN else ",")
    if path == "/accounts":
        rows = [row[1:] for row in rows]  # logins are no words
    words = [*heads, *(cell for row in rows for cell in row)]
    assert [one for one in words if CODE.fullmatch(one)] == []
    assert all(head[0].isupper() for head in heads)
    german = {"Sachgebiet", "Einheit", "Wo", "Titel", "Wann"} & set(heads)
    assert bool(german) is (language is Language.GERMAN)
    assert [one for one in words if MOMENT.match(one) and not one.endswith(OFFSETS)] == []
    await who.client.get(path, params={"language": Language.GERMAN})


@pytest.mark.parametrize(
    ("path", "text", "number"),
    [
        ("/reviews", "FACHKRÄFTE", 7),
        ("/reviews", "fachkrafte", 7),
        ("/reviews/signed", "FACHKRÄFTE", 7),
        ("/reviews/signed", "sachgebiet 2", 7),
        ("/board", "fachkräfte", 7),
        ("/board", "Maria Leadership", 7),
        ("/findings", "angehört", 7),
        ("/findings", "§ 28", 7),
        ("/appeals", "fachkräfte", 7),
        ("/measures", "uben 4", 1),
        ("/measures", "Schulung", 3),
        ("/guidance", "LEASE", 1),
        ("/accounts", "Personalrat", 1),
        ("/accounts", "maria admin", 1),
        ("/audit", "maria staff", 7),
        ("/audit", "review:3", 1),
        *((path, "gibt es nicht", 0) for path in LISTS),
        *((path, "%", 0) for path in LISTS),
        *((path, "'", 0) for path in LISTS if path != "/guidance"),
    ],
)
async def test_what_is_searched_for_is_what_the_list_says(
    pages: Workbench, path: str, text: str, number: int
) -> None:
    who = await opened(pages, path)
    page = (await who.get(path, q=text, **fields(path))).text
    shown = lines(page) if number else []
    assert len(shown) == number, page
    assert ("Dazu passt nichts." in page) is (number == 0)
    assert f'value="{html.escape(text)}"' in page.replace("&#39;", "&#x27;")


def fields(path: str) -> dict[str, str]:
    name, _, value = LISTS[path][2].partition("=")
    return {name: value} if name else {}


@pytest.mark.parametrize("path", LISTS)
async def test_what_no_list_has_is_refused_as_a_page(pages: Workbench, path: str) -> None:
    who = await opened(pages, path)
    for wrong in (
        {"sort": "x"}, {"sort": "sort.id"}, {"sort": "1;DROP TABLE review"}, {"after": "x"},
        {"after": '["\\u0000"]'}, {"after": "[null]"}, {"q": "\0"}, {"q": "x" * 101},
    ):  # fmt: skip
        for below in ("", "/list.csv"):
            answer = await who.client.get(f"{path}{below}", params=wrong)
            assert answer.status_code == 422, (wrong, answer.text)
            assert "Diese Adresse ist falsch" in answer.text


@pytest.mark.parametrize(
    ("path", "wrong"),
    [
        ("/audit", {"since": "2026-02-31"}),
        ("/audit", {"until": "1767225600"}),
        ("/audit", {"act": "nonsense"}),
        ("/audit", {"act": "<b>", "since": "gestern"}),
        ("/measures", {"kind": "nonsense"}),
        ("/measures", {"state": "nonsense"}),
        ("/board", {"state": "nonsense"}),
        ("/accounts", {"role": "nonsense"}),
    ],
)
async def test_a_filter_that_can_not_be_read_is_named_and_never_left_out(
    pages: Workbench, path: str, wrong: dict[str, str]
) -> None:
    who = await opened(pages, path)
    for below in ("", "/list.csv"):
        answer = await who.client.get(f"{path}{below}", params={"q": "befund", **wrong})
        assert answer.status_code == 422, answer.text
        assert "Das können wir nicht lesen:" in answer.text
        told = re.findall("<code>(.*?)</code>", answer.text)
        assert told == [html.escape(f"{name}={value}") for name, value in wrong.items()]


async def test_what_is_told_of_an_address_is_short_and_seen(pages: Workbench) -> None:
    who = await opened(pages, "/audit")
    answer = await who.client.get("/audit", params={"act": "\u202ea\0" + "x" * 500})
    assert f"<code>act=\ufffda\ufffd{'x' * 97}</code>" in answer.text


async def test_an_empty_filter_and_the_ends_of_the_calendar_leave_nothing_out(
    pages: Workbench,
) -> None:
    who = await opened(pages, "/audit")
    everything = lines((await who.client.get("/audit")).text)
    for asked in ("act=&since=&until=", "since=0001-01-01", "until=9999-12-31"):
        assert lines((await who.client.get(f"/audit?{asked}")).text) == everything
    assert "Dazu passt nichts." in (await who.client.get("/audit?since=9999-12-31")).text


@pytest.mark.parametrize("path", LISTS)
async def test_the_heads_are_links_that_say_how_the_list_is_ordered(
    pages: Workbench, path: str
) -> None:
    who = await opened(pages, path)
    listing = LISTS[path][0]
    column = listing.columns[-1]
    page = (await who.client.get(address(path, f"sort=-{column}", "q=a"))).text
    page = page if lines(page) else (await who.client.get(address(path, f"sort=-{column}"))).text
    assert page.count('aria-sort="descending"') == 1
    assert 'aria-sort="ascending"' not in page
    heads = [html.unescape(one) for one in re.findall(r'class="order" href="([^"]+)"', page)]
    assert {head.split("sort=")[1] for head in heads} == set(listing.columns)
    links = re.findall(r'class="order" href="[^"]+">([^<]+)<', page)
    assert f"{', '.join(links)}.</caption>" in page, "what is told unseen names these heads alone"
    for head in heads:
        assert (await who.client.get(head)).status_code == 200


async def test_neither_search_nor_order_tells_more_of_a_case_than_its_list_shows(
    pages: Workbench, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not which case it is nor its hour: by these one would know two reviews of one decision."""
    rows = await desk.owner.fetch("SELECT decision_id, case_ref FROM controlling.decision")
    hidden = {text for row in rows for text in row} | {MAY.strftime("T%H:%M"), "round", "priority"}
    monkeypatch.setattr("shared.postgres.paging.PAGE", 3)
    for path in ("/reviews", "/reviews/signed", "/board"):
        who = await opened(pages, path)
        for column in LISTS[path][0].columns:
            async for page in whole(who, address(path, f"sort={column}")):
                told = unquote_plus(page).replace(FileVerdict.WRONG_LEGAL_GROUND, "")
                assert [text for text in hidden if text in told] == []
            told = (await who.client.get(f"{path}/list.csv?sort={column}")).text
            assert [text for text in hidden if text in told] == []
        for text in hidden:
            found = (await who.get(path, q=text)).text
            assert "Dazu passt nichts." in found


@pytest.mark.parametrize("path", ["/reviews", "/reviews/signed"])
async def test_a_reviewer_finds_only_their_own_whatever_they_search(
    pages: Workbench, path: str
) -> None:
    leader = await pages.signed_in(Role.LEADERSHIP)
    for query in ({}, {"q": "fachkräfte"}, {"sort": "-unit"}, {"unit": "unit-1", "q": "1"}):
        page = (await leader.get(path, **query)).text
        ids = set(re.findall(r'href="/reviews/([0-9a-f-]{36})', page))
        others = await pages.pool.fetch("SELECT id FROM review WHERE round = 2")
        assert not ids & {str(row["id"]) for row in others}


async def test_a_units_head_finds_nothing_of_another_unit_by_search_order_or_file(
    pages: Workbench,
) -> None:
    head = await pages.signed_in(Role.UNIT_HEAD)
    own = await pages.pool.fetch("SELECT number FROM finding WHERE unit = 'unit-2'")
    numbers = {str(row["number"]) for row in own}
    for query in queries():
        for path in ("/findings", "/findings/list.csv"):
            found = (await head.client.get(path, params={"state": "all"} | query)).text
            shown = set(re.findall(r'href="/findings/(\d+)"', found))
            shown |= {line.split(";")[0] for line in found.splitlines() if ";V" in line}
            assert shown <= numbers
            assert "Sachgebiet 1" not in found


def queries() -> Iterator[dict[str, str]]:
    yield from ({"sort": sort} for sort in FINDINGS.columns)
    yield from ({"q": text} for text in ("angehört", "unit-1", "1"))
    yield {"unit": "unit-1"}
