"""Benchmarks and control measurements; `python -m bench` runs them."""
