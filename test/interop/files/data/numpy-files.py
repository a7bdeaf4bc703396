"""Files that NumPy writes, and what tensors are to have of them.

python3 numpy-files.py > numpy-files.json keeps some; python3 numpy-files.py --all prints every type in every form. Each case has the file, and for
each array its name, element type, shape and elements as the bytes of a tensor, all bytes in base 64.
"""

import io
import json
import sys
import zipfile
from base64 import b64encode

import numpy as np
from numpy.lib import format as npy

SHAPES = [(), (0,), (5,), (1, 1), (0, 3), (3, 0, 2), (2, 3), (2, 3, 4), (2, 1, 3, 1, 2, 1, 2), (1, 2, 1)]
# The type in files, and that of tensors.
TYPES = {
    "f8": "f8", "f4": "f4", "f2": "f4", "b1": "b1", "i1": "i4", "i2": "i4", "i4": "i4", "i8": "i4",
    "u1": "i4", "u2": "i4", "u4": "i4", "u8": "i4",
}
NAMES = {"f8": "float64", "f4": "float32", "i4": "int32", "b1": "bool"}


def numbers(code, shape):
    """Numbers of all kinds: the ends of the range that an int32 has too, fractions, infinities, zeros with both signs."""
    n = int(np.prod(shape))
    if code == "b1":
        values = [i % 3 == 1 for i in range(n)]
    elif code[0] == "f":
        tiny = {"f8": 5e-324, "f4": 1e-45, "f2": 6e-8}[code]
        some = [1 / 3, -0.0, float("inf"), -1.5, tiny, float("nan"), -tiny, 6e4, float("-inf")]
        values = [some[i % len(some)] / (1 + i // len(some)) for i in range(n)]
    else:
        ends = np.iinfo(code)
        low, high = max(int(ends.min), -(2**31)), min(int(ends.max), 2**31 - 1)
        values = [[low, high, 1, 0, high - 7][i % 5] for i in range(n)]
    return np.array(values, dtype=code).reshape(shape)


def base64(data):
    return b64encode(data).decode()


def expected(name, array):
    code = TYPES[array.dtype.str[1:]]
    own = np.ascontiguousarray(array).astype("<" + code).tobytes()
    return {"name": name, "dtype": NAMES[code], "shape": list(array.shape), "elements": base64(own)}


def case(what, file, arrays):
    return {"what": what, "file": base64(file), "arrays": [expected(*each) for each in arrays.items()]}


def saved(array, version=None):
    file = io.BytesIO()
    npy.write_array(file, array, version)
    return file.getvalue()


def npy_cases(whole):
    i = 0
    for code in TYPES:
        for order in "<>" if code[1] != "1" else "|":
            for form in "CF":
                for k, shape in enumerate(SHAPES):
                    i += 1
                    if not whole and i % 9 != 0 and (order, form, shape) != (">", "F", (2, 3)):
                        continue
                    array = np.asarray(numbers(code, shape).astype(order + code), order=form)
                    yield case(f"{order}{code}, order {form}, {shape}", saved(array), {"": array})
    array = numbers("f4", (2, 3))
    for version in [(1, 0), (2, 0), (3, 0)]:
        yield case(f"version {version}", saved(array, version), {"": array})
    # What tensors write is in C order, least significant byte first, and must have these very bytes.
    for code in ["f8", "f4", "i4", "b1"]:
        for shape in [(), (0,), (1,), (7, 1), (2, 3, 4)]:
            array = numbers(code, shape)
            yield {**case(f"plain {code} {shape}", saved(array), {"": array}), "isPlain": True}


def npz_cases():
    arrays = {
        "a": numbers("f4", (2, 3)), "steps": np.int64(7), "größe.β": numbers("f8", (0, 2)), "dir/mask": numbers("b1", (5,)),
        "turned": np.asfortranarray(numbers("i2", (2, 3))).astype(">i2"), "a.npy": numbers("i4", (1, 1)),
    }
    arrays = {name: np.asarray(each) for name, each in arrays.items()}
    limits = zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT
    for write in [np.savez, np.savez_compressed]:
        for numbers_of_64_bits in [False, True]:
            if numbers_of_64_bits:
                zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = 1, 0
            # NumPy itself finds no way to two names of which one is the other and .npy.
            file = io.BytesIO()
            some = {name: each for name, each in arrays.items() if name != "a.npy"}
            write(file, **some)
            zipfile.ZIP64_LIMIT, zipfile.ZIP_FILECOUNT_LIMIT = limits
            yield case(f"{write.__name__}{', all in 64 bits' if numbers_of_64_bits else ''}", file.getvalue(), some)
    file = io.BytesIO()
    np.savez(file)
    yield case("nothing", file.getvalue(), {})
    file = io.BytesIO()
    with zipfile.ZipFile(Unseekable(file), "w", zipfile.ZIP_DEFLATED) as archive:
        archive.comment = b"a comment"
        archive.writestr(zipfile.ZipInfo("without suffix"), saved(arrays["a"]), zipfile.ZIP_DEFLATED)
    yield case("sizes after the data, a comment, a name without .npy", file.getvalue(), {"without suffix": arrays["a"]})


class Unseekable:
    """A pipe, into which zipfile writes the sizes after the data."""

    def __init__(self, file):
        self.write, self.flush = file.write, file.flush


whole = "--all" in sys.argv
json.dump({"numpy": np.__version__, "npy": list(npy_cases(whole)), "npz": list(npz_cases())}, sys.stdout, indent=1)
