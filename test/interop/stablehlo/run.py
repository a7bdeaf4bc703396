"""Runs StableHLO modules on XLA's CPU: one JSON object a line in, one a line out.

In: {"text": a module, "given": [{"dtype", "shape", "data"}, ...]}, where data are bytes in base64.
Out: {"results": [the same, ...]} or {"error": what XLA says}.
"""

import base64
import json
import sys

import jax
import numpy as np
from jax._src.lib import xla_client
from jax.extend.backend import get_backend, get_compile_options

jax.config.update("jax_enable_x64", True)
client = get_backend("cpu")
options = get_compile_options(num_replicas=1, num_partitions=1)
devices = xla_client.DeviceList(tuple(client.local_devices()[:1]))


def array(given):
    data = base64.b64decode(given["data"])
    return np.frombuffer(data, dtype=given["dtype"]).reshape(given["shape"])


def described(array):
    data = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
    return {"dtype": str(array.dtype), "shape": list(array.shape), "data": data}


def run(job):
    executable = client.compile_and_load(job["text"], devices, options)
    return [
        [described(np.asarray(result)) for result in executable.execute([jax.device_put(array(each)) for each in given])]
        for given in job["given"]
    ]


for line in sys.stdin:
    job = json.loads(line)
    try:
        answer = {"results": run(job)}
    except Exception as error:
        answer = {"error": str(error)}
    print(json.dumps(answer), flush=True)
