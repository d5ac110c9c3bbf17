"""``python -m dcgan_viz.figure_set``."""

from dcgan_viz.figure_set.command import main

if __name__ == "__main__":
    main()
