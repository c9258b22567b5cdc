"""`make bench-web`: what the workbench's pages cost with years of reviews behind them.

Two databases on one server, one almost empty, one with a million decisions and fifty thousand
reviews. Each has its own workbench process; their pages are asked for in turn, so that what else
the machine does meets both. Statements and how long each took are PostgreSQL's own log.
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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import asyncpg
import httpx
from rich.console import Console

from deploy.local.folder import Folder
from deploy.local.infrastructure import Infrastructure
from deploy.local.ports import allot
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
from tests.bench.stack import HOME, Bench, until_ready

QUERIES = load(__file__)
RESULT = HOME / "web.json"
SIZES = {"small": 2_000, "large": 1_000_000}
ROUNDS = 40
RATIO, LONGEST_MS, STATEMENT_MS = 2.0, 150.0, 50.0
PASSWORD = "correct horse"
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
        base = Bench(addresses, folder / "secrets", 0, {})
        base.prepare()
        benches = {name: base.in_database(f"web_{name}") for name in SIZES}
        for name, bench in benches.items():
            asyncio.run(_fill(bench, SIZES[name]))
        log = Folder(folder).log("postgres")
        with _served(benches["small"], log) as small, _served(benches["large"], log) as large:
            found = asyncio.run(_measure({"small": small, "large": large}, rounds))
    shutil.rmtree(folder)
    RESULT.write_text(json.dumps(found, indent=2) + "\n")
    _tell(found)


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
    for name in ("findings", "measures", "log"):
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
        "a review": Visit(leader, f"/reviews/{places['review']}/form"),
        "board": Visit("controlling", "/board"),
        "findings of a unit": Visit(unit, "/findings"),
        "findings": Visit(leader, "/findings"),
        "a finding": Visit(leader, f"/findings/{places['finding']}"),
        "appeals": Visit(leader, "/appeals"),
        "measures": Visit(leader, "/measures"),
        "a measure": Visit(leader, f"/measures/{places['measure']}"),
        "guidance": Visit(leader, "/guidance"),
        "results": Visit(leader, "/results"),
        "audit log": Visit("auditor", "/audit"),
        "accounts": Visit("admin", "/accounts"),
    }


async def _measure(sites: Mapping[str, Site], rounds: int) -> dict[str, dict[str, float]]:
    """Look at every page of both sites in turn, and once more for its statements."""
    clients = {name: await _signed_in(site) for name, site in sites.items()}
    pages = sites["small"].visits
    took: dict[tuple[str, str], list[float]] = defaultdict(list)
    with screen.progress() as progress:
        task = progress.add_task("pages", total=(rounds + 2) * len(pages))
        for number in range(-2, rounds):
            for page in pages:
                for name, site in sites.items():
                    spent = await _look(clients[name], site.visits[page])
                    if number >= 0:  # the first fill caches
                        took[page, name].append(spent)
                progress.advance(task)
    found: dict[str, dict[str, float]] = {}
    for page in pages:
        found[page] = {}
        for name, site in sites.items():
            before = site.log.stat().st_size
            await _look(clients[name], site.visits[page])
            durations = _statements(site.log, before)
            times = took[page, name]
            found[page] |= {
                f"{name}_p50_ms": statistics.median(times),
                f"{name}_p95_ms": statistics.quantiles(times, n=20)[-1],
                f"{name}_statements": len(durations),
                f"{name}_longest_statement_ms": max(durations, default=0.0),
            }
    return found


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
        numbers=("p50 ms", "p95 ms", "per almost empty", "statements", "longest ms", "missed"),
    )
    for page, figures in found.items():
        ratio = figures["large_p95_ms"] / figures["small_p95_ms"]
        missed = [
            word
            for word, met in {
                "ratio": ratio <= RATIO,
                "p95": figures["large_p95_ms"] < LONGEST_MS,
                "constant": figures["large_statements"] == figures["small_statements"],
                "statement": figures["large_longest_statement_ms"] <= STATEMENT_MS,
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
            ", ".join(missed) or "-",
        )
    screen.show(table)


if __name__ == "__main__":
    main()
