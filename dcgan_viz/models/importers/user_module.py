"""A person's own network: a class named on the command line, its arguments, and a file with its weights.

Importing a module runs its code. So the name of a class may come from the command line that starts a tool or
from Python, never from a file or a web page.
"""

from __future__ import annotations

import importlib
import inspect
import json
import os
import sys
import sysconfig
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from itertools import chain
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from dcgan_viz.errors import InputError
from dcgan_viz.models.forms import refuse_conditional
from dcgan_viz.models.importers.user_weights import load_weights


def module_from_path(
    path: str, args: Mapping[str, Any] | None = None, weights: Path | None = None
) -> nn.Module:
    """Build a network from ``package.module:Class``.

    The current directory can be imported from in the meantime, as ``python -m`` has it. Initial weights are
    those of seed 0, whatever the global random state, which is not moved.

    Parameters
    ----------
    path : str
        A module's name and, after a colon, a class in it or a function; either gives an ``nn.Module``.
    args : Mapping or None
        Keyword arguments of that class or function.
    weights : Path or None
        A state dict of the network, or a checkpoint that holds just one that fits, as torch.save or
        safetensors wrote it.

    Returns
    -------
    nn.Module
        In eval mode, float32, on the CPU.

    Raises
    ------
    InputError
        If there is no such class, its code fails, it gives no ``nn.Module``, the network needs labels
        besides its input, or the weights do not fit.
    """
    module_name, _, attributes = path.partition(":")
    names = [*module_name.split("."), *attributes.split(".")]
    if not all(name.isidentifier() for name in names) or module_name.endswith(".py"):
        raise InputError(f"{path!r}: not of the form package.module:Class; name a class or function so")
    # A command's stdout is for its result, whatever the person's code prints.
    with _current_directory_importable(), redirect_stdout(sys.stderr), torch.random.fork_rng([]):
        build = _attribute(path, _imported(path, module_name), attributes)
        module = _built(path, build, dict(args or {}))
        refuse_conditional(module, path)
        _refuse_lazy(module, path)
        with _told(path, "cannot be brought to float32 on the CPU"):
            module = module.to("cpu", torch.float32)
    if weights is not None:
        load_weights(module, weights, path)
    return module.eval()


def arguments_from_json(text: str) -> dict[str, Any]:
    """Read keyword arguments as the command line gives them.

    Parameters
    ----------
    text : str
        A JSON object: ``{"ngf": 64}``.

    Raises
    ------
    InputError
        If it is none.

    Examples
    --------
    >>> arguments_from_json('{"ngf": 64}')
    {'ngf': 64}
    """
    way_out = 'give a JSON object such as {"ngf": 64}'
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"arguments {_short(text)!r}: not JSON ({error}); {way_out}") from error
    if not isinstance(found, dict):
        raise InputError(f"arguments {_short(text)!r}: JSON, but no object; {way_out}")
    return found


def _refuse_lazy(module: nn.Module, path: str) -> None:
    lazy = [
        name for name, tensor in chain(module.named_parameters(), module.named_buffers()) if is_lazy(tensor)
    ]
    if lazy:
        raise InputError(f"{path}: {lazy[0]} has no shape yet (a lazy layer); use layers with their sizes")


@contextmanager
def _current_directory_importable() -> Iterator[None]:
    here = str(Path.cwd())
    if here in sys.path or "" in sys.path:
        yield
        return
    sys.path.insert(0, here)
    try:
        yield
    finally:
        if here in sys.path:  # what is imported may have changed the list itself
            sys.path.remove(here)


def _imported(path: str, module_name: str) -> object:
    importlib.invalidate_caches()
    try:
        with _told(path, "its import fails"):
            return importlib.import_module(module_name)
    except InputError as error:
        cause = error.__cause__
        if isinstance(cause, ModuleNotFoundError) and f"{module_name}.".startswith(f"{cause.name}."):
            raise InputError(
                f"{path}: no module {cause.name!r} in {Path.cwd()} or among the installed packages; "
                "run from the directory that holds it, or install it"
            ) from cause
        raise


def _attribute(path: str, module: object, attributes: str) -> Callable[..., object]:
    found = module
    for name in attributes.split("."):
        try:
            found = getattr(found, name)
        except AttributeError as error:
            known = [key for key, value in vars(module).items() if _is_network(value)]
            has = f"it has {', '.join(known[:10])}" if known else "it has no class of networks"
            raise InputError(f"{path}: no {name!r} in that module; {has}") from error
    if not (inspect.isclass(found) or inspect.isroutine(found)):
        raise InputError(
            f"{path}: {_kind(found)}, neither a class nor a function; name one that gives a torch.nn.Module"
        )
    return found


def _built(path: str, build: Callable[..., object], args: dict[str, Any]) -> nn.Module:
    try:
        signature: inspect.Signature | None = inspect.signature(build)
    except (TypeError, ValueError):  # written in C: calling it will tell
        signature = None
    if signature is not None:
        try:
            signature.bind(**args)
        except TypeError as error:
            raise InputError(f"{path}: {error}; its arguments are {signature}") from error
    with _told(path, f"cannot be built with {_short(args) if args else 'no arguments'}"):
        torch.default_generator.manual_seed(0)  # torch.manual_seed would reach the other devices, too
        module = build(**args)
    if not isinstance(module, nn.Module):
        raise InputError(
            f"{path}: gives {_kind(module)}, no torch.nn.Module; name a class or function that does"
        )
    return module


@contextmanager
def _told(path: str, what: str) -> Iterator[None]:
    """Turn whatever a person's own code raises into one line with the place in that code."""
    try:
        yield
    except (Exception, SystemExit) as error:
        said = " ".join(str(error.msg if isinstance(error, SyntaxError) else error).split())
        raise InputError(
            f"{path}: {what}: {_place(error)}{type(error).__name__}{f': {_short(said, 300)}' if said else ''}"
        ) from error


def _place(error: BaseException) -> str:
    """File and line where a person's own code failed, with a colon and a space."""
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}: "
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not _is_ours(frame.filename)]
    return f"{frames[-1].filename}:{frames[-1].lineno}: " if frames else ""


def _is_ours(filename: str) -> bool:
    """Whether a frame is of this file, of torch, or of Python, which the person did not write."""
    standard = sysconfig.get_path("stdlib")
    installed = "site-packages" in filename or "dist-packages" in filename
    torch_directory = f"{Path(torch.__file__).parent}{os.sep}"
    return (
        filename == __file__
        or filename.startswith(("<frozen ", torch_directory))
        or (filename.startswith(standard) and not installed)
    )


def _is_network(value: object) -> bool:
    return (
        inspect.isclass(value)
        and issubclass(value, nn.Module)
        and value.__module__.partition(".")[0] != "torch"
    )


def _kind(value: object) -> str:
    return "None" if value is None else f"an object of class {type(value).__name__}"


def _short(value: object, limit: int = 80) -> str:
    text = value if isinstance(value, str) else json.dumps(value, default=repr)
    return text if len(text) <= limit else f"{text[: limit - 3]}..."
