"""The child's side of the conversation, and the first values, as child.ts and data.ts have them."""

import gc
import json
import math
import os
import sys
import time

import numpy as np

MLP = [784, 256, 128, 10]
SCALAR = [2, 16, 16, 1]
XOR = [2, 2, 1]
POINTS = 100
RATE = {"S1": 0.05, "X1": 0.5, "M1": 0.1, "M2": 0.001, "C1": 0.05}
MATMUL = [64, 128, 256, 512, 1024, 2048]


def word(seed, count):
    u = np.uint32
    h = (np.arange(count, dtype=u) + u((seed * 0x632BE5AB + 1) & 0xFFFFFFFF)) * u(0x9E3779B1)
    h = (h ^ (h >> u(15))) * u(0x85EBCA77)
    h = (h ^ (h >> u(13))) * u(0xC2B2AE3D)
    return h ^ (h >> u(16))


def block(seed, shape, scale=1.0):
    values = ((word(seed, math.prod(shape)) >> np.uint32(8)) / 2**23 - 1) * scale
    return values.astype(np.float32).reshape(shape)


def labels(seed, count, classes):
    return (word(seed, count) % np.uint32(classes)).astype(np.int64)


def dense_layers(widths):
    blocks = []
    for i, (inputs, outputs) in enumerate(zip(widths, widths[1:])):
        blocks.append(block(100 + 2 * i, [inputs, outputs], math.sqrt(6 / inputs)))
        blocks.append(block(101 + 2 * i, [outputs], 0.1))
    return blocks


def convolution_layers():
    return [
        block(200, [8, 1, 3, 3], math.sqrt(6 / 9)),
        block(201, [8], 0.1),
        block(202, [16, 8, 3, 3], math.sqrt(6 / 72)),
        block(203, [16], 0.1),
        block(204, [784, 10], math.sqrt(6 / 784)),
        block(205, [10], 0.1),
    ]


def moons(count):
    noise = block(1, [2 * count], 0.1).astype(float)
    points, sides = [], []
    for i in range(count):
        angle = math.pi * (i + 0.5) / count
        side = 1 if i % 2 == 0 else -1
        at = (math.cos(angle), math.sin(angle)) if side > 0 else (1 - math.cos(angle), 0.5 - math.sin(angle))
        points.append([at[0] + noise[2 * i], at[1] + noise[2 * i + 1]])
        sides.append(side)
    return points, sides


def norm(values):
    return float(np.linalg.norm(np.asarray(values, dtype=np.float64)))


def norms(gradients, name="∇"):
    return {f"{name}{i}": norm(each) for i, each in enumerate(gradients)}


def training(step, parameters, rate):
    """A workload from a training step that gives its loss: see training in protocol.ts."""

    def check():
        before = [np.array(each, dtype=np.float64) for each in parameters()]
        numbers = {"loss": step()}
        for i, (now, then) in enumerate(zip(parameters(), before)):
            numbers[f"∇{i}"] = norm(now - then) / rate
        step()
        step()
        numbers["loss after 3"] = step()
        return numbers

    return {"step": step, "check": check}


def timed(step, steps):
    start = time.perf_counter()
    for _ in range(steps):
        step()
    return (time.perf_counter() - start) / steps


def warm_up(step, least):
    """As in child.ts."""
    best, elapsed, steps, idle = math.inf, 0.0, 1, 0
    while True:
        each = timed(step, steps)
        elapsed += each * steps
        idle = idle + 1 if each > 0.97 * best else 0
        best = min(best, each)
        if (elapsed >= least and idle >= 3) or elapsed >= 20 * least:
            return each
        steps = max(1, math.ceil(least / 8 / each))


def say(reply):
    print(json.dumps(reply), flush=True)


def serve(versions, workloads, cannot):
    say({"versions": versions})
    ready, pace = None, 1.0
    for line in sys.stdin:
        request = json.loads(line)
        if request["do"] == "round":
            steps = max(1, math.ceil(request["seconds"] / pace))
            say({"time": timed(ready["step"], steps) * ready.get("parts", 1)})
            continue
        ready = None
        gc.collect()
        name = request["workload"]
        if name not in workloads:
            say({"cannot": cannot.get(name, "not written")})
            continue
        try:
            ready = workloads[name]()
            numbers = ready["check"]()
            pace = warm_up(ready["step"], request["warmUp"])
            say({"numbers": numbers, "notes": ready.get("notes", [])})
        except Exception as error:  # What a peer can't do is said in the table.
            say({"cannot": f"fails: {error}".split("\n")[0]})


def blas():
    """The library behind matrix products, as it is loaded."""
    with open("/proc/self/maps") as maps:
        files = {os.path.basename(os.path.realpath(line.split()[-1])) for line in maps if ".so" in line}
    known = [each for each in files if any(name in each for name in ("openblas", "mkl_core", "blis"))]
    return ", ".join(sorted(known)) or "not known"
