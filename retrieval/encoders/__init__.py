"""Encoders: page images and queries to vectors.

torch and transformers appear in this package only.
"""

from pagelight.retrieval.encoders.encoder import Encoder, EncoderInfo
from pagelight.retrieval.encoders.registry import load_encoder

__all__ = ["Encoder", "EncoderInfo", "load_encoder"]
