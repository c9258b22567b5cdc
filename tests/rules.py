"""The rules of alerts as they are deployed, and how Prometheus judges them on given series."""

import shutil
import subprocess
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from shared.configuration.places import ROOT

DEPLOYED = ROOT / "deploy" / "prometheus"
RULES = sorted(DEPLOYED.glob("*.rules.yml"))
GROUPS = [group for path in RULES for group in yaml.safe_load(path.read_text())["groups"]]
ALERTS = {rule["alert"]: rule for group in GROUPS for rule in group["rules"] if "alert" in rule}
RECORDS = {
    rule["record"]: rule["expr"] for group in GROUPS for rule in group["rules"] if "record" in rule
}

Series = Mapping[str, str]
"""Values by series, in Prometheus' notation: `0+2x90` begins at 0 and rises by 2, 90 times."""


def run(program: str, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run one of Prometheus' own tools."""
    found = shutil.which(program)
    assert found, "run 'make judges'"
    return subprocess.run([found, *words], capture_output=True, text=True, check=False)


def file_of(alert: str) -> Path:
    """Give the file that has an alert."""
    return next(path for path in RULES if f"alert: {alert}\n" in path.read_text())


def question(alert: str, series: Series, *, at: str, step: str, fires: bool) -> Mapping[str, Any]:
    """Ask whether an alert fires at a moment, or is silent."""
    firing = f'ALERTS{{alertname="{alert}",alertstate="firing"}}'
    return {
        "interval": step,
        "input_series": [{"series": name, "values": values} for name, values in series.items()],
        "promql_expr_test": [
            {
                "expr": f"(vector(1) and on() {firing}) or on() vector(0)",
                "eval_time": at,
                "exp_samples": [{"labels": "{}", "value": int(fires)}],
            }
        ],
    }


def complaints(
    rules: Path, questions: Iterable[Mapping[str, Any]], *, step: str, folder: Path
) -> str:
    """Let Prometheus judge one file of rules; gives what isn't as it is asked for."""
    file = folder / f"{step}.test.yml"
    document = {"rule_files": [str(rules)], "evaluation_interval": step, "tests": [*questions]}
    file.write_text(yaml.safe_dump(document, sort_keys=False))
    told = run("promtool", "test", "rules", file)
    return "" if told.returncode == 0 else told.stdout + told.stderr
