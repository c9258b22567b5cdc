"""`make bench-web`: what the workbench's pages cost with years of reviews behind them.

Two databases on one server, one almost empty, one with a million decisions and fifty thousand
reviews. Each has its own workbench process; their pages are asked for in turn, so that what else
the machine does meets both. Statements and how long each took are PostgreSQL's own log. Then the
pages of the large one are asked for once more while our consumer works on a full topic beside them.
"""

import argparse
import asyncio
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import asyncpg
import httpx
from rich.console import Console

from deploy.local.folder import Folder
from deploy.local.infrastructure import Infrastructure
from deploy.local.ports import allot
from deploy.serve import GIVES_WAY
from services.controlling.forms import store as catalogues
from services.controlling.forms.catalogue import Criteria
from services.controlling.policy.file import load_policy
from services.controlling.reviews.verdict import VERDICTS
from shared.configuration.places import ROOT
from shared.console import screen
from shared.events.catalogue.review import ReviewPeriodClosed, StratumCount
from shared.law.decision_types import DecisionTypes
from shared.postgres.queries import load
from shared.web.sign_in.local import hash_password
from tests.bench.contestants import POLICY
from tests.bench.history import DECISIONS, fill
from tests.bench.stack import HOME, Bench, start, until_ready

QUERIES = load(__file__)
RESULT = HOME / "web.json"
SIZES = {"small": 2_000, "large": 1_000_000}
ROUNDS, FEWEST = 40, 10
EVENTS = 500_000
"""So many are there for the consumer."""
RATIO, BUSY_RATIO, LONGEST_MS, STATEMENT_MS = 2.0, 3.0, 150.0, 50.0
PASSWORD = "correct horse"
PAST = (
    *("findings", "measures", "second_reviews", "rulings"),
    *("articles", "waiting_cases", "log"),
)
_STATEMENT = re.compile(r"duration: ([\d.]+) ms  execute")
console = Console()


@dataclass(frozen=True)
class Visit:
    """A page, and who looks at it."""

    login: str
    path: str


@dataclass
class Site:
    """One workbench with its database.

    Attributes:
        bench: The database.
        log: Where PostgreSQL writes.
        address: Where the pages are.
        visits: What is looked at, by what it is called.
    """

    bench: Bench
    log: Path
    address: str
    visits: Mapping[str, Visit]


