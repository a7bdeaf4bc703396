"""What Python's readers make of files: read-files.py FILES LENGTHS.

FILES has them one after another; LENGTHS is a list in JSON of [format, length]. Prints a line in JSON for each: why the file
is refused, or for each array its name, the tensor's type, shape and elements in base 64; the elements are null where NumPy
has no such type.
"""

import io
import json
import resource
import sys
import warnings
from base64 import b64encode

import numpy as np
import safetensors
from numpy.lib import format as npy

# A file that asks for more is refused.
resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
warnings.simplefilter("ignore")

STORED = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "BOOL": "|b1", "I8": "|i1", "I16": "<i2", "I32": "<i4", "I64": "<i8",
    "U8": "|u1", "U16": "<u2", "U32": "<u4", "U64": "<u8",
}
NAMES = {"f8": "float64", "f4": "float32", "i4": "int32", "b1": "bool"}


def told(name, array):
    kind = array.dtype.str[1:]
    code = kind if kind in NAMES else "f4" if kind == "f2" else "i4"
    own = np.ascontiguousarray(array).astype("<" + code)
    if kind == "f2":
        own[np.isnan(own)] = np.nan
    return {"name": name, "dtype": NAMES[code], "shape": list(array.shape), "elements": b64encode(own.tobytes()).decode()}


def stored(name, about):
    kind, shape, data = about["dtype"], list(about["shape"]), about["data"]
    if kind not in STORED:
        return {"name": name, "shape": shape, "elements": None}
    return told(name, np.frombuffer(bytes(data), dtype=STORED[kind]).reshape(shape))


def arrays(kind, data):
    if kind == "npy":
        return [told("", npy.read_array(io.BytesIO(data), allow_pickle=False))]
    if kind == "npz":
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            return [told(name, file[name]) for name in file.files]
    return [stored(name, about) for name, about in safetensors.deserialize(data)]


with open(sys.argv[1], "rb") as files, open(sys.argv[2]) as lengths:
    for kind, length in json.load(lengths):
        data = files.read(length)
        try:
            print(json.dumps(arrays(kind, data)))
        except BaseException as error:
            print(json.dumps(f"{type(error).__name__}: {error}"))
