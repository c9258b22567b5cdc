"""Operators settle dead letters while the consumers run: nothing lost, nothing twice, in order."""

import asyncio
import json
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from uuid import UUID, uuid4

import asyncpg
import pytest

from shared.dead_letters.errors import (
    DeadLetterUnknown,
    IdentityChanged,
    NeverNumbered,
    OneOfOurs,
    PlaceTaken,
    PlaceUnknown,
    SettledOtherwise,
    StillComing,
    StillPoison,
)
from shared.dead_letters.settlement import (
    Operator,
    Outcome,
    Repair,
    acknowledge,
    discard,
    reopen,
    replay,
)
from shared.dead_letters.store import Filter, State, find, gaps
from shared.events.errors import Defect
from shared.events.event import encode
from shared.events.kafka_binding import to_kafka
from shared.postgres import outbox
from shared.postgres.backlogs import tell_backlogs
from tests.figures import read_by
from tests.integration.spine_helpers import (
    CLI,
    Register,
    Spine,
    System,
    application,
    consuming,
    empty_topics,
    message,
    new_case,
    outbox_is_empty,
    parked_are,
    send,
    until,
)
from tests.integration.test_restore import GROUPS, commit_ends, reconciled
from tests.runbooks import Follow, console

pytestmark = pytest.mark.stack

SLEEPERS = "SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'"
SLOW_AUDIT = """
CREATE FUNCTION controlling.dawdle() RETURNS trigger LANGUAGE plpgsql
    AS 'BEGIN PERFORM pg_sleep(2); RETURN NEW; END';
CREATE TRIGGER dawdle BEFORE UPDATE ON controlling.dead_letter
    FOR EACH ROW EXECUTE FUNCTION controlling.dawdle()
"""
OPERATOR = Operator("ops-7", "cut off by a proxy")


@asynccontextmanager
async def both(
    system: System, controlling: Register, notify: Register
) -> AsyncIterator[tuple[Register, Register]]:
    group = f"test-{uuid4()}"
    async with (
        consuming(system.controlling, controlling, f"{group}-controlling"),
        consuming(system.notify, notify, f"{group}-notify"),
    ):
        yield controlling, notify


async def test_a_repaired_record_reaches_every_service_and_frees_what_waited(
    system: System,
) -> None:
    case = new_case()
    async with both(system, Register(), Register()) as registers:
        events = await system.publish(case, 5, spoil=[2])
        await until(lambda: parked_are(system.controlling, case, [3, 4, 5]))
        await until(lambda: parked_are(system.notify, case, [3, 4, 5]))
        letters = await system.letters(case)
        assert letters.keys() == {"controlling", "notify"}
        assert len(set(letters.values())) == 1

        value = to_kafka(encode(events[1])).value
        outcome = await replay(system.operator, letters["notify"], Repair(value), OPERATOR)

        assert outcome is Outcome.REPLAYED
        for register in registers:
            await until(has_applied(register, case, [1, 2, 3, 4, 5]))
    settled = await find(system.operator, Filter(subject=case))
    assert [letter.state for letter in settled] == [State.REPLAYED] * 2
    assert {(one.settlement.by, one.settlement.because) for one in settled if one.settlement} == {
        (OPERATOR.name, OPERATOR.reason)
    }


async def test_who_has_applied_a_replayed_record_drops_it(system: System) -> None:
    case = new_case()
    controlling = Register()
    async with both(system, controlling, Register()) as (_, notify):
        events = [application(case) for _ in range(3)]
        controlling.refused.add(events[1].id)
        async with system.intake.pool.acquire() as connection, connection.transaction():
            await outbox.append(connection, events)
        await until(lambda: parked_are(system.controlling, case, [3]))
        await until(lambda: notify.sequences(case) == [1, 2, 3])
        letters = await system.letters(case)
        assert letters.keys() == {"controlling"}

        controlling.refused.clear()  # the fault in the handler is mended
        await replay(system.operator, letters["controlling"], Repair(), OPERATOR)
        await until(lambda: controlling.sequences(case) == [1, 2, 3])
        await system.publish(case, 1)
        await until(lambda: notify.sequences(case)[-1] == 4)
    assert notify.sequences(case) == [1, 2, 3, 4]
    assert len(await effects(system.notify, case)) == 4


