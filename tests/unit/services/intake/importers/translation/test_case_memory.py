"""Remembering cases."""

from services.intake.importers.translation.case_memory import CaseMemory


def test_a_case_is_remembered_however_many_come_between() -> None:
    memory = CaseMemory("case-{}".format, recent=3)
    first = memory.recall("a")
    first.position, first.decision_id = 7, "decision-a"
    first.carried["result"] = "no"

    for number in range(20):
        memory.recall(str(number)).position += 1
    again = memory.recall("a")

    assert again is not first, "it went through the file"
    assert again == first
    assert memory.recall("19").position == 1
    assert memory.cases == 21
