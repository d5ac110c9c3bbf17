"""Opens files, each in a process of its own, and prints what came of it as JSON lines.

``python measure_reading.py DIRECTORY``, whose files are named READER~NAME. Memory is what a file takes beyond
the imports: the child starts with the pages of its parent, and its high-water mark counts from there.
"""

import json
import os
import resource
import sys
import time
import traceback
from pathlib import Path

import torch

from dcgan_viz.errors import InputError
from dcgan_viz.models.reading import read_npy, read_safetensors, read_torch

READERS = {"torch": read_torch, "safetensors": read_safetensors, "npy": read_npy}


def resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def measure(path: Path) -> dict[str, object]:
    reader = READERS[path.name.partition("~")[0]]
    before = resident_bytes()
    start = time.perf_counter()
    try:
        reader(path)
        outcome, line = "opened", ""
    except InputError as error:
        outcome, line = "refused", str(error)
    except BaseException:
        outcome, line = "failed", traceback.format_exc()
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"seconds": seconds, "bytes": peak - before, "outcome": outcome, "line": line}


def main() -> None:
    torch.set_num_threads(1)
    for path in sorted(Path(sys.argv[1]).iterdir()):
        if "~" not in path.name or path.name.endswith(".ran"):
            continue
        receive, send = os.pipe()
        if (child := os.fork()) == 0:
            os.write(send, json.dumps(measure(path)).encode())
            os._exit(0)
        os.close(send)
        with os.fdopen(receive, "rb") as stream:
            content = stream.read()
        _, status = os.waitpid(child, 0)
        result = json.loads(content) if content else {"outcome": f"died with status {status}", "line": ""}
        sys.stdout.write(json.dumps({"name": path.name, **result}) + "\n")


if __name__ == "__main__":
    main()
