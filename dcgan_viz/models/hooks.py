"""Hooks that one thread puts on a shared network, sees alone, and always takes away."""

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

from torch import nn
from torch.utils.hooks import RemovableHandle

from dcgan_viz.errors import InputError

_PLACE = re.compile(r"(?P<module>[^#:]*)(?:#(?P<call>[1-9]\d*))?(?P<input>:input)?")


@dataclass(frozen=True)
class Place:
    """Where an activation is to be had: what a module returns, or reads, in one of its calls.

    Attributes
    ----------
    module : str
        As in ``named_modules()``.
    call : int
        Which call of it in one run of the network, from 1.
    is_input : bool
        What it reads instead of what it returns.

    Examples
    --------
    >>> Place.parse("relu#2"), str(Place("conv3", is_input=True))
    (Place(module='relu', call=2, is_input=False), 'conv3:input')
    """

    module: str
    call: int = 1
    is_input: bool = False

    def __str__(self) -> str:
        return f"{self.module}{f'#{self.call}' if self.call > 1 else ''}{':input' if self.is_input else ''}"

    def is_call_of(self, other: "Place") -> bool:
        """Whether it is the same call of the same module, at whichever end."""
        return (self.module, self.call) == (other.module, other.call)

    @classmethod
    def parse(cls, name: str) -> Self:
        """Read a layer's name: ``main.2``, ``relu#2`` (the second call) or ``conv3:input``.

        Raises
        ------
        InputError
            If it is none.
        """
        match = _PLACE.fullmatch(name)
        if match is None:
            raise InputError(f"layer {name!r}: no layer's name; write NAME, NAME#CALL or NAME:input")
        return cls(match["module"], int(match["call"] or 1), match["input"] is not None)


@dataclass
class ThreadHooks:
    """A context in which this thread's runs of a network call back; other threads' runs are left alone.

    Attributes
    ----------
    network : nn.Module
    """

    network: nn.Module
    _thread: int = field(init=False, default=0)
    _handles: list[RemovableHandle] = field(init=False, default_factory=list)
    _calls: dict[nn.Module, int] = field(init=False, default_factory=dict)
    _numbered: set[nn.Module] = field(init=False, default_factory=set)

    def __enter__(self) -> Self:
        self._thread = threading.get_ident()
        self._handles.append(self.network.register_forward_pre_hook(self._begin))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        for handle in self._handles:
            handle.remove()
        self._handles.clear()

    def before(self, module: nn.Module, callback: Callable[[int, tuple[Any, ...]], Any]) -> None:
        """Call back with (number of the call, inputs) before a module runs; an answer replaces its inputs."""
        self._number(module)

        def hook(_module: nn.Module, inputs: tuple[Any, ...]) -> Any:
            return callback(self._calls[module], inputs) if self._is_mine() else None

        self._handles.append(module.register_forward_pre_hook(hook))

    def after(self, module: nn.Module, callback: Callable[[int, tuple[Any, ...], Any], Any]) -> None:
        """Call back with (number of the call, inputs, output) after a module ran; an answer replaces it."""
        self._number(module)

        def hook(_module: nn.Module, inputs: tuple[Any, ...], output: Any) -> Any:
            return callback(self._calls[module], inputs, output) if self._is_mine() else None

        self._handles.append(module.register_forward_hook(hook))

    def _number(self, module: nn.Module) -> None:
        if module in self._numbered:
            return
        self._numbered.add(module)

        def hook(*_: object) -> None:
            if self._is_mine():
                self._calls[module] = self._calls.get(module, 0) + 1

        self._handles.append(module.register_forward_pre_hook(hook))

    def _begin(self, *_: object) -> None:
        if self._is_mine():
            self._calls.clear()

    def _is_mine(self) -> bool:
        return threading.get_ident() == self._thread
