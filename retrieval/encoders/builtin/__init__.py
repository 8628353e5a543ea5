"""The built-in encoder: small, offline, on a CPU."""
