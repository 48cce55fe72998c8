"""Features of a folder of images from a pretrained encoder, as training takes them.

``extract("images", load_encoder(), "all_ims.npy")``
"""

from vse.features.encoder import DEFAULT, Encoder, load_encoder
from vse.features.extraction import Extraction, extract, ids_path

__all__ = ["DEFAULT", "Encoder", "Extraction", "extract", "ids_path", "load_encoder"]
