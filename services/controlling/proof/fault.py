"""What verifiers find wrong with an exported draw: one line per fault, the same in each of them.

`docs/guide/auditors/README.md` tells what each kind means; who changes a kind or its words here
changes them there and in the verifiers beside it.
"""

from dataclasses import dataclass
from enum import StrEnum


class FaultKind(StrEnum):
    """What is wrong, by a name that stays when words change."""

    FORMAT = "format"
    TWICE = "twice"
    ORDER = "order"
    TICKET = "ticket"
    PROBABILITY = "probability"
    DRAWN = "drawn"
    SIZE = "size"
    SAMPLE = "sample"
    LATE = "late"
    BACKDATED = "backdated"
    HEAD = "head"
    ENTRIES = "entries"
    CLOSED = "closed"
    CHAIN = "chain"
    KEPT = "kept"
    STAMP = "stamp"
    STAMPED_AT = "stamped_at"
    CLOSED_AT = "closed_at"
    CLOSED_EARLY = "closed_early"
    WITNESSED_EARLY = "witnessed_early"
    WITNESSED_LATE = "witnessed_late"
    HEAD_STAMP = "head_stamp"
    AUDIT_STAMP = "audit_stamp"
    COMMITMENT = "commitment"
    SEED = "seed"
    SIGNATURE = "signature"
    KEY = "key"


_WORDS = {
    FaultKind.FORMAT: "line {where} is no {right} of an exported draw; ask for the file again",
    FaultKind.TWICE: "{where}: stands twice",
    FaultKind.ORDER: "{where}: stands out of order",
    FaultKind.TICKET: "{where}: the seed gives ticket {right}, the file says {said}",
    FaultKind.PROBABILITY: "{where}: its probability is {right}, the file says {said}",
    FaultKind.DRAWN: "{where}: the draw gives {right}, the file says {said}",
    FaultKind.SIZE: "{where}: decisions at the close: {right}, the file says {said}",
    FaultKind.SAMPLE: "{where}: drawn at the close: {right}, the file says {said}",
    FaultKind.LATE: "{where}: is late by its flag or by its stratum, not by both",
    FaultKind.BACKDATED: "{where}: registered before the head of {right}, and stands behind it",
    FaultKind.HEAD: "entry {where}: the chain isn't the one whose head was published on {right}",
    FaultKind.ENTRIES: "entries of the register: {right}, the file holds {said}",
    FaultKind.CLOSED: "entries at the close: {right}, the file counts {said} decisions then",
    FaultKind.CHAIN: "the chain of the register gives another head than the file says",
    FaultKind.KEPT: "the head that was kept of {where} is not in this register",
    FaultKind.STAMP: "the time stamp is none of this commitment",
    FaultKind.STAMPED_AT: "the time stamp says {right}, the file says {said}",
    FaultKind.CLOSED_AT: "closed {said}, before its last day was over",
    FaultKind.CLOSED_EARLY: "closed early, and the file doesn't say so",
    FaultKind.WITNESSED_EARLY: "witnessed {said}, before it was promised {right}",
    FaultKind.WITNESSED_LATE: "witnessed {said}, when its first day had begun",
    FaultKind.HEAD_STAMP: "the time stamp of the head of {where} is none of it",
    FaultKind.AUDIT_STAMP: "the time stamp of the audit log is none of it",
    FaultKind.COMMITMENT: "the commitment is to another {right} than the file holds",
    FaultKind.SEED: "the seed was swapped: commitment and tickets are another's",
    FaultKind.SIGNATURE: "the signature is not this file's",
    FaultKind.KEY: "signed with another key than {right}",
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong.

    Attributes:
        where: The decision, the stratum or the number of the line.
        right: What it would have to be.
        said: What the file says.
    """

    kind: FaultKind
    where: object = ""
    right: object = ""
    said: object = ""

    def __str__(self) -> str:
        return _WORDS[self.kind].format(where=self.where, right=self.right, said=self.said)
