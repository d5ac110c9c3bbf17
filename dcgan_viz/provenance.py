"""Where a result comes from: enough to make it again."""

import platform
from dataclasses import asdict, dataclass
from importlib import metadata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dcgan_viz.models.gan import Gan

_PACKAGES = (
    "dcgan_viz", "torch", "torchvision", "numpy", "scikit-learn", "captum", "matplotlib", "plotly", "pillow",
)  # fmt: skip


@dataclass(frozen=True)
class ResultProvenance:
    """The record that every ``result.json`` carries.

    Attributes
    ----------
    command : str
        The command line as it was typed.
    seed : int
        Seed of every random draw.
    device : str
        Device of the networks, such as "cpu" or "cuda:0".
    checkpoint_path, checkpoint_sha256 : str
        The weights file.
    importer : str
        What read it.
    files : dict of str to str
        All files that were read, with the SHA-256 of each; where there are several, ``checkpoint_sha256`` is
        of all together.
    prior : dict or None
        Kind and size of the distribution over z.
    assumptions : tuple of str
        What the file does not say and was taken for granted.
    batchnorm : dict of str to dict
        For "generator" and "discriminator": the statistics' mode, with n, seed and data where calibrated.
    packages : dict of str to str
        Versions, Python's among them.
    duration_s : float
        Wall-clock seconds from the parsed command line to this record.
    """

    command: str
    seed: int
    device: str
    checkpoint_path: str
    checkpoint_sha256: str
    importer: str
    files: dict[str, str]
    prior: dict[str, object] | None
    assumptions: tuple[str, ...]
    batchnorm: dict[str, dict[str, object]]
    packages: dict[str, str]
    duration_s: float

    @classmethod
    def of(cls, gan: "Gan", *, command: str, seed: int, duration_s: float) -> "ResultProvenance":
        """The record for a result computed with ``gan``.

        Parameters
        ----------
        gan : Gan
            Its device and the provenance of its weights are taken.
        command : str
            The command line, or a line of code.
        seed : int
            Seed of every random draw.
        duration_s : float
            Seconds it took.

        Returns
        -------
        ResultProvenance
        """
        return cls(
            command=command,
            seed=seed,
            device=str(gan.device),
            checkpoint_path=str(gan.provenance.path),
            checkpoint_sha256=gan.provenance.sha256,
            importer=gan.provenance.importer,
            files=dict(gan.provenance.files),
            prior=None if gan.prior is None else asdict(gan.prior),
            assumptions=gan.provenance.assumptions,
            batchnorm={name: statistics.to_json() for name, statistics in gan.batchnorm.items()},
            packages=package_versions(),
            duration_s=round(duration_s, 3),
        )

    def to_json(self) -> dict[str, object]:
        """The record as JSON types, the checkpoint's path and hash together."""
        return {
            "command": self.command,
            "seed": self.seed,
            "device": self.device,
            "checkpoint": {
                "path": self.checkpoint_path,
                "sha256": self.checkpoint_sha256,
                "files": self.files,
            },
            "prior": self.prior,
            "importer": self.importer,
            "assumptions": list(self.assumptions),
            "batchnorm": self.batchnorm,
            "packages": self.packages,
            "duration_s": self.duration_s,
        }


def package_versions() -> dict[str, str]:
    """Versions of Python and of the installed packages that a result depends on.

    Examples
    --------
    >>> sorted(package_versions())[0]
    'captum'
    """
    versions = {"python": platform.python_version()}
    for name in _PACKAGES:
        try:
            versions[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return versions
