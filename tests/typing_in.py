"""What somebody types into a shell, line after line, until one fails."""

import subprocess
from collections.abc import Mapping
from pathlib import Path


def typed(script: str, folder: Path, environment: Mapping[str, str], timeout: float) -> str:
    """Run it in a folder; give what it printed. All of it must succeed."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=timeout,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
