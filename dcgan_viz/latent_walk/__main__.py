"""``python -m dcgan_viz.latent_walk``."""

from dcgan_viz.latent_walk.command import main

if __name__ == "__main__":
    main()
