"""`make mail-window`: how often a killed notify sends a mail twice, and how wide the window is.

SMTP has no transaction with a database: a process killed after the server's "250" and before its
own commit sends the mail again. notify is killed at random moments under mail load; the repeats are
counted at the mail server, and the window's width is read from its own histogram.
"""

import argparse
import asyncio
import json
import random
import time
from collections import Counter

from prometheus_client.parser import text_string_to_metric_families

from deploy.local.folder import CHECKOUT
from deploy.local.services import Worker, wait_until_ready
from tests.chaos.test_back_pressure import all_through, mails, operator, send
from tests.chaos.town import Town

HOME = CHECKOUT.root / "mail-window"
WIDTH = "gleichfall_notify_record_duration_seconds_bucket"
MAILS = 300


def measure(kills: int, seed: int) -> dict[str, object]:
    """Kill notify again and again while it sends; give the repeats and the window's width."""
    chance = random.Random(seed)
    widths: Counter[float] = Counter()
    with Town(HOME / "town", [Worker("intake", 1), Worker("notify", 1)]) as town:
        sent = []
        for _ in range(kills):
            before = mails(town).total()
            sent += asyncio.run(send(town, MAILS))
            while mails(town).total() < before + chance.uniform(0.1, 0.9) * MAILS:
                time.sleep(0.005)
            widths += buckets(town)
            kill(town)
            print(f"killed at {mails(town).total() - before} mails of {MAILS}", flush=True)
        asyncio.run(all_through(town, sent, consumers=("notify",), sent=False))
        while len(mails(town)) < len(sent):
            time.sleep(0.2)
        widths += buckets(town)
        repeated = Counter(mails(town).values())
    return {
        "seed": seed,
        "kills": kills,
        "mails": len(sent),
        "repeated": sum((times - 1) * amount for times, amount in repeated.items()),
        "most_often": max(repeated),
        "window_p50_ms": 1000 * quantile(widths, 0.5),
        "window_p99_ms": 1000 * quantile(widths, 0.99),
    }


def kill(town: Town) -> None:
    """Kill notify, let its leases end as minutes would, and start it again."""
    town.kill("notify")
    asyncio.run(end_leases(town))
    town.revive("notify")
    wait_until_ready(town.keepers["notify"].child, town.port("notify"))


async def end_leases(town: Town) -> None:
    async with operator(town) as connection:
        await connection.execute("UPDATE notify.message SET due_at = now() WHERE state = 'sending'")


def buckets(town: Town) -> Counter[float]:
    """Give the present process's counts up to each bound, in seconds."""
    text = town.metrics("notify")
    return Counter(
        {
            float(sample.labels["le"]): int(sample.value)
            for family in text_string_to_metric_families(text)
            for sample in family.samples
            if sample.name == WIDTH
        }
    )


def quantile(upto: Counter[float], share: float) -> float:
    """Give the least bound below which at least `share` of the observations are."""
    total = max(upto.values())
    return min(bound for bound, amount in upto.items() if amount >= share * total)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    found = measure(options.kills, options.seed)
    (HOME / "report.json").write_text(json.dumps(found, indent=2) + "\n")
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
