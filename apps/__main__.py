"""``python -m apps``."""

from apps.command import main

if __name__ == "__main__":
    main()
