"""``python -m samtykke`` is the command ``samtykke``."""

from samtykke.cli import main

main()
