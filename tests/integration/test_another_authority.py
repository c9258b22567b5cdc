"""Another authority runs with files of its own, as its page says: a trade office."""

import json
import os
import sys
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from tests.integration.test_command_blocks import blocks
from tests.patience import PATIENCE
from tests.typing_in import typed
from tests.unit.docs.pages import ROOT

pytestmark = [pytest.mark.stack, pytest.mark.timeout(300)]

PAGE = ROOT / "docs/guide/another-authority.md"
_GIVEN = {"KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL", "SMTP_URL", "INTAKE_URL"}
_AFTER = """
gleichfall summary --json
grep -rhi -m1 "^From:" "$GLEICHFALL_STACK_DIR"/mail | sort -u
"""


def test_a_trade_office_runs_and_knows_nothing_of_the_foreigners_law(tmp_path: Path) -> None:
    (tmp_path / "deploy").symlink_to(ROOT / "deploy")
    environment = {name: text for name, text in os.environ.items() if name not in _GIVEN} | {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(ROOT),
    }
    checks, stack, refused = (block.typed for block in blocks(PAGE))
    between = "\nprintf '\\0'\n"
    script = between.join([checks, stack, refused, _AFTER])

    try:
        said = typed(script, tmp_path, environment, PATIENCE * 2)
    finally:
        environment["GLEICHFALL_STACK_DIR"] = str(tmp_path / ".local/trade-office")
        typed("gleichfall down", tmp_path, environment, PATIENCE * 2)

    checked, played, answer, after = said.split("\0")
    assert "decision types: 14" in checked
    assert "version trade-office-1" in checked
    assert "refused: 0" in played
    assert "all numbers agree" in played
    (refusal,) = json.loads(answer)["errors"]
    assert refusal["defect"] == "key_unknown"
    assert [one["field"] for one in refusal["fields"]] == ["data.type_code"]
    books = json.loads(after[: after.rindex("}") + 1])
    assert books["decisions"] > 50
    assert books["drawn"] > 0
    assert books["mails"] > 100
    assert "Musterstadt" in after
    mails = [
        message_from_bytes(path.read_bytes(), policy=default)
        for path in (tmp_path / ".local/trade-office/mail/new").iterdir()
    ]
    told = [
        str(body.get_content()) for mail in mails if (body := mail.get_body(("plain",))) is not None
    ]
    assert len(told) > 100
    assert all("Gewerbeamt der Stadt Musterstadt" in one for one in told)
    assert [one for one in told if "Aufenthalt" in one or "residence" in one] == []
