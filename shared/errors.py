"""The root of every error this project raises on purpose."""


class GleichfallError(Exception):
    """A condition we know; its message says what, where and what to do.

    Command lines print the message as one line and leave with `exit_code`.
    """

    exit_code = 1


class TransientError(GleichfallError):
    """The same attempt may succeed later: a broker, database or server is away or busy."""


class PermanentError(GleichfallError):
    """The same attempt will fail for ever: the input itself is wrong."""
