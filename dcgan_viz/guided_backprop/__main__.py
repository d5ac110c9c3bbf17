"""``python -m dcgan_viz.guided_backprop``."""

from dcgan_viz.guided_backprop.command import main

if __name__ == "__main__":
    main()