def main() -> None:
    """Fill, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    rounds: int = parser.parse_args().rounds
    folder = HOME / "web"
    shutil.rmtree(folder, ignore_errors=True)
    with Infrastructure(folder, environment={}) as addresses:
        base = Bench(addresses, folder / "secrets", EVENTS, {})
        base.prepare()
        benches = {name: base.in_database(f"web_{name}") for name in SIZES}
        for name, bench in benches.items():
            asyncio.run(_fill(bench, SIZES[name]))
        log = Folder(folder).log("postgres")
        with _served(benches["small"], log) as small, _served(benches["large"], log) as large:
            found, consumed = asyncio.run(_measure({"small": small, "large": large}, rounds))
    shutil.rmtree(folder)
    result = {"pages": found, "events_per_second_beside_pages": consumed}
    RESULT.write_text(json.dumps(result, indent=2) + "\n")
    _tell(found)
    console.print(f"the consumer beside them: {consumed:,.0f} events a second")


async def _fill(bench: Bench, decisions: int) -> None:
    """Put a past into a database, and people who look at it."""
    url = bench.addresses.database_url
    await fill(url, DECISIONS, decisions, console.print)
    criteria, policy = Criteria.load(DecisionTypes.load()), load_policy(POLICY)
    owner = await asyncpg.connect(url, server_settings={"search_path": "controlling"})
    await owner.execute(QUERIES["accounts"], hash_password(PASSWORD))
    strata = await owner.fetch(QUERIES["strata"])
    for period, rows in groupby(strata, key=lambda row: row["period"]):
        counts = tuple(
            StratumCount(stratum=row["stratum"], size=row["size"], drawn=row["drawn"])
            for row in rows
        )
        closing = ReviewPeriodClosed(period=period, seed="0" * 64, strata=counts)
        text = (policy.model_dump_json(by_alias=True), closing.model_dump_json())
        await owner.execute(QUERIES["closed"], period, *text, policy.version)
    await catalogues.keep(owner, criteria)
    codes = [one.code for one in criteria.criteria]
    form = (criteria.version, criteria.digest, len(codes) + len(VERDICTS))
    for name in ("reviews", "open_reviews"):
        await owner.execute(QUERIES[name], *form)
    await owner.execute(QUERIES["answers"], codes, list(VERDICTS))
    for name in PAST:
        console.print(f"a past of {decisions:,}: {name}")
        await owner.execute(QUERIES[name])
    await owner.execute("VACUUM (ANALYZE)")
    await owner.execute("ALTER ROLE gleichfall_workbench SET log_min_duration_statement = 0")
    await owner.close()


@contextmanager
def _served(bench: Bench, log: Path) -> Iterator[Site]:
    """Run the pages as they run in operation."""
    name = bench.addresses.database_url.rpartition("/")[2]
    port = str(allot(HOME / "ports.json", [name], {})[name])
    environment = os.environ | {
        "DATABASE_URL": bench.addresses.database_url,
        "GLEICHFALL_SECRETS_DIR": str(bench.secrets),
    }
    command = ["-m", "deploy.command_line", "serve", "workbench", "--port", port]
    with (
        (HOME / f"{name}.log").open("wb") as told,
        subprocess.Popen(
            [sys.executable, *command], cwd=ROOT, env=environment, stdout=told
        ) as process,
    ):
        try:
            visits = asyncio.run(_visits(bench))
            yield Site(bench, log, f"http://127.0.0.1:{port}", visits)
        finally:
            process.terminate()


async def _visits(bench: Bench) -> Mapping[str, Visit]:
    owner = await asyncpg.connect(
        bench.addresses.database_url, server_settings={"search_path": "controlling"}
    )
    [places] = await owner.fetch(QUERIES["places"])
    await owner.close()
    leader, unit = "leadership-1", "unit_head"
    return {
        "my reviews": Visit(leader, "/reviews"),
        "signed reviews": Visit(leader, "/reviews/signed"),
        "a review": Visit(leader, f"/reviews/{places['review']}/form"),
        "a declaration": Visit(leader, f"/reviews/{places['declared']}"),
        "a comparison": Visit(places["comparing"], f"/reviews/{places['compared']}/comparison"),
        "board": Visit("controlling", "/board"),
        "findings of a unit": Visit(unit, "/findings"),
        "findings": Visit(leader, "/findings"),
        "a finding": Visit(leader, f"/findings/{places['finding']}"),
        "appeals": Visit(leader, "/appeals"),
        "measures": Visit(leader, "/measures"),
        "a measure": Visit(leader, f"/measures/{places['measure']}"),
        "guidance": Visit(leader, "/guidance"),
        "an article": Visit(leader, "/guidance/artikel-7"),
        "results": Visit(leader, "/results"),
        "today": Visit(leader, "/today"),
        "process": Visit(leader, "/process"),
        "clocks": Visit(leader, "/clocks"),
        "audit log": Visit("auditor", "/audit"),
        "accounts": Visit("admin", "/accounts"),
    }


async def _measure(
    sites: Mapping[str, Site], rounds: int
) -> tuple[dict[str, dict[str, float]], float]:
    """Look at every page of both sites, once more for its statements, and beside the consumer."""
    clients = {name: await _signed_in(site) for name, site in sites.items()}
    pages = sites["small"].visits
    took = await _rounds(sites, clients, rounds)
    found: dict[str, dict[str, float]] = {}
    for page in pages:
        found[page] = {}
        for name, site in sites.items():
            before = site.log.stat().st_size
            await _look(clients[name], site.visits[page])
            durations = _statements(site.log, before)
            found[page] |= _figures(name, took[page, name]) | {
                f"{name}_statements": len(durations),
                f"{name}_longest_statement_ms": max(durations, default=0.0),
            }
    large = sites["large"]
    async with _consuming(large.bench) as consumer:
        took = await _rounds({"large": large}, clients, rounds, consumer.works)
        consumed = await consumer.events_per_second()
    for page in pages:
        found[page] |= _figures("busy", took[page, "large"])
    return found, consumed


async def _rounds(
    sites: Mapping[str, Site],
    clients: Mapping[str, Mapping[str, httpx.AsyncClient]],
    rounds: int,
    going: Callable[[], bool] = lambda: True,
) -> Mapping[tuple[str, str], Sequence[float]]:
    """Look at every page of all sites in turn; give the milliseconds of each look."""
    pages = next(iter(sites.values())).visits
    took: dict[tuple[str, str], list[float]] = defaultdict(list)
    with screen.progress() as progress:
        task = progress.add_task("pages", total=(rounds + 2) * len(pages))
        for number in range(-2, rounds):
            looks: dict[tuple[str, str], float] = {}
            for page in pages:
                for name, site in sites.items():
                    looks[page, name] = await _look(clients[name], site.visits[page])
                progress.advance(task)
            if not going():
                if number < FEWEST:
                    sys.exit(f"the consumer was through before {FEWEST} rounds: raise EVENTS")
                break
            if number >= 0:  # the first fill caches
                for place, spent in looks.items():
                    took[place].append(spent)
    return took


def _figures(name: str, times: Sequence[float]) -> dict[str, float]:
    return {
        f"{name}_p50_ms": statistics.median(times),
        f"{name}_p95_ms": statistics.quantiles(times, n=20)[-1],
    }


class _Consumer:
    """Our consumer at work.

    Attributes:
        works: Whether it still has something to do.
    """

    def __init__(self, owner: asyncpg.Connection, works: Callable[[], bool]) -> None:
        self._owner = owner
        self.works = works
        self._began, self._registered = 0.0, 0

    async def begins(self) -> None:
        """Wait until it registers decisions."""
        before = self._registered = await self._decisions()
        while self._registered == before:
            await asyncio.sleep(0.2)
            self._registered, self._began = await self._decisions(), time.perf_counter()

    async def events_per_second(self) -> float:
        """Tell how fast it was since it began."""
        done = await self._decisions() - self._registered
        return done / (time.perf_counter() - self._began)

    async def _decisions(self) -> int:
        return int(await self._owner.fetchval(QUERIES["registered"]))


@asynccontextmanager
async def _consuming(bench: Bench) -> AsyncIterator[_Consumer]:
    """Fill the topic and let our consumer work on it, as fast as it can."""
    console.print(f"{bench.events:,} events for the consumer")
    await bench.fill_topic()
    owner = await asyncpg.connect(bench.addresses.database_url)
    with start("controlling", bench.race("beside", bench.events)) as process:
        os.setpriority(os.PRIO_PROCESS, process.pid, GIVES_WAY["controlling"])
        try:
            consumer = _Consumer(owner, lambda: process.poll() is None)
            await consumer.begins()
            yield consumer
        finally:
            process.kill()
            await owner.close()


async def _signed_in(site: Site) -> Mapping[str, httpx.AsyncClient]:
    """Sign everybody in who looks at a page."""
    clients = {}
    for login in {visit.login for visit in site.visits.values()}:
        client = httpx.AsyncClient(base_url=site.address, timeout=300, trust_env=False)
        await until_ready(client)
        form = {"login": login, "password": PASSWORD}
        answer = await client.post("/sign-in", data=form, headers={"Sec-Fetch-Site": "same-origin"})
        if answer.status_code != httpx.codes.SEE_OTHER:
            sys.exit(f"{login} can't sign in: {answer.status_code}")
        clients[login] = client
    return clients


async def _look(clients: Mapping[str, httpx.AsyncClient], visit: Visit) -> float:
    """Give the milliseconds that a page takes."""
    began = time.perf_counter()
    answer = await clients[visit.login].get(visit.path)
    spent = (time.perf_counter() - began) * 1000
    if not answer.is_success:
        sys.exit(f"{visit.path} answered {answer.status_code} to {visit.login}")
    return spent


def _statements(log: Path, since: int) -> Sequence[float]:
    """Give how long each statement took that was logged since."""
    with log.open("rb") as file:
        file.seek(since)
        text = file.read().decode(errors="replace")
    return [float(found[1]) for found in _STATEMENT.finditer(text)]


def _tell(found: Mapping[str, Mapping[str, float]]) -> None:
    table = screen.table(
        "page",
        numbers=(
            "p50 ms",
            "p95 ms",
            "per almost empty",
            "statements",
            "longest ms",
            "beside the consumer",
            "per almost empty",
            "missed",
        ),
    )
    for page, figures in found.items():
        ratio = figures["large_p95_ms"] / figures["small_p95_ms"]
        busy = figures["busy_p95_ms"] / figures["small_p95_ms"]
        missed = [
            word
            for word, met in {
                "ratio": ratio <= RATIO,
                "p95": figures["large_p95_ms"] < LONGEST_MS,
                "constant": figures["large_statements"] <= figures["small_statements"],
                "statement": figures["large_longest_statement_ms"] <= STATEMENT_MS,
                "beside": busy <= BUSY_RATIO,
            }.items()
            if not met
        ]
        screen.add(
            table,
            page,
            f"{figures['large_p50_ms']:.0f}",
            f"{figures['large_p95_ms']:.0f}",
            f"{ratio:.2f}",
            f"{figures['large_statements']:.0f} ({figures['small_statements']:.0f})",
            f"{figures['large_longest_statement_ms']:.1f}",
            f"{figures['busy_p95_ms']:.0f}",
            f"{busy:.2f}",
            ", ".join(missed) or "-",
        )
    screen.show(table)


if __name__ == "__main__":
    main()
