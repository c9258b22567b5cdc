"""What can go wrong with figures of the service."""

from shared.errors import PermanentError


class FiguresDiffer(PermanentError):
    """What is kept isn't what is counted from the same facts."""

    def __init__(self, differing: int) -> None:
        what = "figure differs" if differing == 1 else "figures differ"
        super().__init__(
            f"{differing} {what} from what was kept of the days; 'gleichfall figures recompute' "
            "counts them anew"
        )
