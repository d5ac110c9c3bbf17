"""Networks, checkpoints, layers and the `Gan` that every analysis takes."""
