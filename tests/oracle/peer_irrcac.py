"""Runs where irrCAC and krippendorff are and nothing of ours: ratings in, coefficients out."""

import json
import sys
import warnings
from typing import Any

import krippendorff
import numpy as np
import pandas as pd
from irrCAC import raw, table

warnings.simplefilter("ignore")
_DIGITS = 12


def coefficient(found: dict[str, Any]) -> list[float]:
    """Give estimate and limits."""
    est = found["est"]
    lower, upper = est["confidence_interval"]
    return [float(np.squeeze(one)) for one in (est["coefficient_value"], lower, upper)]


def of_answers(decisions: list[Any], categories: list[int]) -> dict[str, list[float]]:
    """Give coefficients for any number of reviewers."""
    frame = pd.DataFrame(decisions).apply(pd.to_numeric)
    plain = raw.CAC(frame, weights="identity", categories=categories, digits=_DIGITS)
    return {
        "fleiss": coefficient(plain.fleiss()),
        "ac1": coefficient(plain.gwet()),
        "alpha": coefficient(plain.krippendorff()),
        "graded": [krippendorff.alpha(frame.T.to_numpy(), level_of_measurement="ordinal")],
    }


def of_table(counts: list[Any]) -> dict[str, list[float]]:
    """Give coefficients for two reviewers."""
    plain = table.CAC(pd.DataFrame(counts), weights="identity", digits=_DIGITS)
    return {"cohen": coefficient(plain.cohen()), "ac1_of_two": coefficient(plain.gwet())}


np.seterr(all="ignore")
given = json.load(sys.stdin)
print(
    json.dumps(
        [of_answers(one["decisions"], one["categories"]) | of_table(one["table"]) for one in given]
    )
)
