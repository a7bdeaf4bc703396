"""NumPy, one thread, with the derivatives worked out by hand: what the arithmetic costs without a tape."""

import numpy as np

from harness import MATMUL, MLP, RATE, XOR, blas, block, dense_layers, labels, norms, serve, training


def forward(x, parameters, activation):
    """The inputs of every layer, and the last layer's sums."""
    seen = [x]
    for i in range(0, len(parameters), 2):
        z = seen[-1] @ parameters[i] + parameters[i + 1]
        if i + 2 == len(parameters):
            return seen, z
        seen.append(activation(z))


def backward(seen, delta, parameters, slope):
    """Gradients of all parameters from the delta of the last sums; slope is ψ, of a layer's output."""
    slopes = [None] * len(parameters)
    for i in range(len(parameters) - 2, -1, -2):
        slopes[i], slopes[i + 1] = seen[i // 2].T @ delta, delta.sum(0)
        if i > 0:
            delta = (delta @ parameters[i].T) * slope(seen[i // 2])
    return slopes


def cross_entropy(z, y):
    """The loss, and its delta."""
    rows = np.arange(len(y))
    top = z.max(1, keepdims=True)
    e = np.exp(z - top)
    total = e.sum(1, keepdims=True)
    value = (np.log(total[:, 0]) + top[:, 0] - z[rows, y]).mean()
    e /= total
    e[rows, y] -= 1
    e /= len(y)
    return float(value), e


def descend(parameters, slopes, rate):
    for each, slope in zip(parameters, slopes):
        each -= np.float32(rate) * slope


def adam(parameters):
    mean = [np.zeros_like(each) for each in parameters]
    square = [np.zeros_like(each) for each in parameters]
    steps = 0

    def update(parameters, slopes, rate):
        nonlocal steps
        steps += 1
        s1, s2 = np.float32(1 - 0.9**steps), np.float32(1 - 0.999**steps)
        for p, g, m, v in zip(parameters, slopes, mean, square):
            m *= np.float32(0.9)
            m += np.float32(0.1) * g
            v *= np.float32(0.999)
            v += np.float32(0.001) * (g * g)
            p -= np.float32(rate) * (m / s1) / (np.sqrt(v / s2) + np.float32(1e-8))

    return update


def learning(parameters, run, update, rate):
    def step():
        value, slopes = run(parameters)
        update(parameters, slopes, rate)
        return value

    return training(step, lambda: parameters, rate)


def logistic(z):
    return 1 / (1 + np.exp(-z))


def xor():
    x = np.array([[0, 0], [0, 1], [1, 0], [1, 1]], dtype=np.float32)
    y = np.array([[0], [1], [1], [0]], dtype=np.float32)

    def run(parameters):
        seen, z = forward(x, parameters, logistic)
        loss = float((np.logaddexp(0, z) - y * z).mean())
        return loss, backward(seen, (logistic(z) - y) / np.float32(4), parameters, lambda out: out * (1 - out))

    return learning(dense_layers(XOR), run, descend, RATE["X1"])


def mlp(name, batch, optimizer):
    x, y = block(1, [batch, 784]), labels(2, batch, 10)
    parameters = dense_layers(MLP)

    def run(parameters):
        seen, z = forward(x, parameters, lambda z: np.maximum(z, 0))
        loss, delta = cross_entropy(z, y)
        return loss, backward(seen, delta, parameters, lambda out: out > 0)

    return learning(parameters, run, optimizer(parameters), RATE[name])


def product(n):
    a, b = block(1, [n, n]), block(2, [n, n])
    return {"step": lambda: a @ b, "check": lambda: norms([a @ b], "product")}


def gradients(evaluate):
    def check():
        value, slopes = evaluate()
        return {"loss": float(value), **norms(slopes)}

    return {"step": evaluate, "check": check}


def elementwise():
    x, w, b = (block(seed, [1_000_000], 2) for seed in (1, 2, 3))
    c, k = np.float32(np.sqrt(2 / np.pi)), np.float32(0.044715)

    def evaluate():
        z = x * w + b
        square = z * z
        t = np.tanh(c * z * (1 + k * square))
        value = (np.float32(0.5) * z * (1 + t)).sum()
        slope = np.float32(0.5) * ((1 + t) + z * (1 - t * t) * c * (1 + 3 * k * square))
        return value, [slope * w, slope * x, slope]

    return gradients(evaluate)


def wide():
    weight, bias, x = block(10, [64, 50_000], 0.2), block(11, [50_000], 0.1), block(1, [32, 64])
    y = labels(2, 32, 50_000)

    def evaluate():
        value, delta = cross_entropy(x @ weight + bias, y)
        return value, [x.T @ delta, delta.sum(0), delta @ weight.T]

    return gradients(evaluate)


serve(
    {"NumPy": np.__version__, "BLAS (NumPy)": blas()},
    {
        "X1": xor,
        "M1": lambda: mlp("M1", 64, lambda parameters: descend),
        "M2": lambda: mlp("M2", 512, adam),
        **{f"G1-{n}": (lambda n=n: product(n)) for n in MATMUL},
        "E1": elementwise,
        "K1": wide,
    },
    {
        name: "has no derivatives, and these were not worked out by hand"
        for name in ("S1", "H1", "C1")
    },
)
