"""Anyone can see what a draw was promised to be, and check it: no login, no script."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import httpx
import pytest
from playwright.async_api import Page

from deploy.demo.promising import promise
from deploy.demo.time_stamps import Authority
from deploy.local.infrastructure import Addresses, Infrastructure
from deploy.local.loopback import PLAIN
from deploy.secrets.files import create_missing
from services.controlling.app import create_app
from services.controlling.chain.announcing import HeadAnnouncer
from services.controlling.periods.entering import enter_witness
from services.controlling.periods.opening import Opener, Periods
from services.controlling.periods.witness import Witness
from services.controlling.proof.export import export
from services.controlling.settings import Settings
from services.controlling.stamps.stamping import Stamper
from shared.events.vocabulary import WitnessRole
from shared.kafka.topics import apply_topics
from shared.observe.metrics import Loop
from shared.postgres.pool import Pool
from tests.browser.conftest import Site, Visitor, served
from tests.integration.controlling_helpers import (
    JUNE,
    MAY,
    ZONE,
    apply,
    case_events,
    chain,
    closer,
    controlling,
    decided,
    decision_id,
    empty,
    holding_of,
    policy,
)

pytestmark = pytest.mark.stack

OPEN, CLOSED = "2026-06", "2026-05"
FEW = "unit-4"


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """A stack of its own: the service mustn't read what other tests left on the topics."""
    with Infrastructure(tmp_path_factory.mktemp("stack"), environment={}) as addresses:
        yield addresses


@pytest.fixture(scope="module")
async def site(stack: Addresses, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Site]:
    """Controlling as it runs, with a closed period and one that has just opened."""
    secrets = tmp_path_factory.mktemp("secrets")
    create_missing(secrets)
    await apply_topics(stack.brokers)
    settings = Settings(
        database_url=stack.database_url,
        kafka_bootstrap_servers=stack.kafka_bootstrap_servers,
        secrets_directory=secrets,
    )
    async with (
        controlling(stack.database_url, secrets) as pool,
        served(create_app(settings)) as address,
    ):
        yield Site(pool, address)


@pytest.fixture
async def visitor(site: Site, stack: Addresses, page: Page) -> Visitor:
    """Looks at one closed period, of which one unit decided little, and an open one."""
    await empty(stack.database_url)
    numbers = [number for number in range(200) if number % 4 != 3 or number < 12]
    await apply(site.pool, case_events(policy("0.3")), *map(decided, numbers))
    with Authority().serving() as url:
        stamper = Stamper(site.pool, url, [], holding_of(site.pool, Loop.TIME_STAMPING))
        await stamper.stamp_due()
        await chain(site.pool)
        await HeadAnnouncer(
            site.pool, ZONE, holding_of(site.pool, Loop.REGISTER_HEADS)
        ).announce_due(MAY)
        await stamper.stamp_due()
    await closer(site.pool).close(CLOSED, JUNE)
    later = MAY + timedelta(days=40)
    await apply(site.pool, case_events(policy("0.3")), decided(500, later))
    return Visitor(page, site.address)


async def test_the_commitment_stands_there_from_the_first_decision_and_the_seed_does_not(
    visitor: Visitor, site: Site
) -> None:
    assert await visitor.opens(f"/draws/{OPEN}") == 200
    said = await visitor.reads()
    assert await commitment(site.pool, OPEN) in said
    assert "zu Ende, aber noch nicht abgeschlossen" in said
    assert "Fingerabdruck der Startzahl und der Regeln" in said
    assert "Startzahl genannt" not in said
    assert "Was gezogen wurde" not in said


async def test_a_closed_period_shows_seed_counts_and_time_stamp(
    visitor: Visitor, site: Site
) -> None:
    await visitor.opens(f"/draws/{CLOSED}")
    said = await visitor.reads()
    seed = await site.pool.fetchval(
        "SELECT closing::jsonb ->> 'seed' FROM period WHERE closed_at IS NOT NULL"
    )
    assert seed in said
    assert "Erwerbstätigkeit" in said
    assert "Test TSA" in said
    assert await visitor.page.inner_text("#promise") == (
        "Nein. Der Zeitraum lief schon. Darum beweist dieses Los weniger."
    )
    assert "Das war vor dem Ende der Nachfrist." in said
    rows = await visitor.table()
    assert rows[-1][0] == "Alle"
    assert int(rows[-1][1]) == await site.pool.fetchval(
        "SELECT count(*) FROM decision WHERE period = $1", CLOSED
    )
    assert int(rows[-1][2]) == await site.pool.fetchval(
        "SELECT count(*) FROM decision WHERE period = $1 AND drawn", CLOSED
    )


