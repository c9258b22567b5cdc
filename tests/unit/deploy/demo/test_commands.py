"""What `gleichfall demo` says at its end."""

from collections import Counter

import pytest

from deploy.demo.commands import report
from deploy.demo.reviewers import Fate
from deploy.demo.reviewing import Played


def test_each_number_is_told_with_what_it_counts(capsys: pytest.CaptureFixture[str]) -> None:
    fates = Counter({Fate.ASSIGNED: 7, Fate.SIGNED: 84})

    report(Played(fates, errors=28, found=25, imagined=24), as_json=False)

    assert capsys.readouterr().out.splitlines() == [
        "invented people had 91 reviews: assigned: 7, signed: 84",
        "of 28 true errors in what was reviewed 25 were found; another 24 that were found are none",
    ]


def test_where_nothing_is_new_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    report(Played(), as_json=False)
    assert capsys.readouterr().out == "invented people had no new review\n"
