"""Opening files that others wrote, without running anything in them.

`kind_of` looks at the first bytes; `read_torch`, `read_safetensors` (`read_content`: either of them) and
`read_npy` check what a file claims against what it holds before they allocate anything, and raise one-line
errors.
"""

from dcgan_viz.models.reading.content import read_content
from dcgan_viz.models.reading.kinds import kind_of
from dcgan_viz.models.reading.npy import read_npy
from dcgan_viz.models.reading.refusals import refusal
from dcgan_viz.models.reading.safetensors_file import read_safetensors
from dcgan_viz.models.reading.torch_file import read_torch

__all__ = ["kind_of", "read_content", "read_npy", "read_safetensors", "read_torch", "refusal"]