async def test_what_waits_behind_a_discarded_record_goes_on_without_it(system: System) -> None:
    case = new_case()
    async with both(system, Register(), Register()) as registers:
        events = await system.publish(case, 5, spoil=[2, 4])
        await until(lambda: parked_are(system.controlling, case, [3, 5]))
        await until(lambda: parked_are(system.notify, case, [3, 5]))
        found = await find(system.operator, Filter(subject=case), ["notify"])
        second, fourth = sorted(found, key=lambda letter: letter.sequence or 0)

        await discard(system.operator, second.id, OPERATOR)
        for register in registers:
            await until(has_applied(register, case, [1, 3]))
        await discard(system.operator, fourth.id, OPERATOR)
        for register in registers:
            await until(has_applied(register, case, [1, 3, 5]))

        await send(system.notify, to_kafka(encode(events[1])))  # a late repeat of the real one
        await system.publish(case, 1)
        for register in registers:
            await until(has_applied(register, case, [1, 3, 5, 6]))
    assert await gaps(system.operator, subject=case) == []


async def test_a_discarded_record_may_be_followed_by_another_refusal(system: System) -> None:
    case = new_case()
    controlling = Register()
    async with both(system, controlling, Register()) as (_, notify):
        events = await system.publish(case, 4, spoil=[2])
        controlling.refused.add(events[2].id)
        await until(lambda: parked_are(system.controlling, case, [3, 4]))
        await discard(system.operator, (await system.letters(case))["controlling"], OPERATOR)
        await until(lambda: parked_are(system.controlling, case, [4]))
        await until(lambda: notify.sequences(case) == [1, 3, 4])
    [gap] = await gaps(system.operator, subject=case)
    assert (gap.service, gap.awaited, gap.waiting) == ("controlling", 3, 1)
    assert gap.reason == f"dead letter: {Defect.HANDLER_REFUSED}"


async def test_repeated_and_rival_commands_send_once(system: System) -> None:
    case = new_case()
    letter, value = await dead(system, case)
    rivals = [await asyncpg.connect(system.database_url) for _ in range(4)]
    outcomes = await asyncio.gather(
        *(replay(rival, letter, Repair(value), OPERATOR) for rival in rivals)
    )
    for rival in rivals:
        await rival.close()
    assert sorted(outcomes) == [Outcome.REPLAYED, *[Outcome.SETTLED_BEFORE] * 3]
    with pytest.raises(SettledOtherwise, match=r"by ops-7 .*: cut off by a proxy"):
        await discard(system.operator, letter, OPERATOR)
    told = ("--by", "ops-8", "--reason", "another")
    await system.call("dead-letters", "discard", str(letter), *told, exit_code=3)


@pytest.mark.parametrize("nothing", ["", "  "])
async def test_nobody_settles_anything_without_a_name_and_a_reason(
    system: System, nothing: str
) -> None:
    letter, _ = await dead(system, new_case())
    for by, reason in ((nothing, "a test"), ("ops-7", nothing)):
        told = ("--by", by, "--reason", reason)
        await system.call("dead-letters", "discard", str(letter), *told, exit_code=2)
    assert [one.state for one in await find(system.operator, Filter(id=letter))] == [State.OPEN]


async def test_a_repair_moves_nothing(system: System) -> None:
    """Case, number, id, source, type and time that a record tells well stay as they are."""
    case, other = new_case(), new_case()
    letter, value = await dead(system, case)
    await system.publish(other, 3)
    moves = {
        "ce_subject": other,
        "ce_sequence": "1",
        "ce_id": str(uuid4()),
        "ce_source": "urn:de:elsewhere",
        "ce_type": "gleichfall.case.closed.v1",
        "ce_time": "2031-01-01T00:00:00Z",
    }
    for name, text in moves.items():
        body = b"{}" if name == "ce_type" else value
        with pytest.raises(IdentityChanged, match=f"{name.removeprefix('ce_')} is .* would be"):
            await replay(system.operator, letter, Repair(body, {name: text}), OPERATOR)
    whole = application(case, 2)
    document = json.dumps({
        **{name: str(getattr(whole, name)) for name in ("id", "source", "subject")},
        "specversion": "1.0", "type": whole.type.name, "time": whole.time.isoformat(),
        "sequence": "2", "data": json.loads(value),
    })  # fmt: skip
    as_document = {"content-type": "application/cloudevents+json"}
    with pytest.raises(IdentityChanged, match="id is"):
        await replay(system.operator, letter, Repair(document.encode(), as_document), OPERATOR)
    assert [one.state for one in await find(system.operator, Filter(id=letter))] == [State.OPEN]
    assert await replay(system.operator, letter, Repair(value), OPERATOR) is Outcome.REPLAYED


