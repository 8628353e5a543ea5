"""The ColPali family: vision language models that give a page one vector a patch.

loading.py        a name or a folder → an encoder, with one-line reasons where that fails
encoder.py        ColVisionEncoder: batches, devices, vectors, importance
family.py         what one architecture must say of itself
colpali.py · colqwen2.py · colmodernvbert.py · neomme.py    the architectures of transformers
engine.py         those of the optional package colpali-engine
layout.py         which token shows which cell of the page
attention.py      attention importance without eager attention
resolution.py     the resolution at which a page fills what a model looks at
queries.py        subword tokens ↔ the words that people typed
devices.py        which device, which precision, how many pages at once
known_models.py   names, sizes and licences of models that people ask for
"""

from pagelight.retrieval.encoders.colvision.known_models import KNOWN_MODELS, KnownModel, known_model
from pagelight.retrieval.encoders.colvision.loading import load_colvision
from pagelight.retrieval.encoders.colvision.vision_encoder import ColVisionEncoder

__all__ = ["KNOWN_MODELS", "ColVisionEncoder", "KnownModel", "known_model", "load_colvision"]