async def test_how_far_the_register_had_come_is_shown_as_verifiers_take_it(
    visitor: Visitor, site: Site
) -> None:
    head = await site.pool.fetchrow("SELECT * FROM register_head WHERE period = $1", CLOSED)
    assert head is not None
    await visitor.opens(f"/draws/{CLOSED}")
    line = await visitor.page.inner_text("#heads code")
    assert line == f"{head['day']}:{head['entries']}:{head['hash'].hex()}"
    assert "Wie weit das Verzeichnis war" in await visitor.reads()
    assert "mit Zeitstempel vom 1. Mai 2026" in await visitor.reads()
    stamp = await visitor.page.get_attribute("#heads a", "href")
    assert stamp == f"/draws/{CLOSED}/heads/{head['day']}.tsr"
    await visitor.opens(f"/draws/{OPEN}")
    assert await visitor.page.query_selector("#heads") is None


async def test_a_period_to_come_says_until_when_it_can_be_witnessed_and_then_what_was_thrown(
    visitor: Visitor, site: Site
) -> None:
    now = datetime.now(UTC)
    periods = Periods(bytes(32), policy("0.3"))
    holding = holding_of(site.pool, Loop.PERIOD_OPENER)
    await Opener(site.pool, periods, timedelta(days=62), holding).open_due(now)
    coming = await site.pool.fetchval("SELECT key FROM period ORDER BY last_day DESC LIMIT 1")
    await visitor.opens("/draws")
    assert {row[0]: row[1] for row in await visitor.table()}[coming].startswith("beginnt am 1. ")
    await visitor.opens(f"/draws/{coming}")
    assert "Dieser Zeitraum beginnt erst am 1. " in await visitor.reads()
    assert "Noch nicht. Möglich ist es bis" in await visitor.page.inner_text("#witness")
    watched = (WitnessRole.STAFF_COUNCIL, WitnessRole.AUDITOR)
    thrown = Witness("35126416235152364423", watched, now)
    await enter_witness(site.pool, coming, thrown, unstamped=True)
    await visitor.opens(f"/draws/{coming}?language=de")  # the browser keeps the other one a while
    said = await visitor.page.inner_text("#witness")
    assert "35126416235152364423" in said
    assert "Dabei waren: Personalrat, Rechnungsprüfung" in said
    assert await visitor.barriers() == []


async def test_a_period_that_nobody_witnessed_says_so(visitor: Visitor) -> None:
    await visitor.opens(f"/draws/{CLOSED}")
    said = await visitor.page.inner_text("#witness")
    assert said.startswith("Nein. Die Startzahl kommt nur von unserem Rechner.")


async def test_a_page_with_invented_times_begins_by_saying_so(visitor: Visitor, site: Site) -> None:
    key = bytes(32)
    await promise(site.pool, key, policy("0.3"), date(2026, 1, 5), date(2026, 1, 20))
    await visitor.opens("/draws/2026-01")
    assert "Diese Behörde ist erfunden" in await visitor.page.inner_text("#simulated")
    assert "Die Zeiten hier beweisen nichts." in await visitor.page.inner_text("#promise")
    assert await visitor.barriers() == []
    await visitor.opens("/draws")
    assert "erfunden" in {row[0]: row[1] for row in await visitor.table()}["2026-01"]


async def test_the_command_on_the_page_gives_the_commitment(visitor: Visitor, site: Site) -> None:
    await visitor.opens(f"/draws/{CLOSED}")
    command = await visitor.page.inner_text("#check")
    process = await asyncio.create_subprocess_shell(command, stdout=asyncio.subprocess.PIPE)
    printed, _ = await process.communicate()
    assert printed.decode().strip() == await commitment(site.pool, CLOSED)


async def test_the_file_of_the_period_is_confirmed_by_the_page_that_checks(
    visitor: Visitor, site: Site, tmp_path: Path
) -> None:
    file = tmp_path / "draw.jsonl"
    await export(site.pool, CLOSED, file, bytes(32), ZoneInfo("Europe/Berlin"))
    await visitor.opens("/draws/verify")
    await visitor.page.set_input_files("#file", file)
    await visitor.page.wait_for_selector("#answer:not([hidden])")
    assert "Die Ziehung ist bestätigt" in await visitor.reads()


async def test_a_number_about_fewer_than_seven_decisions_is_hidden_and_cannot_be_computed(
    visitor: Visitor, site: Site
) -> None:
    few = await site.pool.fetch(
        "SELECT count(*) FROM decision WHERE period = $1 GROUP BY stratum HAVING count(*) < 7",
        CLOSED,
    )
    await visitor.opens(f"/draws/{CLOSED}")
    *strata, total = await visitor.table()
    hidden = [row for row in strata if row[-1] == "nicht gezeigt"]
    shown = [row for row in strata if row not in hidden]
    assert "Gab es in einer Zeile weniger als 7 Entscheidungen" in await visitor.reads()
    assert few
    assert len(hidden) == len(few) + 1
    assert all(int(row[-2]) >= 7 for row in shown)
    assert int(total[1]) - sum(int(row[-2]) for row in shown) >= 7


