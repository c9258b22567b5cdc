"""Opening logs, plain and packed."""

import gzip
from pathlib import Path

import psutil
import pytest

from services.intake.importers.errors import LogBroken, LogUnusable
from services.intake.importers.logs.log_event import LogEvent
from services.intake.importers.logs.logs import open_log
from tests.unit.services.intake.importers.samples import CSV, XES, write


@pytest.mark.parametrize(
    ("name", "content", "events"),
    [
        ("log.csv", CSV, 9),
        ("log.csv.gz", CSV, 9),
        ("log.tsv", CSV.replace(",", "\t"), 9),
        ("log.txt.gz", CSV, 9),
        ("log.csv", CSV.encode("utf-16"), 9),
        ("log.xes", XES, 4),
        ("log.xes.gz", XES, 4),
        ("LOG.XES.GZ", gzip.compress(XES.encode()), 4),
    ],
)
def test_the_name_says_how_a_log_is_read(
    tmp_path: Path, name: str, content: str | bytes, events: int
) -> None:
    path = write(tmp_path, name, content)

    with open_log(path) as log:
        assert len(list(log.events())) == events
        assert log.bytes_read == log.size == path.stat().st_size


def test_a_missing_file_and_an_unknown_ending_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(LogUnusable, match="No such file"), open_log(tmp_path / "log.csv"):
        pass
    with (
        pytest.raises(LogUnusable, match=r"must end in \.xes, \.json \(OCEL\), \.csv"),
        open_log(write(tmp_path, "log.docx", "")),
    ):
        pass


def test_a_file_that_only_claims_to_be_packed_is_named(tmp_path: Path) -> None:
    path = tmp_path / "log.csv.gz"
    path.write_text(CSV)

    with open_log(path) as log, pytest.raises(LogBroken, match=r"beyond event 0.*gzip"):
        list(log.events())


def test_a_truncated_download_gives_what_is_there_and_says_where_it_ends(tmp_path: Path) -> None:
    rows = "".join(f"P{number},check,2025-01-01\n" for number in range(50_000))
    whole = gzip.compress(("permit,step,at\n" + rows).encode())
    path = tmp_path / "log.csv.gz"
    path.write_bytes(whole[: len(whole) // 2])
    read: list[LogEvent] = []

    with open_log(path) as log, pytest.raises(LogBroken, match="end in the middle") as stop:
        read.extend(log.events())

    assert len(read) > 10_000
    assert f"beyond event {len(read):,}" in str(stop.value)
    assert "nothing is sent twice" in str(stop.value)


def test_memory_does_not_grow_with_the_log(tmp_path: Path) -> None:
    trace = XES[XES.index("  <trace>") : XES.rindex("  <event>")]
    path = tmp_path / "long.xes"
    with path.open("w") as file:
        file.write(XES.partition("  <trace>")[0])
        file.writelines(trace for _ in range(15_000))
        file.write("</log>")
    process = psutil.Process()
    before = process.memory_info().rss
    events, most = 0, before

    with open_log(path) as log:
        for events, _ in enumerate(log.events(), start=1):
            if events % 5_000 == 0:
                most = max(most, process.memory_info().rss)

    assert events == 45_000
    assert most - before < path.stat().st_size / 3
