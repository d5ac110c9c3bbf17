"""``python -m dcgan_viz.vector_arithmetic``."""

from dcgan_viz.vector_arithmetic.command import main

if __name__ == "__main__":
    main()