async def test_the_list_leads_to_every_period_the_newest_first(
    visitor: Visitor, site: Site
) -> None:
    await visitor.opens("/draws")
    rows = await visitor.table()
    assert [row[0] for row in rows] == [OPEN, CLOSED]
    assert [row[-1] for row in rows] == [await commitment(site.pool, one) for one in (OPEN, CLOSED)]
    states = [row[1].split("\n") for row in rows]
    lacks = ["verspätet festgelegt", "ohne Zeugen"]
    assert states == [
        ["zu Ende, noch nicht abgeschlossen", *lacks],
        ["abgeschlossen", "Das war vor dem Ende der Nachfrist.", *lacks],
    ]
    await visitor.page.click(f"text={CLOSED}")
    assert visitor.page.url.endswith(f"/draws/{CLOSED}?language=de")


async def test_pages_are_german_for_everybody_and_english_for_who_asks(visitor: Visitor) -> None:
    await visitor.opens(f"/draws/{CLOSED}")
    assert "Fingerabdruck der Startzahl" in await visitor.reads()
    await visitor.page.click("text=English")
    assert "Commitment to the seed" in await visitor.reads()
    assert await visitor.page.get_attribute("html", "lang") == "en"
    await visitor.page.click("text=All periods")
    assert "Chance decides what we check" in await visitor.reads()


@pytest.mark.parametrize(
    "path", ["/draws", f"/draws/{CLOSED}", f"/draws/{OPEN}", "/draws/never", "/draws/verify"]
)
@pytest.mark.parametrize("language", ["de", "en"])
async def test_no_page_has_a_barrier(
    visitor: Visitor, pictures: Path, path: str, language: str
) -> None:
    await visitor.opens(f"{path}?language={language}")
    name = f"{path.strip('/').replace('/', '-')}-{language}"
    await visitor.page.screenshot(path=pictures / f"{name}.png", full_page=True)
    assert await visitor.barriers() == []
    # WCAG 2.2, 1.4.10: nothing is lost at 320 pixels, and text is read without scrolling sideways.
    await visitor.page.set_viewport_size({"width": 320, "height": 640})
    await visitor.page.screenshot(path=pictures / f"{name}-narrow.png", full_page=True)
    wide = await visitor.page.evaluate("document.documentElement.scrollWidth")
    assert wide == 320


async def test_the_keyboard_reaches_the_content_first_and_sees_where_it_is(
    visitor: Visitor,
) -> None:
    await visitor.opens("/draws")
    await visitor.page.keyboard.press("Tab")
    assert await visitor.page.inner_text(":focus") == "Zum Inhalt springen"
    assert await visitor.page.evaluate("document.activeElement.getBoundingClientRect().left") >= 0
    await visitor.page.keyboard.press("Enter")
    assert await visitor.page.evaluate("document.activeElement.id") == "main"


async def test_who_asks_for_what_is_not_there_is_told_in_words(visitor: Visitor) -> None:
    assert await visitor.opens("/draws/1999-01") == 404
    assert "Diese Seite gibt es nicht" in await visitor.reads()
    assert await visitor.opens("/draws?language=tlh") == 422
    assert "Diese Adresse ist falsch" in await visitor.reads()
    assert await visitor.opens("/draws/%3Cb%3E1?language=en") == 404
    assert "There is no such page" in await visitor.reads()


async def test_pages_run_no_script_load_nothing_from_elsewhere_and_nobody_frames_them(
    visitor: Visitor,
) -> None:
    async with httpx.AsyncClient(base_url=visitor.address, verify=PLAIN) as client:
        answer = await client.get("/draws")
    rules = answer.headers["content-security-policy"]
    assert "default-src 'none'" in rules
    assert "script" not in rules
    assert "frame-ancestors 'none'" in rules
    assert "<script" not in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/draws/"])
async def test_whoever_knows_the_address_alone_is_led_to_the_draws(
    visitor: Visitor, path: str
) -> None:
    async with httpx.AsyncClient(base_url=visitor.address, verify=PLAIN) as client:
        answer = await client.get(path)
        assert answer.headers["location"] == "/draws", "the path alone, whatever the host is called"
        assert (await client.get(path, follow_redirects=True)).is_success
        head = await client.head("/draws")
    assert (head.status_code, head.content) == (200, b"")


async def test_under_a_name_that_nobody_gave_it_there_are_no_pages(visitor: Visitor) -> None:
    elsewhere = {"host": "elsewhere.example"}
    async with httpx.AsyncClient(base_url=visitor.address, verify=PLAIN) as client:
        answer = await client.get("/draws", headers=elsewhere)
        assert (await client.get("/livez", headers=elsewhere)).is_success
    assert answer.status_code == 421
    assert "elsewhere" not in answer.text


async def commitment(pool: Pool, period: str) -> str:
    found: str = await pool.fetchval("SELECT commitment FROM period WHERE key = $1", period)
    return found


async def test_a_period_from_which_decisions_are_gone_says_so(visitor: Visitor, site: Site) -> None:
    await visitor.opens(f"/draws/{CLOSED}")
    assert "sind weg" not in await visitor.reads()
    await site.pool.execute(
        "INSERT INTO register_gap VALUES ($1, 1, $2, 'ops-7', 'disk', now())", OPEN, decision_id(9)
    )
    await visitor.opens(f"/draws/{OPEN}")
    assert "Entscheidungen, die registriert waren, sind weg" in await visitor.reads()
    assert await visitor.barriers() == []
