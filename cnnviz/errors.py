"""The one error that a user reads: a plain sentence with the way out."""


class InputError(ValueError):
    """Input that cannot be used.

    ``str(error)`` is one plain sentence for the person in front of the screen; it says
    what is wrong and what to do instead, and is shown as it stands. Whoever raises it
    has changed nothing.
    """
