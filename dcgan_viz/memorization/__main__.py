"""``python -m dcgan_viz.memorization``."""

from dcgan_viz.memorization.command import main

if __name__ == "__main__":
    main()
