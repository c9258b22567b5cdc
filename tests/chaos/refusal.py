"""What controlling can't register: decisions that the storm's database doesn't take.

No decision that comes through the door is refused by a rule; but a fault of ours, or a constraint
that somebody added, may always refuse one, and then the storm must show that nothing is lost.
"""

from collections.abc import Sequence

import asyncpg

_REFUSE = """
CREATE FUNCTION controlling.refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the storm refuses this decision'; END $$;
CREATE TRIGGER refused BEFORE INSERT ON controlling.decision FOR EACH ROW
WHEN (new.decision_id IN ({names})) EXECUTE FUNCTION controlling.refuse();
"""


async def refuse(database_url: str, decisions: Sequence[str]) -> None:
    """Let the register refuse some decisions, whoever enters them."""
    owner = await asyncpg.connect(database_url)
    try:
        await owner.execute(_REFUSE.format(names=", ".join(f"'{one}'" for one in decisions)))
    finally:
        await owner.close()
