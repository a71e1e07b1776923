"""Trains the model of Example08PyTorchWeights in PyTorch and saves what the example ships.

pip install torch safetensors numpy && python waveforms.py ../resources/dev/impromptu/examples/numbered
(PyTorch 2.13.0 and safetensors 0.8.0 wrote the files that are committed.)
"""
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

KINDS, TIME = 3, 32


class Waveforms(nn.Module):
    """Tells sines, squares and sawtooths apart."""

    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(1, 12, num_layers=2, batch_first=True)
        self.head = nn.Linear(12, KINDS)

    def forward(self, x):
        y, _ = self.lstm(x)
        return self.head(y[:, -1])


def waves(count, generator):
    kind = torch.arange(count) % KINDS
    period = 6 + 10 * torch.rand(count, 1, generator=generator)
    phase = (torch.arange(TIME) / period + torch.rand(count, 1, generator=generator)) % 1
    shapes = torch.stack([torch.sin(2 * torch.pi * phase), torch.sign(0.5 - phase), 2 * phase - 1])
    clean = shapes[kind, torch.arange(count)]
    return (clean + 0.1 * torch.randn(count, TIME, generator=generator)).unsqueeze(-1), kind


def main(folder):
    torch.manual_seed(8)
    generator = torch.Generator().manual_seed(8)
    model = Waveforms()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(300):
        x, kind = waves(96, generator)
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(x), kind).backward()
        optimizer.step()
    x, kind = waves(24, generator)
    with torch.no_grad():
        logits = model(x)
    print(f"right: {(logits.argmax(-1) == kind).sum()} of {len(kind)}")
    save_file(model.state_dict(), folder / "waveforms.safetensors", {"format": "pt"})
    # What PyTorch says of waves that it has not seen, for the comparison.
    save_file({"x": x.contiguous(), "kind": kind.int(), "logits": logits}, folder / "waveforms-said.safetensors")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
