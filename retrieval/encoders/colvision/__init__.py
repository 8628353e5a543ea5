"""The ColPali family: vision language models that give a page one vector a patch."""

from pagelight.retrieval.encoders.colvision.loading import load_colvision
from pagelight.retrieval.encoders.colvision.vision_encoder import ColVisionEncoder

__all__ = ["ColVisionEncoder", "load_colvision"]