async def test_what_never_arrived_can_be_opened_again(system: System) -> None:
    case = new_case()
    letter, value = await dead(system, case)
    await replay(system.operator, letter, Repair(value), OPERATOR)
    with pytest.raises(SettledOtherwise):
        await acknowledge(system.operator, letter, OPERATOR)
    await until(lambda: outbox_is_empty(system.intake))
    await restored_without_what_was_sent(system, case)
    assert await missing(system, case) == []  # it is on its way, for a minute
    await system.operator.execute(
        "UPDATE controlling.dead_letter SET settled_at = settled_at - interval '1 hour'"
    )
    assert await missing(system, case) == [2]

    lost = Operator("ops-8", "Kafka is of Friday")
    assert await reopen(system.operator, letter, lost) is Outcome.REOPENED
    assert await reopen(system.operator, letter, lost) is Outcome.SETTLED_BEFORE
    [found] = await find(system.operator, Filter(id=letter), ["controlling"])
    assert found.state is State.OPEN
    assert [(one.by, one.because) for one in found.earlier] == [
        (OPERATOR.name, OPERATOR.reason), ("ops-8", "reopened: Kafka is of Friday"),
    ]  # fmt: skip
    async with consuming(system.controlling, register := Register()):
        await replay(system.operator, letter, Repair(value), lost)
        await until(lambda: 3 in register.sequences(case))
    await replay(system.operator, letter, Repair(value), lost)
    with pytest.raises(StillComing):
        await reopen(system.operator, letter, lost)


async def restored_without_what_was_sent(system: System, case: str) -> None:
    """Nothing of a topic is left, as if it had been restored from before: what waits, waits."""
    await empty_topics(system.intake.kafka)
    assert await parked_are(system.controlling, case, [3])


async def missing(system: System, case: str) -> list[int]:
    """Give the places of a case of which `gleichfall reconcile` finds nothing for controlling."""
    for group in GROUPS:
        await commit_ends(system, group)
    found = await reconciled(system, exit_code=1)  # other cases are missing, and all of notify's
    return [
        one["sequence"]
        for one in found["missing"]
        if (one["service"], one["case"]) == ("controlling", case)
    ]


async def test_a_dry_run_checks_everything_and_changes_nothing(system: System) -> None:
    case = new_case()
    letter, value = await dead(system, case)
    assert await replay(system.operator, letter, Repair(value), OPERATOR, dry_run=True)
    assert await discard(system.operator, letter, OPERATOR, dry_run=True)
    with pytest.raises(StillPoison, match="given up on again"):
        await replay(system.operator, letter, Repair(), OPERATOR, dry_run=True)
    [found] = await find(system.operator, Filter(id=letter), ["controlling"])
    assert found.state is State.OPEN
    assert await outbox_is_empty(system.intake)


async def test_a_stranger_never_takes_the_place_of_an_event_to_come(system: System) -> None:
    case = new_case()
    async with consuming(system.controlling, Register()):
        await system.publish(case, 1)
        foreign = message(case, 2)
        await send(system.controlling, foreign._replace(value=b"{"))
        await until(lambda: has_letters(system, case))
    letter = (await system.letters(case))["controlling"]
    with pytest.raises(NeverNumbered, match="only 1 were numbered"):
        await discard(system.operator, letter, OPERATOR)
    with pytest.raises(NeverNumbered, match="acknowledge"):
        await replay(system.operator, letter, Repair(foreign.value), OPERATOR)
    assert await acknowledge(system.operator, letter, OPERATOR) is Outcome.ACKNOWLEDGED
    assert await acknowledge(system.operator, letter, OPERATOR) is Outcome.SETTLED_BEFORE
    async with consuming(system.controlling, register := Register()):
        await system.publish(case, 1)
        await until(lambda: register.sequences(case)[-1:] == [2])


