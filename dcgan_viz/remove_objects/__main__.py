"""``python -m dcgan_viz.remove_objects``."""

from dcgan_viz.remove_objects.command import main

if __name__ == "__main__":
    main()
