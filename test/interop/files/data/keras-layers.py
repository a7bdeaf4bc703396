"""What Keras' layers give, by their documented definitions written in NumPy: python3 keras-layers.py > keras-layers.json

python3 keras-layers.py --keras runs Keras itself, in float32, asks whether its weights have these names and shapes, and says how far
its results are from the definitions: with Keras 3.15.1 on JAX 0.10.2 at most 1.2e-6 (layer_normalization), the others 4e-7. Images
have their channels last. Weights and inputs are whole thousandths by a rule that the test repeats, so only results are kept, rounded
to 13 places.
"""

import json
import os
import sys

import numpy as np


def numbers(seed, *shape):
    n = int(np.prod(shape))
    return np.array([((7919 * (i + 1) + 104729 * seed) % 1999 - 999) / 1000 for i in range(n)]).reshape(shape)


def weight(seed, name, shape):
    values = numbers(seed, *shape)
    return np.abs(values) + 0.5 if name.endswith("variance") else values


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def dense(w, x, name="dense"):
    return x @ w[f"{name}/kernel"] + w[f"{name}/bias"]


def conv(w, x, name, stride=1):
    """Cross-correlation along all axes between the first and the last; padding "valid"; groups by the kernel's inputs."""
    kernel, bias = w[f"{name}/kernel"], w[f"{name}/bias"]
    *window, inputs, filters = kernel.shape
    sizes = [(n - k) // stride + 1 for n, k in zip(x.shape[1:-1], window)]
    groups = x.shape[-1] // inputs
    out = np.zeros((x.shape[0], *sizes, filters))
    for place in np.ndindex(*sizes):
        for at in np.ndindex(*window):
            part = x[(slice(None), *(stride * i + a for i, a in zip(place, at)))]
            for f in range(filters):
                g = f // (filters // groups)
                out[(slice(None), *place, f)] += part[:, g * inputs : (g + 1) * inputs] @ kernel[(*at, slice(None), f)]
    return out + bias


def conv_transpose(w, x, name, stride):
    """Each input is spread over a window; padding "valid"."""
    kernel, bias = w[f"{name}/kernel"], w[f"{name}/bias"]
    *window, filters, _ = kernel.shape
    sizes = [(n - 1) * stride + k for n, k in zip(x.shape[1:-1], window)]
    out = np.zeros((x.shape[0], *sizes, filters))
    for place in np.ndindex(*x.shape[1:-1]):
        for at in np.ndindex(*window):
            out[(slice(None), *(stride * i + a for i, a in zip(place, at)))] += x[(slice(None), *place)] @ kernel[at].T
    return out + bias


def batch_normalization(w, x, name="batch_normalization", epsilon=1e-3):
    mean, variance = w[f"{name}/moving_mean"], w[f"{name}/moving_variance"]
    return (x - mean) / np.sqrt(variance + epsilon) * w[f"{name}/gamma"] + w[f"{name}/beta"]


def over(x, axes, epsilon):
    return (x - x.mean(axes, keepdims=True)) / np.sqrt(x.var(axes, keepdims=True) + epsilon)


def group_normalization(w, x, groups=2, epsilon=1e-3):
    parts = x.reshape(*x.shape[:-1], groups, x.shape[-1] // groups)
    axes = (*range(1, x.ndim - 1), parts.ndim - 1)
    return over(parts, axes, epsilon).reshape(x.shape) * w["group_normalization/gamma"] + w["group_normalization/beta"]


def rms_normalization(w, x, epsilon=1e-6):
    return x / np.sqrt((x**2).mean(-1, keepdims=True) + epsilon) * w["rms_normalization/scale"]


def lstm(w, x, name):
    units = w[f"{name}/recurrent_kernel"].shape[0]
    h = c = np.zeros((x.shape[0], units))
    outputs = []
    for t in range(x.shape[1]):
        z = x[:, t] @ w[f"{name}/kernel"] + h @ w[f"{name}/recurrent_kernel"] + w[f"{name}/bias"]
        i, f, g, o = np.split(z, 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        outputs.append(h)
    return np.stack(outputs, 1)


def gru(w, x, name):
    """reset_after=True, the default."""
    units = w[f"{name}/recurrent_kernel"].shape[0]
    h = np.zeros((x.shape[0], units))
    outputs = []
    for t in range(x.shape[1]):
        xz, xr, xh = np.split(x[:, t] @ w[f"{name}/kernel"] + w[f"{name}/bias"][0], 3, axis=1)
        hz, hr, hh = np.split(h @ w[f"{name}/recurrent_kernel"] + w[f"{name}/bias"][1], 3, axis=1)
        z, r = sigmoid(xz + hz), sigmoid(xr + hr)
        h = z * h + (1 - z) * np.tanh(xh + r * hh)
        outputs.append(h)
    return np.stack(outputs, 1)


def simple_rnn(w, x, name):
    h = np.zeros((x.shape[0], w[f"{name}/recurrent_kernel"].shape[0]))
    outputs = []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ w[f"{name}/kernel"] + w[f"{name}/bias"] + h @ w[f"{name}/recurrent_kernel"])
        outputs.append(h)
    return np.stack(outputs, 1)


def bidirectional(step, w, x, around, name, cell):
    forward = step(w, x, f"{around}/forward_{name}/{cell}")
    backward = step(w, x[:, ::-1], f"{around}/backward_{name}/{cell}")[:, ::-1]
    return np.concatenate([forward, backward], -1)


def multi_head_attention(w, x, name="multi_head_attention"):
    def heads(part):
        return np.einsum("abc,cde->abde", x, w[f"{name}/{part}/kernel"]) + w[f"{name}/{part}/bias"]

    q, k, v = heads("query"), heads("key"), heads("value")
    scores = np.einsum("aecd,abcd->acbe", k, q / np.sqrt(q.shape[-1]))
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    weights /= weights.sum(-1, keepdims=True)
    averages = np.einsum("acbe,aecd->abcd", weights, v)
    kernel, bias = w[f"{name}/attention_output/kernel"], w[f"{name}/attention_output/bias"]
    return np.einsum("abcd,cde->abe", averages, kernel) + bias


def flat(x):
    return x.reshape(x.shape[0], -1)


def cell(name, inputs, units, gates, bias=None):
    return {
        f"{name}/kernel": [inputs, gates * units],
        f"{name}/recurrent_kernel": [units, gates * units],
        f"{name}/bias": bias or [gates * units],
    }


def kernel(name, *shape, bias):
    return {f"{name}/kernel": list(shape), f"{name}/bias": [bias]}


def vectors(name, n, *which):
    return {f"{name}/{each}": [n] for each in which}


NORM, RUNNING = ("gamma", "beta"), ("moving_mean", "moving_variance")
heads = {
    f"multi_head_attention/{part}/{name}": shape
    for part in ["query", "key", "value"]
    for name, shape in {"kernel": [4, 2, 2], "bias": [2, 2]}.items()
}
heads |= {"multi_head_attention/attention_output/kernel": [2, 2, 4], "multi_head_attention/attention_output/bias": [4]}

# The name, the weights, the input, and what is made of it.
CASES = [
    ("dense", kernel("dense", 3, 2, bias=2) | kernel("dense_1", 2, 4, bias=4), [2, 3],
        lambda w, x: dense(w, dense(w, x), "dense_1")),
    ("conv1d", kernel("conv1d", 3, 2, 4, bias=4), [2, 6, 2], lambda w, x: conv(w, x, "conv1d")),
    ("conv2d", kernel("conv2d", 3, 2, 2, 3, bias=3), [2, 5, 4, 2], lambda w, x: conv(w, x, "conv2d", 2)),
    ("conv2d, groups", kernel("conv2d", 2, 2, 2, 4, bias=4), [1, 3, 3, 4], lambda w, x: conv(w, x, "conv2d")),
    ("conv1d_transpose", kernel("conv1d_transpose", 3, 4, 2, bias=4), [2, 4, 2],
        lambda w, x: conv_transpose(w, x, "conv1d_transpose", 2)),
    ("conv2d_transpose", kernel("conv2d_transpose", 3, 2, 3, 2, bias=3), [2, 2, 3, 2],
        lambda w, x: conv_transpose(w, x, "conv2d_transpose", 2)),
    ("batch_normalization", vectors("batch_normalization", 3, *NORM, *RUNNING), [2, 2, 2, 3], batch_normalization),
    ("layer_normalization", vectors("layer_normalization", 3, *NORM), [2, 3],
        lambda w, x: over(x, -1, 1e-3) * w["layer_normalization/gamma"] + w["layer_normalization/beta"]),
    ("group_normalization", vectors("group_normalization", 4, *NORM), [2, 3, 4], group_normalization),
    ("rms_normalization", vectors("rms_normalization", 3, "scale"), [2, 3], rms_normalization),
    ("embedding", {"embedding/embeddings": [5, 3]}, None, lambda w, x: w["embedding/embeddings"][x]),
    ("p_re_lu", {"p_re_lu/alpha": [1, 1, 3]}, [2, 2, 2, 3],
        lambda w, x: np.where(x > 0, x, x * w["p_re_lu/alpha"])),
    ("lstm", cell("lstm/lstm_cell", 2, 3, 4) | cell("lstm_1/lstm_cell", 3, 2, 4), [2, 4, 2],
        lambda w, x: lstm(w, lstm(w, x, "lstm/lstm_cell"), "lstm_1/lstm_cell")),
    ("gru", cell("gru/gru_cell", 2, 3, 3, [2, 9]), [2, 4, 2], lambda w, x: gru(w, x, "gru/gru_cell")),
    ("simple_rnn", cell("simple_rnn/simple_rnn_cell", 2, 3, 1), [2, 4, 2],
        lambda w, x: simple_rnn(w, x, "simple_rnn/simple_rnn_cell")),
    ("bidirectional", {
        name: shape for i, inputs in [("", 2), ("_1", 6)] for side in ["forward", "backward"]
        for name, shape in cell(f"bidirectional{i}/{side}_gru{i}/gru_cell", inputs, 3, 3, [2, 9]).items()
    }, [2, 4, 2], lambda w, x: bidirectional(
        gru, w, bidirectional(gru, w, x, "bidirectional", "gru", "gru_cell"), "bidirectional_1", "gru_1", "gru_cell")),
    ("multi_head_attention", heads, [2, 3, 4], multi_head_attention),
    ("flattened images", kernel("conv2d", 2, 2, 1, 3, bias=3) | vectors("batch_normalization", 18, *NORM, *RUNNING)
        | kernel("dense", 18, 2, bias=2) | kernel("dense_1", 2, 2, bias=2), [2, 3, 4, 1],
        lambda w, x: dense(w, dense(w, batch_normalization(w, flat(conv(w, x, "conv2d")))), "dense_1")),
]


def made(name, weights, shape, run):
    values = {key: weight(100 + i, key, each) for i, (key, each) in enumerate(weights.items())}
    x = np.array([[0, 4, 2], [1, 1, 3]]) if shape is None else numbers(1, *shape)
    y = run(values, x)
    return {
        "name": name, "weights": weights, "input": shape, "shape": list(y.shape),
        "result": [round(float(v), 13) for v in y.flatten()],
    }


def layers_of_keras():
    """Functions that make the layers of each case: Keras counts them as they are made."""
    from keras import layers as k

    sequences = {"return_sequences": True}
    return {
        "dense": lambda: [k.Dense(2), k.Dense(4)],
        "conv1d": lambda: [k.Conv1D(4, 3)],
        "conv2d": lambda: [k.Conv2D(3, (3, 2), strides=2)],
        "conv2d, groups": lambda: [k.Conv2D(4, 2, groups=2)],
        "conv1d_transpose": lambda: [k.Conv1DTranspose(4, 3, strides=2)],
        "conv2d_transpose": lambda: [k.Conv2DTranspose(3, (3, 2), strides=2)],
        "batch_normalization": lambda: [k.BatchNormalization()],
        "layer_normalization": lambda: [k.LayerNormalization()],
        "group_normalization": lambda: [k.GroupNormalization(2)],
        "rms_normalization": lambda: [k.RMSNormalization()],
        "embedding": lambda: [k.Embedding(5, 3)],
        "p_re_lu": lambda: [k.PReLU(shared_axes=[1, 2])],
        "lstm": lambda: [k.LSTM(3, **sequences), k.LSTM(2, **sequences)],
        "gru": lambda: [k.GRU(3, **sequences)],
        "simple_rnn": lambda: [k.SimpleRNN(3, **sequences)],
        "bidirectional": lambda: [k.Bidirectional(k.GRU(3, **sequences)) for _ in range(2)],
        "multi_head_attention": lambda: [k.MultiHeadAttention(2, 2)],
        "flattened images": lambda: [k.Conv2D(3, 2), k.Flatten(), k.BatchNormalization(), k.Dense(2), k.Dense(2)],
    }


def compare_with_keras():
    os.environ["KERAS_BACKEND"] = "jax"
    import keras

    for name, weights, shape, run in CASES:
        keras.utils.clear_session()
        x = np.array([[0, 4, 2], [1, 1, 3]]) if shape is None else numbers(1, *shape)
        first = y = keras.Input(x.shape[1:], dtype="int32" if shape is None else "float32")
        for layer in layers_of_keras()[name]():
            y = layer(y, y) if "Attention" in type(layer).__name__ else layer(y)
        model = keras.Model(first, y)
        assert {v.path: list(v.shape) for v in model.weights} == weights, (name, [v.path for v in model.weights])
        values = {key: weight(100 + i, key, each) for i, (key, each) in enumerate(weights.items())}
        for v in model.weights:
            v.assign(values[v.path])
        print(name, np.abs(np.asarray(model(x)) - run(values, x)).max())
    print("Keras", keras.__version__)


if "--keras" in sys.argv:
    compare_with_keras()
else:
    print(json.dumps({"numpy": np.__version__, "cases": [made(*each) for each in CASES]}, indent=1))
