"""The ColPali family: vision language models that give a page one vector a patch."""

from pagelight.retrieval.encoders.colvision.known_models import KNOWN_MODELS, KnownModel, known_model
from pagelight.retrieval.encoders.colvision.loading import load_colvision
from pagelight.retrieval.encoders.colvision.vision_encoder import ColVisionEncoder

__all__ = ["KNOWN_MODELS", "ColVisionEncoder", "KnownModel", "known_model", "load_colvision"]
