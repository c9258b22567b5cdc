"""Each service process gets its own name, role and share of the work."""

from collections.abc import Callable
from functools import partial

import pytest

from deploy.local import services
from shared.configuration.database_url import DatabaseUrlInvalid


def test_more_workers_share_kafkas_partitions_and_intake_stays_one() -> None:
    names = [worker.name for worker in services.workers(2)]
    assert names == [
        "intake",
        "controlling",
        "controlling-2",
        "notify",
        "notify-2",
        "workbench",
        "desk",
    ]


@pytest.mark.parametrize(
    ("owner_url", "own_url"),
    [
        ("postgresql://boss:secret@db:5432/x", "postgresql://gleichfall_notify@db:5432/x"),
        (
            "postgresql://db/x?sslmode=require",
            "postgresql://gleichfall_notify@db/x?sslmode=require",
        ),
        ("postgresql://boss:p%40ss@[::1]:1/x", "postgresql://gleichfall_notify@[::1]:1/x"),
    ],
)
def test_a_service_never_gets_the_owners_password(owner_url: str, own_url: str) -> None:
    assert services.own_database_url(owner_url, "notify") == own_url


@pytest.mark.parametrize(
    ("database_url", "shown"),
    [
        ("postgresql://boss:secret@db:5432/x", "postgresql://boss@db:5432/x"),
        ("postgresql://db/x", "postgresql://db/x"),
    ],
)
def test_a_shown_address_has_no_password(database_url: str, shown: str) -> None:
    assert services.without_password(database_url) == shown


@pytest.mark.parametrize(
    "give", [services.without_password, partial(services.own_database_url, service="notify")]
)
def test_an_address_that_cannot_be_read_is_shown_nowhere(give: Callable[[str], str]) -> None:
    with pytest.raises(DatabaseUrlInvalid) as refusal:
        give("postgres//boss:geheim@db")
    assert "geheim" not in str(refusal.value)


def test_processes_with_pages_are_told_where_the_others_are() -> None:
    ports = {"controlling": 1, "workbench": 2, "desk": 3}
    ports |= {services.metrics_of(name): 9 for name in tuple(ports)}
    there = {name: services.url(port) for name, port in ports.items()}

    assert services._beside("controlling", ports) == {"WORKBENCH_URL": there["workbench"]}
    assert services._beside("workbench", ports) == {
        "CONTROLLING_URL": there["controlling"],
        "DESK_URL": there["desk"],
    }
    assert services._beside("desk", ports)["WORKBENCH_URL"] == there["workbench"]
    assert services._beside("intake", ports) == {}
