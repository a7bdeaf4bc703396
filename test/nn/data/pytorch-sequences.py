"""What PyTorch's recurrent layers, attention and transformer blocks give: python3 pytorch-sequences.py > pytorch-sequences.json

Results are rounded to 13 places. Inputs and weights are whole thousandths by a rule that the test repeats, so only results are kept. The number that is
differentiated is the sum of the outputs, and of what is carried at the end, times such numbers.
"""

import json

import torch
from torch import nn

torch.set_default_dtype(torch.float64)
torch.set_num_threads(1)


def numbers(seed, *shape):
    n = 1
    for each in shape:
        n *= each
    values = [((7919 * (i + 1) + 104729 * seed) % 1999 - 999) / 1000 for i in range(n)]
    return torch.tensor(values).reshape(shape)


def case(name, module, inputs, run):
    """One case. Parameters are numbered from 100, in the order of the state_dict; inputs from 1, each with its size."""
    module.eval()
    state = module.state_dict()
    module.load_state_dict({key: numbers(100 + i, *value.shape) for i, (key, value) in enumerate(state.items())})
    xs = [numbers(1 + i, *shape).requires_grad_() for i, shape in enumerate(inputs)]
    results = run(module, *xs)
    loss = sum((r * numbers(50 + i, *r.shape)).sum() for i, r in enumerate(results))
    parameters = dict(module.named_parameters())
    gradients = torch.autograd.grad(loss, [*xs, *parameters.values()])
    flat = lambda t: [round(number, 13) for number in t.flatten().tolist()]
    return {
        "name": name,
        "inputs": inputs,
        "parameters": {key: list(value.shape) for key, value in state.items()},
        "results": [flat(r) for r in results],
        "inputGradients": [flat(g) for g in gradients[: len(xs)]],
        "gradients": {key: flat(g) for key, g in zip(parameters, gradients[len(xs) :])},
    }


def leaves(state):
    """h, or h and c, as one list."""
    return list(state) if isinstance(state, tuple) else [state]


def whole(module, x):
    outputs, last = module(x)
    return [outputs, *leaves(last)]


def from_state(module, x, *initial):
    outputs, last = module(x, initial if len(initial) == 2 else initial[0])
    return [outputs, *leaves(last)]


def packed(lengths):
    def run(module, x):
        pack = nn.utils.rnn.pack_padded_sequence(x, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
        outputs, last = module(pack)
        padded, _ = nn.utils.rnn.pad_packed_sequence(outputs, batch_first=True, total_length=x.shape[1])
        return [padded, *leaves(last)]

    return run


def to_itself(**options):
    return lambda module, x: [r for r in module(x, x, x, average_attn_weights=False, **options) if r is not None]


def to_others(module, q, k, v):
    hidden = torch.tensor([[False, False, True, False], [False, True, True, False]])
    return list(module(q, k, v, key_padding_mask=hidden, average_attn_weights=False))


above = torch.triu(torch.ones(3, 3, dtype=torch.bool), 1)
first = {"batch_first": True}
block = {"dim_feedforward": 6, "dropout": 0.0, **first}
x = [2, 3, 2]

cases = [
    case("plain, tanh", nn.RNN(2, 3, **first), [x], whole),
    case("plain, relu, no bias", nn.RNN(2, 3, nonlinearity="relu", bias=False, **first), [x], whole),
    case("plain, two layers, both ways, lengths", nn.RNN(2, 2, 2, bidirectional=True, **first), [x], packed([1, 3])),
    case("lstm", nn.LSTM(2, 3, **first), [x], whole),
    case("lstm, from a state", nn.LSTM(2, 2, **first), [x, [1, 2, 2], [1, 2, 2]], from_state),
    case("lstm, two layers, both ways, lengths", nn.LSTM(2, 2, 2, bidirectional=True, **first), [x], packed([3, 2])),
    case("gru", nn.GRU(2, 3, **first), [x], whole),
    case("gru, no bias, from a state", nn.GRU(2, 2, bias=False, **first), [x, [1, 2, 2]], from_state),
    case("gru, two layers, both ways, lengths", nn.GRU(2, 2, 2, bidirectional=True, **first), [x], packed([3, 2])),
    case("attention", nn.MultiheadAttention(4, 2, **first), [[2, 3, 4]], to_itself()),
    case("attention, no bias, causal", nn.MultiheadAttention(4, 2, bias=False, **first), [[2, 3, 4]], to_itself(attn_mask=above)),
    case("attention, other widths, padding", nn.MultiheadAttention(4, 2, kdim=3, vdim=2, **first), [[2, 3, 4], [2, 4, 3], [2, 4, 2]], to_others),
    case("encoder block", nn.TransformerEncoderLayer(4, 2, **block), [[2, 3, 4]], lambda m, x: [m(x)]),
    case("encoder block, norm first, gelu, causal", nn.TransformerEncoderLayer(4, 2, activation="gelu", norm_first=True, **block), [[2, 3, 4]], lambda m, x: [m(x, src_mask=above)]),
    case("decoder block", nn.TransformerDecoderLayer(4, 2, **block), [[2, 3, 4], [2, 2, 4]], lambda m, x, y: [m(x, y, tgt_mask=above)]),
    case("decoder block, norm first", nn.TransformerDecoderLayer(4, 1, norm_first=True, **block), [[2, 3, 4], [2, 2, 4]], lambda m, x, y: [m(x, y, tgt_mask=above)]),
]
print(json.dumps({"pytorch": torch.__version__, "cases": cases}, indent=None, separators=(",", ":")))
