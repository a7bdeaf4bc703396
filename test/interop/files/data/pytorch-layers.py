"""What PyTorch's layers give: python3 pytorch-layers.py > pytorch-layers.json

python3 pytorch-layers.py FOLDER prints the results with the weights of FOLDER/CASE.npz instead. Weights and inputs are whole
thousandths by a rule that the test repeats, so only results are kept, rounded to 13 places.
"""

import json
import sys

import torch
from torch import nn

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def numbers(seed, *shape):
    n = 1
    for each in shape:
        n *= each
    return torch.tensor([((7919 * (i + 1) + 104729 * seed) % 1999 - 999) / 1000 for i in range(n)]).reshape(shape)


def weight(seed, name, value):
    values = numbers(seed, *value.shape)
    return values.abs() + 0.5 if name.endswith("running_var") else values


class First(nn.Module):
    """A recurrent layer's outputs without its carry, or attention's without its weights; x attends to itself."""

    def __init__(self, layer, times=1):
        super().__init__()
        self.layer, self.times = layer, times

    def forward(self, x):
        return self.layer(*[x] * self.times)[0]


SEQUENCE = {"batch_first": True}
# The name, the layer, and its input; that of the embedding is labels.
CASES = {
    "linear": (nn.Sequential(nn.Linear(3, 2), nn.ReLU(), nn.Linear(2, 4, bias=False)), [2, 3]),
    "conv1d": (nn.Conv1d(2, 4, 3), [2, 2, 6]),
    "conv2d": (nn.Conv2d(4, 6, (3, 2), stride=2, groups=2), [2, 4, 5, 4]),
    "convtranspose1d": (nn.ConvTranspose1d(2, 4, 3, stride=2), [2, 2, 4]),
    "convtranspose2d": (nn.ConvTranspose2d(4, 6, (3, 2), stride=2, groups=2), [2, 4, 2, 3]),
    "batchnorm": (nn.BatchNorm2d(3), [2, 3, 2, 2]),
    "layernorm": (nn.LayerNorm([2, 3]), [2, 2, 3]),
    "groupnorm": (nn.GroupNorm(2, 4), [2, 4, 3]),
    "embedding": (nn.Embedding(5, 3), None),
    "prelu": (nn.PReLU(3), [2, 3, 2]),
    "lstm": (First(nn.LSTM(2, 3, 2, bidirectional=True, **SEQUENCE)), [2, 4, 2]),
    "gru": (First(nn.GRU(2, 3, **SEQUENCE)), [2, 4, 2]),
    "rnn": (First(nn.RNN(2, 3, bias=False, **SEQUENCE)), [2, 4, 2]),
    "attention": (First(nn.MultiheadAttention(4, 2, **SEQUENCE), 3), [2, 3, 4]),
    "encoder": (nn.TransformerEncoderLayer(4, 2, 6, 0, norm_first=True, **SEQUENCE), [2, 3, 4]),
}


def result(name, state=None):
    layer, shape = CASES[name]
    layer.eval()
    own = {key: value for key, value in layer.state_dict().items() if not key.endswith("num_batches_tracked")}
    given = state or {key: weight(100 + i, key, value) for i, (key, value) in enumerate(own.items())}
    layer.load_state_dict(given)
    x = torch.tensor([[0, 4, 2], [1, 1, 3]]) if shape is None else numbers(1, *shape)
    with torch.no_grad():
        y = layer(x)
    return {
        "name": name, "weights": {key: list(value.shape) for key, value in own.items()}, "input": shape,
        "shape": list(y.shape), "result": [round(v, 13) for v in y.flatten().tolist()],
    }


def state(folder, name):
    import numpy as np

    file = np.load(f"{folder}/{name}.npz")
    return {key: torch.from_numpy(file[key]) for key in file.files}


cases = [result(name, state(sys.argv[1], name) if len(sys.argv) == 2 else None) for name in CASES]
print(json.dumps({"pytorch": torch.__version__, "cases": cases}, indent=1))
