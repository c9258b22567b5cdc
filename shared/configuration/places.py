"""What is shipped and where it lies: found from the package, wherever a command is started."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ORGANISATION = ROOT / "deploy" / "organisation" / "karlsruhe.yaml"
SYSTEMS = ROOT / "deploy" / "systems" / "local.yaml"
POLICY = ROOT / "deploy" / "policy" / "karlsruhe.yaml"
DEMO_POLICY = ROOT / "deploy" / "policy" / "demo.yaml"
POLICY_VARIABLE = "GLEICHFALL_POLICY"
SERVICES = ("intake", "controlling", "notify")
