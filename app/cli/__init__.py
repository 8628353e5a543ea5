"""The program `pagelight`."""
