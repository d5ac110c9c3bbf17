"""How fast rooms are drawn, beside how fast Pillow decodes them: ``python benchmarks/rooms_throughput.py``.

The peer is what most training runs do instead: read a folder of PNG files of the same images.
"""

import io
import json
import time

import click
from PIL import Image

from dcgan_viz.data.rooms import render_split


@click.command()
@click.option("--count", type=click.IntRange(min=100), default=4000, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="One JSON object.")
def main(count: int, as_json: bool) -> None:
    """Draw rooms in two processes and decode the same rooms from PNG in one."""
    started = time.perf_counter()
    images, _ = render_split("train", count, workers=2)
    drawn_s = time.perf_counter() - started
    files = []
    for image in images:
        buffer = io.BytesIO()
        Image.fromarray(image).save(buffer, "PNG")
        files.append(buffer.getvalue())
    started = time.perf_counter()
    for file in files:
        Image.open(io.BytesIO(file)).load()
    decoded_s = time.perf_counter() - started
    result = {
        "count": count,
        "rooms_per_second": round(count / drawn_s, 1),
        "png_per_second": round(count / decoded_s, 1),
        "ratio": round(decoded_s / drawn_s, 3),
    }
    click.echo(json.dumps(result) if as_json else "\n".join(f"{k}: {v}" for k, v in result.items()))


if __name__ == "__main__":
    main()
