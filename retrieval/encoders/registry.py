"""Names to encoders."""

from pathlib import Path

from retrieval.encoders.protocol import Encoder

BUILTIN = "builtin"


def load_encoder(name: str = BUILTIN, device: str = "auto") -> Encoder:
    """The encoder called `name`: "builtin", a folder with a saved model, or a hub name.

    device: "auto", "cpu", "cuda" or "mps"
    Raises ModelNotFound and ModelUnsupported.
    """
    if name == BUILTIN:
        from retrieval.encoders.builtin import BuiltinEncoder

        return BuiltinEncoder.load()
    from retrieval.encoders.colvision import load_colvision

    return load_colvision(Path(name) if Path(name).is_dir() else name, device=device)