async def test_one_of_our_own_is_not_waved_aside(system: System) -> None:
    letter, _ = await dead(system, new_case())
    with pytest.raises(OneOfOurs, match="replay or discard"):
        await acknowledge(system.operator, letter, OPERATOR)


async def test_a_record_nobody_waits_for_is_discarded_not_sent(system: System) -> None:
    case = new_case()
    async with consuming(system.controlling, register := Register()):
        await system.publish(case, 2)
        await until(lambda: register.sequences(case) == [1, 2])
        await send(system.controlling, message(case, 1)._replace(value=b"{"))
        await until(lambda: has_letters(system, case))
    letter = (await system.letters(case))["controlling"]
    with pytest.raises(PlaceTaken, match="past event 1"):
        await replay(system.operator, letter, Repair(message(case, 1).value), OPERATOR)
    assert await discard(system.operator, letter, OPERATOR) is Outcome.DISCARDED
    assert await outbox_is_empty(system.intake)


async def test_a_record_without_a_readable_place_is_discarded_at_the_place_named(
    system: System,
) -> None:
    case = new_case()
    async with consuming(system.controlling, register := Register()):
        async with system.intake.pool.acquire() as connection, connection.transaction():
            await outbox.append(connection, [application(case) for _ in range(3)])
            await connection.execute(
                "UPDATE outbox SET headers = '[[\"ce_sequence\",null]]' "
                "WHERE key = $1 AND headers LIKE $2",
                case.encode(),
                b'%"ce_sequence","2"%',
            )
        await until(lambda: parked_are(system.controlling, case, [3]))
        letter = (await system.letters(case))["controlling"]
        [gap] = await gaps(system.operator, ["controlling"], subject=case)
        assert gap.reason.startswith("missing")
        with pytest.raises(PlaceUnknown, match="--sequence"):
            await discard(system.operator, letter, OPERATOR)
        await discard(system.operator, letter, OPERATOR, sequence=gap.awaited)
        await until(lambda: register.sequences(case) == [1, 3])
    [settled] = await find(system.operator, Filter(id=letter), ["controlling"])
    assert settled.sequence == gap.awaited


async def test_an_unknown_dead_letter_is_one_clear_error(system: System) -> None:
    with pytest.raises(DeadLetterUnknown, match="dead-letters list"):
        await discard(system.operator, uuid4(), OPERATOR)


async def test_the_command_killed_on_its_way_leaves_all_or_nothing(system: System) -> None:
    case = new_case()
    letter, _ = await dead(system, case)
    command = ("dead-letters", "discard", str(letter), "--by", "ops-7", "--reason", "a test")
    async with system.controlling.pool.acquire() as connection, connection.transaction():
        await connection.execute("SELECT FROM dead_letter WHERE id = $1 FOR UPDATE", letter)
        process = await asyncio.create_subprocess_exec(*CLI, *command, env=system.environment)
        await until(lambda: somebody_waits(system))
        process.send_signal(signal.SIGKILL)
        await process.wait()
    assert await outbox_is_empty(system.intake)
    assert [one.state for one in await find(system.operator, Filter(id=letter))] == [State.OPEN]
    assert await system.call(*command) == f"{letter} discarded\n"
    assert await system.call(*command) == f"{letter} settled before\n"
    async with consuming(system.controlling, register := Register()):
        await until(lambda: register.sequences(case) == [3])


async def test_the_command_killed_between_the_record_and_its_audit_entry_leaves_neither(
    system: System, tmp_path_factory: pytest.TempPathFactory
) -> None:
    case = new_case()
    letter, value = await dead(system, case)
    repaired = tmp_path_factory.mktemp("repair") / "value.json"
    repaired.write_bytes(value)
    because = ("--by", "ops-7", "--reason", "a test")
    command = ("dead-letters", "replay", str(letter), "--data", str(repaired), *because)
    await system.operator.execute(SLOW_AUDIT)
    try:
        process = await asyncio.create_subprocess_exec(*CLI, *command, env=system.environment)
        await until(lambda: somebody_sleeps(system))
        process.send_signal(signal.SIGKILL)
        await process.wait()
        await until(lambda: nobody_sleeps(system))
    finally:
        await system.operator.execute("DROP FUNCTION controlling.dawdle CASCADE")
    assert await outbox_is_empty(system.intake)
    assert [one.state for one in await find(system.operator, Filter(id=letter))] == [State.OPEN]
    assert await system.call(*command) == f"{letter} replayed\n"
    assert await system.call(*command) == f"{letter} settled before\n"
    async with consuming(system.controlling, register := Register()):
        await until(lambda: register.sequences(case) == [2, 3])


