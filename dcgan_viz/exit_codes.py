"""How a command ends: with exit code 0, 1, 2 or 130, and at most one line of error."""

import errno
import functools
import os
import shlex
import signal
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import click

from dcgan_viz.errors import InputError

COMMAND_LINE = "dcgan_viz.command_line"
_MAX_LINE = 2000  # characters; a path may have more
_WAYS_OUT = {
    errno.ENOSPC: "free some space, or give a directory on another disk",
    errno.EDQUOT: "free some space, or give a directory on another disk",
    errno.EACCES: "give a path that you may use",
    errno.EPERM: "give a path that you may use",
    errno.EROFS: "give a path that you may use",
    errno.ENOENT: "check the path",
    errno.ENOTDIR: "check the path",
    errno.EISDIR: "give a file",
}


class ExitCodes(click.Command):
    """Ends every run with exit code 0, 1, 2 or 130, and at most one line of error on stderr.

    ``DCGAN_VIZ_TRACEBACK=1`` in the environment shows the traceback instead, for developers.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.context_settings.setdefault("token_normalize_func", lambda token: token.replace("_", "-"))
        self.context_settings.setdefault("help_option_names", ["-h", "--help"])

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse, and remember the command line for the provenance."""
        ctx.meta[COMMAND_LINE] = f"{ctx.command_path} {shlex.join(args)}".rstrip()
        return super().parse_args(ctx, args)

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run the command and exit; with ``standalone_mode=False`` return or raise, as click does."""
        run: Callable[..., Any] = functools.partial(super().main, args, prog_name, complete_var, **extra)
        if not standalone_mode or os.environ.get("DCGAN_VIZ_TRACEBACK") == "1":
            return run(standalone_mode=standalone_mode)
        with suppress(ValueError):  # only a process's main thread may set it
            signal.signal(signal.SIGTERM, _terminated)
        try:
            code: object = run(standalone_mode=False)
        except (Exception, KeyboardInterrupt) as error:
            code = _report(error)
        sys.exit(code if isinstance(code, int) else 0)


def _terminated(number: int, frame: object) -> None:
    """End as an exception does, so that nothing half-written stays behind."""
    raise SystemExit(128 + number)


def _report(error: BaseException) -> int:
    """Say in one line what went wrong, and choose the exit code; what is a defect is raised again."""
    if isinstance(error, click.Abort) and error.__cause__ is not None:
        error = error.__cause__  # click makes Abort of KeyboardInterrupt, and of EOFError too
    if isinstance(error, KeyboardInterrupt):
        click.echo("Interrupted", err=True)
        return 130
    if isinstance(error, click.UsageError):
        hint = f" (see '{error.ctx.command_path} --help')" if error.ctx else ""
        click.echo(f"Error: {_one_line(error.format_message()).removesuffix('.')}{hint}", err=True)
    elif isinstance(error, click.ClickException):
        click.echo(f"Error: {_one_line(error.format_message())}", err=True)
    elif isinstance(error, InputError):
        click.echo(f"Error: {_one_line(str(error))}", err=True)
    elif isinstance(error, OSError):
        click.echo(f"Error: {_describe(error)}", err=True)
    else:
        raise error
    return error.exit_code if isinstance(error, click.ClickException) else 1


def _describe(error: OSError) -> str:
    what = _one_line(error.strerror or str(error) or type(error).__name__)
    name = os.fsdecode(error.filename) if isinstance(error.filename, str | bytes) else ""
    way_out = _WAYS_OUT.get(error.errno or 0, "")
    return ": ".join(filter(None, [name, what])) + (f"; {way_out}" if way_out else "")


def _one_line(text: str) -> str:
    line = printable(" ".join(text.split()))
    half = _MAX_LINE // 2
    return line if len(line) <= _MAX_LINE else f"{line[:half]} ... {line[-half:]}"


def printable(line: str) -> str:
    """A line that neither steers a terminal nor fails to be encoded, as a path that is not UTF-8 would."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in line)
