"""Encoders: page images and queries to vectors.

torch and transformers appear in this package only.
"""

from retrieval.encoders.protocol import Encoder, EncoderInfo
from retrieval.encoders.registry import load_encoder

__all__ = ["Encoder", "EncoderInfo", "load_encoder"]
