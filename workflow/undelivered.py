"""Why a notice did not go out, by whatever channel: in words for officers that hold no address and no number (D37)."""

MOST_TRIES = 12  # with the pauses between them: most of a day
TRIES_WHEN_REFUSED = 3  # a server that says "no such address" is asked no dozen times


class Undeliverable(Exception):
    """A try that failed. The text is for officers and names no address; `tries` is when the notice is given up."""

    def __init__(self, sentence: str, *, tries: int = MOST_TRIES) -> None:
        super().__init__(sentence)
        self.tries = tries


class ServerAway(Exception):
    """Nobody answers on this channel: the other notices of it need not be tried now. Its text says who is away."""
