"""Runs where `svy` is installed and nothing of ours: strata in, its estimates out."""

import json
import sys
import warnings

import polars as pl
import svy

warnings.simplefilter("ignore")


def figures(estimate: svy.Estimate) -> list[float]:
    """Give estimate, standard error and limits."""
    found = estimate.estimates[0]
    return [found.est, found.se, found.lci, found.uci]


def of_rates(strata: list[dict[str, int]]) -> dict[str, list[float]]:
    """Give the rate, and that of the members alone, from one row per reviewed decision."""
    rows = [
        {
            "stratum": str(number),
            "population": one["population"],
            "weight": one["population"] / one["sample"],
            "error": float(place < one["errors"]),
            "member": place < one["members"],
        }
        for number, one in enumerate(strata)
        for place in range(one["sample"])
    ]
    design = svy.Design(stratum="stratum", wgt="weight", pop_size="population")
    sample = svy.Sample(pl.DataFrame(rows), design)
    whole = sample.estimation.prop("error")
    rate = next(one for one in whole.estimates if str(one.y_level) in {"1", "1.0"})
    domain = sample.estimation.mean("error", where=svy.col("member"))
    return {
        "rate": [rate.est, rate.se, rate.lci, rate.uci],
        "mean": figures(sample.estimation.mean("error")),
        "domain": figures(domain)[:2],
    }


print(json.dumps([of_rates(strata) for strata in json.load(sys.stdin)]))
