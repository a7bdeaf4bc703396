"""An LSTM of hidden size 32 in PyTorch on one thread: seconds for the loss and its gradients, best and median.

Run: python3 bench/peers/pytorch_lstm.py 64 256
"""

import statistics
import sys
import time

import torch

torch.set_num_threads(1)
torch.manual_seed(0)
WIDTH = 32

lstm = torch.nn.LSTM(WIDTH, WIDTH)
for length in map(int, sys.argv[1:]):
    xs = torch.randn(length, 1, WIDTH)

    def step():
        lstm.zero_grad(set_to_none=True)
        hs, _ = lstm(xs)
        hs.square().mean().backward()

    for _ in range(5):
        step()
    times = []
    for _ in range(30):
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    print(length, min(times), statistics.median(times), flush=True)
