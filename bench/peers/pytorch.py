"""PyTorch on the CPU, one thread, as its users write it."""

import sys

import numpy as np
import torch
import torch.nn.functional as F

from harness import (
    MATMUL, MLP, POINTS, RATE, SCALAR, XOR,
    blas, block, convolution_layers, dense_layers, labels, moons, norms, serve, training,
)

torch.set_num_threads(1)


def make(values):
    return torch.from_numpy(values)


def parameters_of(blocks):
    return [make(each).requires_grad_() for each in blocks]


def forward(x, parameters, activation):
    for i in range(0, len(parameters), 2):
        x = torch.addmm(parameters[i + 1], x, parameters[i])
        if i + 2 < len(parameters):
            x = activation(x)
    return x


def learning(parameters, optimizer, loss, rate):
    def step():
        optimizer.zero_grad(set_to_none=True)
        value = loss()
        value.backward()
        optimizer.step()
        return value.item()

    return training(step, lambda: [each.detach().numpy() for each in parameters], rate)


def digits(batch):
    return make(block(1, [batch, 784])), make(labels(2, batch, 10))


def xor():
    parameters = parameters_of(dense_layers(XOR))
    x = torch.tensor([[0.0, 0], [0, 1], [1, 0], [1, 1]])
    y = torch.tensor([[0.0], [1], [1], [0]])
    loss = lambda: F.binary_cross_entropy_with_logits(forward(x, parameters, torch.sigmoid), y)
    return learning(parameters, torch.optim.SGD(parameters, RATE["X1"]), loss, RATE["X1"])


def mlp(name, batch, make_optimizer):
    parameters = parameters_of(dense_layers(MLP))
    x, y = digits(batch)
    loss = lambda: F.cross_entropy(forward(x, parameters, F.relu), y)
    return learning(parameters, make_optimizer(parameters, RATE[name]), loss, RATE[name])


def convolutions():
    parameters = parameters_of(convolution_layers())
    k1, b1, k2, b2, weight, bias = parameters
    x, y = digits(32)
    images = x.reshape(32, 1, 28, 28)

    def loss():
        h = F.max_pool2d(F.relu(F.conv2d(images, k1, b1, padding=1)), 2)
        h = F.max_pool2d(F.relu(F.conv2d(h, k2, b2, padding=1)), 2)
        return F.cross_entropy(torch.addmm(bias, h.reshape(32, 784), weight), y)

    return learning(parameters, torch.optim.SGD(parameters, RATE["C1"]), loss, RATE["C1"])


def product(n):
    a, b = make(block(1, [n, n])), make(block(2, [n, n]))
    return {"step": lambda: a @ b, "check": lambda: norms([(a @ b).numpy()], "product")}


def gradients(loss, leaves):
    def evaluate():
        value = loss(*leaves)
        return value, torch.autograd.grad(value, leaves)

    def check():
        value, slopes = evaluate()
        return {"loss": value.item(), **norms([each.numpy() for each in slopes])}

    return {"step": evaluate, "check": check}


def elementwise():
    x, w, b = parameters_of([block(seed, [1_000_000], 2) for seed in (1, 2, 3)])
    return gradients(lambda x, w, b: F.gelu(x * w + b, approximate="tanh").sum(), (x, w, b))


def wide():
    leaves = parameters_of([block(10, [64, 50_000], 0.2), block(11, [50_000], 0.1), block(1, [32, 64])])
    y = make(labels(2, 32, 50_000))
    return gradients(lambda weight, bias, x: F.cross_entropy(torch.addmm(bias, x, weight), y), leaves)


def curvature():
    parameters = parameters_of(dense_layers(MLP))
    vector = [make(block(300 + i, list(each.shape))) for i, each in enumerate(parameters)]
    x, y = digits(64)

    def evaluate():
        loss = F.cross_entropy(forward(x, parameters, F.relu), y)
        slopes = torch.autograd.grad(loss, parameters, create_graph=True)
        return torch.autograd.grad(slopes, parameters, vector)

    return {
        "step": evaluate,
        "check": lambda: norms([each.numpy() for each in evaluate()], "Hv"),
        "notes": ["reverse over reverse"],
    }


def scalars():
    blocks = [[torch.tensor(float(v), requires_grad=True) for v in each.ravel()] for each in dense_layers(SCALAR)]
    parameters = [each for group in blocks for each in group]
    points, sides = moons(2)

    def score(x):
        for i in range(0, len(blocks), 2):
            weights, biases = blocks[i], blocks[i + 1]
            out = len(biases)
            sums = []
            for j in range(out):
                total = biases[j]
                for k in range(len(x)):
                    total = total + weights[k * out + j] * x[k]
                sums.append(total.relu() if i + 2 < len(blocks) else total)
            x = sums
        return x[0]

    def loss():
        margins = sum((1 - side * score(point)).relu() for point, side in zip(points, sides))
        return margins / len(points) + 1e-4 * sum(each * each for each in parameters)

    optimizer = torch.optim.SGD(parameters, RATE["S1"])
    step = learning(parameters, optimizer, loss, RATE["S1"])["step"]
    values = lambda: [np.array([each.item() for each in group]) for group in blocks]
    ready = training(step, values, RATE["S1"])
    return {
        **ready,
        "parts": POINTS / 2,
        "notes": [f"2 points measured, times {POINTS // 2}: every number is a tensor"],
    }


serve(
    {"PyTorch": torch.__version__, "Python": sys.version.split()[0], "BLAS (PyTorch)": blas()},
    {
        "S1": scalars,
        "X1": xor,
        "M1": lambda: mlp("M1", 64, lambda p, rate: torch.optim.SGD(p, rate)),
        "M2": lambda: mlp("M2", 512, lambda p, rate: torch.optim.Adam(p, rate)),
        **{f"G1-{n}": (lambda n=n: product(n)) for n in MATMUL},
        "E1": elementwise,
        "K1": wide,
        "H1": curvature,
        "C1": convolutions,
    },
    {},
)
