"""Encoders: page images and queries to vectors, and the encoder of a name.

torch and transformers appear in this package only.
"""

from pathlib import Path

from pagelight.retrieval.encoders.encoder import Encoder, EncoderInfo

__all__ = ["BUILTIN", "Encoder", "EncoderInfo", "load_encoder"]

BUILTIN = "builtin"


def load_encoder(name: str = BUILTIN, device: str = "auto") -> Encoder:
    """The encoder called `name`: "builtin", a folder with a saved model, or a hub name.

    An index records the built-in encoder with its weights' digest ("builtin-1a2b3c4d"); that name loads the
    encoder of today, and the index says so if it is another.

    device: "auto", "cpu", "cuda" or "mps"
    Raises ModelNotFound and ModelUnsupported.
    """
    if name == BUILTIN or name.startswith(f"{BUILTIN}-"):
        from pagelight.retrieval.encoders.builtin.builtin_encoder import BuiltinEncoder

        return BuiltinEncoder.load()
    from pagelight.retrieval.encoders.colvision import load_colvision

    return load_colvision(Path(name) if Path(name).is_dir() else name, device=device)
