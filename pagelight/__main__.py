"""`python -m pagelight` is the program `pagelight`."""

import sys

from pagelight.app.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
