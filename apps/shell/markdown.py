"""Text as Markdown shows it, whatever is in it."""

from __future__ import annotations

import re

from dcgan_viz.exit_codes import printable

_MARKS = re.compile(r"[\\`*_{}\[\]<>()#+\-!|~$:&=]")
_NUMBER = re.compile(r"^([0-9]+)\.(?=\s)")
_PARTED = re.compile(  # as in :icon: or https://, www., me@example.org, and ->
    r"\\:(?=//|[\w+\-\\/]+\\:)|www(?=\.)|(?=@[\w\-\\]+\.)|\\[-<>~](?=\\[-=>])", re.IGNORECASE
)


def escaped(text: str) -> str:
    r"""Text as Markdown shows it to the letter.

    Addresses, icons and arrows are looked for in what a backslash has escaped, too: a word joiner, which
    nobody sees, parts them.

    Examples
    --------
    >>> print(escaped("![x](y.png)"), escaped("&lt;"), escaped("1. of 2"))
    \!\[x\]\(y.png\) \&lt; 1\. of 2
    >>> "www." in escaped("www.example.org")
    False
    """
    marked = _MARKS.sub(r"\\\g<0>", printable(" ".join(text.split())))
    return _NUMBER.sub(r"\1\\.", _PARTED.sub("\\g<0>\N{WORD JOINER}", marked))
