"""The one exception that a person is meant to read."""


class InputError(ValueError):
    """What a person handed over cannot be used.

    The message is one line: the thing and its value, what is wrong with it, the way out. Commands print
    it on stderr and exit with 1; a library caller catches it as a ``ValueError``.

    Examples
    --------
    >>> raise InputError("faces.safetensors: no such file; give a checkpoint's path, or 'rooms'")
    Traceback (most recent call last):
    dcgan_viz.errors.InputError: faces.safetensors: no such file; give a checkpoint's path, or 'rooms'
    """
