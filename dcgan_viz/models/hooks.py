"""Hooks that one thread puts on a shared network, sees alone, and always takes away."""

import copy
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeVar

import torch
from torch import nn
from torch.utils.hooks import RemovableHandle

from dcgan_viz.errors import InputError

_Network = TypeVar("_Network", bound=nn.Module)

_lock = threading.Lock()  # no network is copied while hooks come or go
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
    completed : int
        Runs of it that this thread has brought to their end.
    """

    network: nn.Module
    completed: int = field(init=False, default=0)
    _thread: int | None = field(init=False, default=None)
    _is_running: bool = field(init=False, default=False)
    _handles: list[RemovableHandle] = field(init=False, default_factory=list)
    _calls: dict[nn.Module, int] = field(init=False, default_factory=dict)
    _numbered: set[nn.Module] = field(init=False, default_factory=set)

    def __enter__(self) -> Self:
        self._thread = threading.get_ident()
        self._put_before(self.network, self._begin)
        self._put_after(self.network, self._end, always_call=True)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._thread = None
        with _lock:
            for handle in self._handles:
                handle.remove()
        self._handles.clear()

    def before(self, module: nn.Module, callback: Callable[[int, tuple[Any, ...]], Any]) -> None:
        """Call back with (number of the call, inputs) before a module runs; an answer replaces its inputs."""
        self._number(module)
        self._put_before(module, lambda _, inputs: callback(self._calls[module], inputs))

    def after(self, module: nn.Module, callback: Callable[[int, tuple[Any, ...], Any], Any]) -> None:
        """Call back with (number of the call, inputs, output) after a module ran; an answer replaces it."""
        self._number(module)
        self._put_after(module, lambda _, inputs, output: callback(self._calls[module], inputs, output))

    def _number(self, module: nn.Module) -> None:
        if module in self._numbered:
            return
        self._numbered.add(module)

        def count(*_: object) -> None:
            # Whoever runs a module by itself, outside of a run of the network, makes its first call.
            self._calls[module] = self._calls.get(module, 0) + 1 if self._is_running else 1

        self._put_before(module, count)

    def _begin(self, *_: object) -> None:
        self._calls.clear()
        self._is_running = True

    def _end(self, _module: nn.Module, _inputs: object, output: object) -> None:
        self._is_running = False
        self.completed += output is not None  # it is None after an error

    def _put_before(self, module: nn.Module, function: Callable[..., Any]) -> None:
        if isinstance(module, torch.jit.ScriptModule):
            raise InputError(
                f"{type(self.network).__name__}: it holds a TorchScript module, which cannot be looked into; "
                "give the nn.Module that it was made from"
            )
        with _lock:
            self._handles.append(module.register_forward_pre_hook(_Hook(self, function)))

    def _put_after(self, module: nn.Module, function: Callable[..., Any], always_call: bool = False) -> None:
        with _lock:
            hook = _Hook(self, function)
            self._handles.append(module.register_forward_hook(hook, always_call=always_call))

    def is_mine(self) -> bool:
        """Whether the context lasts, and the thread that runs now is the one that entered it."""
        return threading.get_ident() == self._thread


@dataclass(frozen=True)
class _Hook:
    """A function that is called in one thread alone, and of which a copy of the network keeps nothing."""

    owner: ThreadHooks
    function: Callable[..., Any]

    def __call__(self, *arguments: Any) -> Any:
        return self.function(*arguments) if self.owner.is_mine() else None

    def __deepcopy__(self, memo: object) -> Callable[..., None]:
        return _nothing


def _nothing(*_: object) -> None:
    """Do nothing, in the place of a hook that was put on another network."""


def copy_of(network: _Network) -> _Network:
    """A deep copy of a network, on which other threads may put hooks meanwhile.

    Its weights take gradients also where the copy is made in inference mode.
    """
    with _lock, torch.inference_mode(False):
        return copy.deepcopy(network)
