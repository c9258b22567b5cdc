"""What a panel shows is made of what processes tell, as Prometheus would make it."""

from math import inf, isnan

import pytest

from deploy.dashboards.shown import (
    Count,
    Duration,
    Elsewhere,
    Joined,
    Level,
    Share,
    Shown,
    Silence,
    Until,
    Where,
)
from deploy.desk.views.panel_figures import Figure, Times, figures
from deploy.standing.series import Series, read

NOW = 1_000.0
TOLD = """
# TYPE waiting gauge
waiting{topic="a",partition="0"} 3.0
waiting{topic="a",partition="1"} 4.0
waiting{topic="b",partition="0"} 0.0
# TYPE open gauge
open 1.0
# TYPE ends gauge
ends{what="ours"} 1600.0
# TYPE last gauge
last{loop="relay"} 940.0
last{loop="unlimited"} 1.0
# TYPE limit gauge
limit{loop="relay"} 120.0
# TYPE answers_total counter
answers_total{status="200"} 90.0
answers_total{status="503"} 2.0
# TYPE took histogram
took_bucket{channel="email",le="0.5"} 5.0
took_bucket{channel="email",le="1.0"} 9.0
took_bucket{channel="email",le="+Inf"} 10.0
took_bucket{channel="letter",le="0.5"} 0.0
took_bucket{channel="letter",le="1.0"} 0.0
took_bucket{channel="letter",le="+Inf"} 0.0
"""
UNREAD = TOLD.replace("open 1.0", "open NaN")


def series(text: str) -> Series:
    found = read(text)
    assert found is not None
    return found


def found(shown: Shown, **told: str) -> list[tuple[tuple[str, ...], float | Times]]:
    texts = told or {"one": TOLD}
    series_of = {name.replace("_", "-"): series(text) for name, text in texts.items()}
    return [(one.labels, one.value) for one in figures(shown, series_of, NOW)]


@pytest.mark.parametrize(
    ("joined", "expected"), [(Joined.SUM, 7), (Joined.GREATEST, 4), (Joined.LEAST, 3)]
)
def test_a_level_is_joined_over_labels_that_arent_told_apart(
    joined: Joined, expected: float
) -> None:
    first, _ = found(Level("waiting", ("topic",), joined=joined))
    assert first == (("a",), expected)


def test_the_name_of_a_process_is_its_service() -> None:
    assert found(Level("open", ("service",)), one=TOLD, other=TOLD) == [
        (("one",), 1),
        (("other",), 1),
    ]


def test_several_processes_of_a_service_are_one() -> None:
    assert found(Level("open", ("service",)), one_1=TOLD, one_2=TOLD) == [(("one",), 1)]


def test_processes_that_run_a_release_are_counted() -> None:
    assert found(Level("open", joined=Joined.NUMBER), one=TOLD, other=TOLD) == [((), 2)]


def test_who_doesnt_know_leaves_it_to_who_does() -> None:
    assert found(Level("open"), one=UNREAD, other=TOLD) == [((), 1)]


def test_what_nobody_knows_is_no_number() -> None:
    [(_, value)] = found(Level("open"), one=UNREAD)
    assert isinstance(value, float)
    assert isnan(value)


def test_a_moment_is_told_by_how_long_it_is_off() -> None:
    assert found(Until("ends", ("what",))) == [(("ours",), 600)]


def test_silence_is_a_share_of_what_is_allowed_where_that_is_said() -> None:
    assert found(Silence("last", "limit", ("service", "loop"))) == [(("one", "relay"), 0.5)]


def test_a_count_adds_all_processes_and_takes_only_what_is_asked_for() -> None:
    failed = Count("answers_total", where=Where("status", "5.."))
    assert found(failed, one=TOLD, other=TOLD) == [((), 4)]


def test_a_duration_names_the_bounds_within_which_half_and_most_stayed() -> None:
    email, letter = found(Duration("took", ("channel",)))
    assert email == (("email",), Times(10, 0.5, inf))
    assert isinstance(letter[1], Times)
    assert letter[1].number == 0
    assert isnan(letter[1].most)


def test_a_share_is_of_all_that_was_measured_on_those_ways() -> None:
    assert found(Share("took", 1.0, Where("channel", "email|sms"))) == [((), 0.9)]


def test_a_share_of_nothing_is_no_number() -> None:
    [(_, value)] = found(Share("took", 1.0, Where("channel", "letter")))
    assert isinstance(value, float)
    assert isnan(value)


def test_what_nobody_tells_has_no_line() -> None:
    assert found(Count("other_total", ("service",))) == []


def test_what_only_prometheus_can_say_has_no_figure() -> None:
    assert found(Elsewhere("waiting offset 3h", ())) == []


def test_a_label_that_another_release_doesnt_have_is_empty() -> None:
    assert figures(Level("open", ("topic",)), {"one": series(TOLD)}, NOW) == [Figure(("",), 1)]
