"""What can go wrong with figures of the service."""

from datetime import date

from shared.errors import PermanentError


class NothingTold(PermanentError):
    """Days were asked for of which nothing was told: no figures, and nothing to be recomputed."""

    def __init__(self, asked: tuple[date, date], known: tuple[date, date] | None) -> None:
        why = "nothing was yet" if known is None else f"what was is of {known[0]} to {known[1]}"
        super().__init__(f"of the days from {asked[0]} to {asked[1]} nothing was told; {why}")


class FiguresDiffer(PermanentError):
    """What is kept isn't what is counted from the same facts."""

    def __init__(self, differing: int) -> None:
        what = "figure differs" if differing == 1 else "figures differ"
        super().__init__(
            f"{differing} {what} from what was kept of the days; 'gleichfall figures recompute' "
            "counts them anew"
        )
