"""What the security log tells of operators' acts."""

import json
from pathlib import Path


def administered(log: Path) -> list[str]:
    """Give the acts in the order in which they were done."""
    lines = map(json.loads, log.read_text().splitlines() if log.exists() else ())
    return [line["reason"] for line in lines if line["event"] == "administered"]
