"""A character-level transformer (6 blocks, 128 wide, 4 heads) in PyTorch on one thread: a training step for each line read.

Run by bench/characters.ts, which takes turns with it. Answers each line with the loss, and milliseconds of the clock and of
the processor. The model and the step are as PyTorch's users write them, in eager mode: a compiled step needs a compiler of
C++ beside Python.
"""

import sys
import time

import torch
from torch import nn

torch.set_num_threads(1)
torch.manual_seed(0)
SIGNS, WIDTH, HEADS, LAYERS, BATCH, CONTEXT = map(int, sys.argv[1:])

# Since version 2 a layer may be told what the mask says, and computes less.
CAUSAL = {"is_causal": True} if int(torch.__version__.split(".")[0]) >= 2 else {}


class Characters(nn.Module):
    def __init__(self):
        super().__init__()
        self.signs = nn.Embedding(SIGNS, WIDTH)
        self.places = nn.Embedding(CONTEXT, WIDTH)
        self.blocks = nn.ModuleList(
            nn.TransformerEncoderLayer(
                WIDTH, HEADS, 4 * WIDTH, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
            )
            for _ in range(LAYERS)
        )
        self.norm = nn.LayerNorm(WIDTH)
        self.read = nn.Linear(WIDTH, SIGNS)
        self.register_buffer("mask", torch.full((CONTEXT, CONTEXT), float("-inf")).triu(1))
        for each in (self.signs, self.places):
            nn.init.normal_(each.weight, std=0.02)

    def forward(self, x):
        h = self.signs(x) + self.places.weight
        for block in self.blocks:
            h = block(h, src_mask=self.mask, **CAUSAL)
        return self.read(self.norm(h))


model = Characters()
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
schedule = torch.optim.lr_scheduler.LinearLR(optimizer, start_factor=1e-8, total_iters=100)
x = torch.randint(SIGNS, (BATCH, CONTEXT))
y = torch.randint(SIGNS, (BATCH, CONTEXT))


def step():
    optimizer.zero_grad(set_to_none=True)
    loss = nn.functional.cross_entropy(model(x).reshape(-1, SIGNS), y.reshape(-1))
    loss.backward()
    optimizer.step()
    schedule.step()
    return loss.item()


for _ in range(3):
    step()
print(sum(each.numel() for each in model.parameters()), torch.__version__, flush=True)
for line in sys.stdin:
    if line.strip() == "":
        break
    start, processor = time.perf_counter(), time.process_time()
    loss = step()
    print(loss, 1e3 * (time.perf_counter() - start), 1e3 * (time.process_time() - processor), flush=True)