async def test_every_filter_lets_through_what_it_names_and_nothing_else(system: System) -> None:
    case = new_case()
    letter, value = await dead(system, case)
    await replay(system.operator, letter, Repair(value), OPERATOR)
    fitting = Filter(
        state=State.REPLAYED,
        topic="case-events",
        defect=Defect.BODY_NOT_JSON,
        subject=case,
        older_than=timedelta(0),
    )

    assert [one.id for one in await find(system.operator, fitting, ["controlling"])] == [letter]
    assert await find(system.operator, fitting, ["notify"]) == []
    for other in (
        {"state": State.OPEN},
        {"topic": "office-events"},
        {"defect": Defect.HANDLER_REFUSED},
        {"subject": new_case()},
        {"older_than": timedelta(days=7)},
        {"id": uuid4()},
    ):
        assert await find(system.operator, replace(fitting, **other)) == []


async def test_the_commands_show_and_repair_as_the_runbook_says(
    system: System, tmp_path_factory: pytest.TempPathFactory, follow: Follow
) -> None:
    case = new_case()
    for service in GROUPS:
        await system.operator.execute(f"DELETE FROM {service}.parked")
    figures = read_by(controlling=[partial(tell_backlogs, system.controlling.pool)])
    here = console(system.environment)
    runbook = await follow("CasesParked", here, figures, "nothing is parked")
    letter, value = await dead(system, case)
    await runbook.look(case)
    of_case = ("dead-letters", "list", "--case", case)
    show = ("dead-letters", "show", str(letter))
    listed = json.loads(await system.call(*of_case, "--json"))["dead_letters"]
    assert [(one["id"], one["sequence"], one["state"]) for one in listed] == [
        (str(letter), 2, "open")
    ]
    assert str(letter) in await system.call(*of_case)
    assert await system.call(*of_case, "--older-than", "7d") == "no dead letters\n"
    assert await system.call(*show, "--value") == "{"
    assert "ce_sequence = 2" in await system.call(*show)
    parked = json.loads(await system.call("parked", "list", "--case", case, "--json"))
    assert parked["parked"][0]["dead_letter"] == str(letter)
    repaired = tmp_path_factory.mktemp("repair") / "value.json"
    repaired.write_bytes(value)
    because = ("--by", "ops-7", "--reason", "cut off")
    command = ("dead-letters", "replay", str(letter), "--data", str(repaired), *because)
    assert await system.call(*command, "--dry-run") == f"{letter} would be replayed\n"
    assert await system.call(*command) == f"{letter} replayed\n"
    shown = json.loads(await system.call("dead-letters", "show", str(letter), "--json"))[
        "dead_letters"
    ][0]
    assert (shown["settled_by"], shown["settled_because"]) == ("ops-7", "cut off")
    async with consuming(system.controlling, register := Register()):
        await until(has_applied(register, case, [2, 3]))
    await runbook.prove()


async def dead(system: System, case: str) -> tuple[UUID, bytes]:
    """Leave a case in controlling with its second of three events broken; give the whole value."""
    async with consuming(system.controlling, Register()):
        events = await system.publish(case, 3, spoil=[2])
        await until(lambda: parked_are(system.controlling, case, [3]))
    value = to_kafka(encode(events[1])).value
    assert value is not None
    return (await system.letters(case))["controlling"], value


def has_applied(register: Register, case: str, sequences: list[int]) -> Callable[[], bool]:
    return lambda: register.sequences(case) == sequences


async def has_letters(system: System, case: str) -> bool:
    return bool(await system.letters(case))


async def somebody_waits(system: System) -> bool:
    return bool(
        await system.operator.fetchval(
            "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        )
    )


async def somebody_sleeps(system: System) -> bool:
    return bool(await system.operator.fetchval(SLEEPERS))


async def nobody_sleeps(system: System) -> bool:
    return not await system.operator.fetchval(SLEEPERS)


async def effects(spine: Spine, case: str) -> list[asyncpg.Record]:
    return await spine.pool.fetch("SELECT id FROM effect WHERE subject = $1", case)
