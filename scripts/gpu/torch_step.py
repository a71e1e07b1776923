"""PyTorch's time for the original project's training step: the opponent of `run bench step`.

    python3 torch_step.py lstm|wavenet FILE WARM_UP SAMPLES

FILE (safetensors) holds the values of every parameter under PyTorch's names, and the windows x and y. Prints one line of
JSON for each way of running the step: its loss before the first step, without dropout, and the microseconds of each
sample by the device's clock, or why it failed.
"""

import json
import struct
import sys

import torch
from torch import nn
from torch.nn import functional as F

DROPOUT = 0.2


def read(path):
    """The arrays of a safetensors file: a length, a header of JSON, the values."""
    types = {"F32": torch.float32, "I32": torch.int32}
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = bytearray(file.read())
    arrays = {}
    for name, entry in header.items():
        if name != "__metadata__":
            begin, end = entry["data_offsets"]
            values = torch.frombuffer(data[begin:end], dtype=types[entry["dtype"]])
            arrays[name] = values.reshape(entry["shape"]).clone()
    return arrays


class LstmComposer(nn.Module):
    """As dev.impromptu.music.model.LstmComposer; torch runs its LSTM through cuDNN."""

    def __init__(self, values):
        super().__init__()
        self.embedding = nn.Embedding(*values["embedding.weight"].shape)
        layers = sum(name.startswith("lstm.weight_hh") for name in values)
        hidden = values["lstm.weight_hh_l0"].shape[1]
        self.lstm = nn.LSTM(self.embedding.embedding_dim, hidden, layers, batch_first=True)
        for name in ("linear1", "linear2", "linear3"):
            out, into = values[name + ".weight"].shape
            setattr(self, name, nn.Linear(into, out))

    def forward(self, ids):
        y, (h, _) = self.lstm(self.embedding(ids))
        z = h[-1]
        for linear in (self.linear1, self.linear2, self.linear3):
            z = linear(F.relu(F.dropout(z, DROPOUT, self.training)))
        return z


class WaveNetComposer(nn.Module):
    """As dev.impromptu.music.model.WaveNetComposer, in torch's own layout: channels before time."""

    DILATIONS = (1, 2, 4, 8)

    def __init__(self, values):
        super().__init__()
        self.embedding = nn.Embedding(*values["embedding.weight"].shape)
        count = sum(name.endswith(".dilated.weight") for name in values)
        self.wavenet = nn.Module()
        self.wavenet.input = self.conv(values["wavenet.input.weight"])
        self.wavenet.layers = nn.ModuleList()
        for i in range(count):
            layer = nn.Module()
            dilation = self.DILATIONS[i % len(self.DILATIONS)]
            for part in ("dilated", "skip", "residual"):
                weight = values.get(f"wavenet.layers.{i}.{part}.weight")
                if weight is not None:
                    setattr(layer, part, self.conv(weight, dilation if part == "dilated" else 1))
            self.wavenet.layers.append(layer)
        self.conv1 = self.conv(values["conv1.weight"])
        self.conv2 = self.conv(values["conv2.weight"])
        for name in ("linear1", "linear2", "linear3", "linear4"):
            out, into = values[name + ".weight"].shape
            setattr(self, name, nn.Linear(into, out))

    @staticmethod
    def conv(weight, dilation=1):
        out, into, kernel = weight.shape
        return nn.Conv1d(into, out, kernel, dilation=dilation)

    def forward(self, ids):
        x = self.wavenet.input(self.embedding(ids).transpose(1, 2))
        total = None
        for layer in self.wavenet.layers:
            history = (layer.dilated.kernel_size[0] - 1) * layer.dilated.dilation[0]
            filtered, gate = layer.dilated(F.pad(x, (history, 0))).chunk(2, dim=1)
            z = torch.tanh(filtered) * torch.sigmoid(gate)
            part = layer.skip(z[:, :, -1:])
            total = part if total is None else total + part
            if hasattr(layer, "residual"):
                x = x + layer.residual(z)
        z = self.conv2(F.relu(self.conv1(F.relu(total)))).squeeze(2)
        for linear in (self.linear1, self.linear2, self.linear3, self.linear4):
            z = linear(F.relu(F.dropout(z, DROPOUT, self.training)))
        return z


class Step:
    """A model and its optimizer, told operation by operation or recorded."""

    def __init__(self, kind, arrays, device, precision):
        arrays = {name: value.to(device) for name, value in arrays.items()}
        self.x = arrays.pop("x").long()
        self.y = arrays.pop("y").long()
        self.model = (LstmComposer if kind == "lstm" else WaveNetComposer)(arrays).to(device)
        self.model.load_state_dict(arrays, strict=True)
        self.device = device
        self.autocast = precision == "bf16"
        torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"
        torch.backends.cudnn.allow_tf32 = precision == "tf32"
        torch.backends.cudnn.benchmark = True
        gpu = device == "cuda"
        self.adam = torch.optim.Adam(
            self.model.parameters(), lr=1e-4, fused=gpu, capturable=gpu)

    def loss(self):
        with torch.autocast(self.device, torch.bfloat16, enabled=self.autocast):
            logits = self.model(self.x)
        return F.cross_entropy(logits.float(), self.y)

    def evaluate(self):
        self.model.eval()
        with torch.no_grad():
            value = self.loss().item()
        self.model.train()
        return value

    def run(self):
        self.adam.zero_grad(set_to_none=True)
        self.loss().backward()
        self.adam.step()

    def recorded(self):
        """The same step as a CUDA graph, after a few on a side stream as torch's manual asks."""
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(3):
                self.run()
        torch.cuda.current_stream().wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        self.adam.zero_grad(set_to_none=True)
        with torch.cuda.graph(graph):
            self.loss().backward()
            self.adam.step()
        return graph.replay


def times(call, warm_up, samples):
    for _ in range(warm_up):
        call()
    torch.cuda.synchronize()
    events = [[torch.cuda.Event(enable_timing=True) for _ in range(2)] for _ in range(samples)]
    for start, end in events:
        start.record()
        call()
        end.record()
    torch.cuda.synchronize()
    return [1e3 * start.elapsed_time(end) for start, end in events]


def main(kind, path, warm_up, samples):
    arrays = read(path)
    for precision in ("fp32", "tf32", "bf16"):
        for mode in ("direct", "graph"):
            line = {"version": torch.__version__, "precision": precision, "mode": mode}
            try:
                if not torch.cuda.is_available():
                    raise RuntimeError("torch finds no GPU")
                step = Step(kind, arrays, "cuda", precision)
                line["loss"] = step.evaluate()
                call = step.run if mode == "direct" else step.recorded()
                line["micros"] = times(call, warm_up, samples)
            except Exception as error:  # whatever torch refuses is the answer
                line["failed"] = f"{type(error).__name__}: {error}".splitlines()[0][:160]
            print(json.dumps(line), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
