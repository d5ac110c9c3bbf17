"""Training of DCGANs: `python -m train`."""
