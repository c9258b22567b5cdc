"""The alerts, as Prometheus itself reads and judges them."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from shared.configuration.places import ROOT
from shared.events.vocabulary import Channel
from shared.observe.metrics import HANDOVER_DURATION

RULES = ROOT / "deploy" / "prometheus" / "notify.rules.yml"
JUDGED = ROOT / "tests" / "contract" / "alerts.test.yml"


def promtool(*words: str | Path) -> subprocess.CompletedProcess[str]:
    program = shutil.which("promtool")
    assert program, "run 'make judges'"
    return subprocess.run([program, *words], capture_output=True, text=True, check=False)


def test_they_fire_when_they_should_and_only_then() -> None:
    told = promtool("test", "rules", JUDGED)

    assert told.returncode == 0, told.stdout + told.stderr


def test_they_would_not_pass_with_another_limit(tmp_path: Path) -> None:
    loose = tmp_path / "notify.rules.yml"
    loose.write_text(RULES.read_text().replace("> 0.1", "> 0.5"))
    judged = tmp_path / "alerts.test.yml"
    judged.write_text(JUDGED.read_text().replace("../../deploy/prometheus/", ""))

    assert promtool("test", "rules", judged).returncode != 0


def test_the_limits_they_speak_of_are_buckets_of_the_histogram() -> None:
    HANDOVER_DURATION.of(Channel.EMAIL).observe(0.5)

    samples = [one for family in HANDOVER_DURATION.metric.collect() for one in family.samples]
    buckets = {one.labels["le"] for one in samples if one.name.endswith("seconds_bucket")}
    assert {"1.0", "10.0"} <= buckets


@pytest.mark.parametrize("rule", yaml.safe_load(RULES.read_text())["groups"][0]["rules"])
def test_each_alert_names_what_to_do(rule: dict[str, object]) -> None:
    if "alert" not in rule:
        return
    annotations = rule["annotations"]
    assert isinstance(annotations, dict)
    page, _, heading = str(annotations["runbook"]).partition("#")
    headings = (ROOT / page).read_text().lower().replace(" ", "-")
    assert f"## {heading}".replace(" ", "-") in headings
