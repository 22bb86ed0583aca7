"""A Sequential as one .npz file: the weights as arrays, the layers and options as JSON.

No pickle: loading such a file runs no code, whoever wrote it.
"""

import json
import os
import zipfile
from pathlib import Path

import numpy as np

from rnncourse.nn import layers as layer_classes

__all__ = ["layer_from_config", "load", "save"]

FORMAT = "rnncourse.nn.Sequential 1"


def save(model, path):
    """Write a built model to `path`, which must end in .npz; an older file is replaced whole."""
    path = Path(path)
    if path.suffix != ".npz":
        raise ValueError(f"A model is saved as .npz; got {path.name!r}.")
    config = {
        "format": FORMAT,
        "name": model.name,
        "input_shape": model.input_shape,
        "layers": [layer.describe() for layer in model.layers],
    }
    arrays = {f"weight_{i}": w for i, w in enumerate(model.weights)}
    # First under another name: a full disk then costs the new file, never the old one.
    part = path.with_name(path.name + ".part")
    try:
        with part.open("wb") as file:
            np.savez(file, config=np.array(json.dumps(config)), **arrays)
        os.replace(part, path)
    finally:
        part.unlink(missing_ok=True)


def load(cls, path):
    """The model in `path`, as a `cls`. Raises ValueError if save() did not write the file."""
    try:
        with np.load(path, allow_pickle=False) as file:
            config = json.loads(str(file["config"]))
            weights = [file[f"weight_{i}"] for i in range(len(file.files) - 1)]
        if config["format"] != FORMAT:
            raise ValueError(f"its format is {config['format']!r}")
    except (KeyError, TypeError, ValueError, zipfile.BadZipFile, EOFError) as error:
        raise ValueError(
            f"{path} is not a model that Sequential.save wrote ({error}). A Keras file is loaded"
            " with keras.models.load_model, then from_keras."
        ) from error
    model = cls([layer_from_config(entry) for entry in config["layers"]], name=config["name"])
    model.build(config["input_shape"])
    model.set_weights(weights)
    return model


def layer_from_config(entry):
    """A fresh layer from what layer.describe() gave."""
    if entry["class"] not in layer_classes.__all__:
        raise ValueError(f"This version of rnncourse has no layer {entry['class']!r}.")
    options = {
        name: layer_from_config(value) if isinstance(value, dict) else value
        for name, value in entry["config"].items()
    }
    return getattr(layer_classes, entry["class"])(**options)
