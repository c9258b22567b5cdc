"""Texts so long that work which grows with their square would outlast the time any test has.

No clock is read: a busy machine may be slow, and what is linear ends all the same.
"""

LENGTH = 500_000


def long(filler: str) -> str:
    return filler * (LENGTH // len(filler))
