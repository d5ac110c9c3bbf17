"""Export: half the bytes, the same pictures, nothing that a reader does not need."""

import pytest
import torch
from safetensors.torch import load_file

from dcgan_viz.errors import InputError
from dcgan_viz.models.loading import load
from train import export


def test_exported_file_draws_the_same_pictures_from_half_the_bytes(tiny_checkpoint, tmp_path):
    out = tmp_path / "small.safetensors"
    report = export.export(tiny_checkpoint, out)
    original, exported = load(tiny_checkpoint), load(out)
    z = original.sample_z(export.N_COMPARED, 0)
    change = (exported.generate(z) - original.generate(z)).abs()
    assert report["largest_change"] == pytest.approx(float(change.max()))
    assert report["mean_change"] == pytest.approx(float(change.mean()))
    assert out.stat().st_size < 0.6 * tiny_checkpoint.stat().st_size
    assert {tensor.dtype for tensor in load_file(out).values()} <= {torch.float16, torch.int64}
    assert exported.provenance.metadata == original.provenance.metadata
    assert exported.discriminator is not None


def test_an_export_that_shows_is_refused_and_replaces_nothing(tiny_checkpoint, tmp_path, monkeypatch):
    monkeypatch.setattr(export, "LARGEST_CHANGE", 0.0)
    out = tmp_path / "small.safetensors"
    out.write_bytes(b"an older export")
    with pytest.raises(InputError, match="in half precision a pixel changes by"):
        export.export(tiny_checkpoint, out)
    assert list(tmp_path.iterdir()) == [out]
    assert out.read_bytes() == b"an older export"
