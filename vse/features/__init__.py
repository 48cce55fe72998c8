"""Features of a folder of photos from a pretrained encoder, as training takes them.

``extract("photos", load_encoder("timm:resnet50"), "all_ims.npy")``
"""

from vse.features.encoder import Encoder, load_encoder
from vse.features.extraction import Extraction, extract, ids_path

__all__ = ["Encoder", "Extraction", "extract", "ids_path", "load_encoder"]
