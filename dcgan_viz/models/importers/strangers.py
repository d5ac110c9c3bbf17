"""Networks that a state dict does not describe in full, told by the names in it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from dcgan_viz.errors import InputError

OWN_CLASS = "load it through its own class: --generator package.module:Class --weights FILE"

# First the ones that say most: an embedding inside a residual network makes it conditional above all.
_FAMILIES = (
    (
        re.compile(r"emb(ed(ding)?)?s?\d*|.*_emb(ed(ding)?)?s?|emb_.*|label.*|.*_labels?|class_.*|cond.*"),
        "conditional: it needs labels, and how they enter is not in the file",
    ),
    (
        re.compile(
            r"(self_?)?att(n|ention)?\d*|.*_att(n|ention)|(query|key|value)(_conv)?|[qkv]_proj|mha\d*"
        ),
        "attention, whose wiring is not in the file",
    ),
    (
        re.compile(
            r"res(_?(net|block|idual|layer))?s?_?\d*|residuals?\d*|shortcut.*|skip.*|bypass|conv_sc|c_sc"
        ),
        "residual connections, whose wiring is not in the file",
    ),
    (
        re.compile(r"lstm.*|gru.*|rnn.*|weight_[ih]h_l\d+|in_proj_weight"),
        "layers that are no convolutions",
    ),
)


def refuse_by_name(source: str, keys: Iterable[str]) -> None:
    """Refuse a network whose names say that its parameters are not all there is to it.

    Parameters
    ----------
    source : str
        Where the names come from, for the message.
    keys : iterable of str
        The names in a state dict.

    Raises
    ------
    InputError
        If a name speaks of labels, attention, residual connections or recurrent layers.
    """
    keys = list(keys)
    for pattern, what in _FAMILIES:
        for key in keys:
            if any(
                pattern.fullmatch(part)
                for part in re.sub(r"(?<=[a-z])(?=[A-Z])", "_", key).lower().split(".")
            ):
                raise InputError(f"{source}: {key}: {what}; {OWN_CLASS}")
