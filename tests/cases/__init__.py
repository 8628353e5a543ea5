"""Small files of the kinds that readers trip over, each with the value that is right (the tests that use them)."""

from pathlib import Path

CASES = Path(__file__).parent
