"""Make twelve photographs of two packages grey and small.

pip install --no-deps scikit-image==0.25.2 scikit-learn==1.7.2 pillow
python -m tools.data.photographs
"""

import io
import json
import lzma

from PIL import Image

from rnncourse.data.photographs import CARD
from tools.data.package import file_of, keep

SHORTER = 120
DATA, IMAGES = ("skimage", "0.25.2", "data"), ("sklearn", "1.7.2", "datasets", "images")
FILES = {
    "astronaut.png": "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
    "brick.png": "7966caf324f6ba843118d98f7a07746d22f6a343430add0233eca5f6eaaa8fcf",
    "camera.png": "b0793d2adda0fa6ae899c03989482bff9a42d3d5690fc7e3648f2795d730c23a",
    "chelsea.png": "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
    "china.jpg": "8378025ad2519d649d02e32bd98990db4ab572357d9f09841c2fbfbb4fefad29",
    "coffee.png": "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
    "coins.png": "f8d773fc9cfa6f4d8e5942dc34d0a0788fcaed2a4fefbbed0aef5398d7ef4cba",
    "flower.jpg": "a77f6ec41e353afdf8bdff2ea981b2955535d8d83294f8cfa49cf4e423dd5638",
    "grass.png": "b6b6022426b38936c43a4ac09635cd78af074e90f42ffa8227ac8b7452d39f89",
    "gravel.png": "c48615b451bf1e606fbd72c0aa9f8cc0f068ab7111ef7d93bb9b0f2586440c12",
    "hubble_deep_field.jpg": "3a19c5dd8a927a9334bb1229a6d63711b1c0c767fb27e2286e7c84a3e2c2f5f4",
    "rocket.jpg": "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c",
}


def small(content):
    """A photograph's bytes -> grey, the shorter side 120 pixels."""
    image = Image.open(io.BytesIO(content)).convert("L")
    factor = SHORTER / min(image.size)
    return image.resize([round(side * factor) for side in image.size], Image.Resampling.LANCZOS)


if __name__ == "__main__":
    shapes, pixels = [], b""
    for name, digest in FILES.items():
        folder = IMAGES if name in ("china.jpg", "flower.jpg") else DATA
        image = small(file_of(*folder, name, digest=digest))
        shapes.append((name.partition(".")[0].partition("_")[0], image.size[::-1]))
        pixels += image.tobytes()
    keep(lzma.compress(json.dumps(shapes).encode() + b"\n" + pixels, preset=9), CARD)
