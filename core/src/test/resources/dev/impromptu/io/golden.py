"""Writes linear.safetensors and the .npy files beside it with the formats' own libraries.

pip install numpy safetensors && python golden.py (numpy 2.4.6 and safetensors 0.8.0 wrote the files)
"""
import numpy as np
from safetensors import TensorSpec, serialize_file

weight = np.arange(6, dtype=np.float32).reshape(3, 2) / 4
bias = np.array([-1.5, 0.25, 3.0])


def bfloat16(values):
    return (values.astype(np.float32).view(np.uint32) >> 16).astype(np.uint16)


def entry(dtype, array):
    return TensorSpec(dtype=dtype, shape=array.shape, data_ptr=array.ctypes.data, data_len=array.nbytes)


# The names and the metadata are those of torch.nn.Linear(2, 3).state_dict() saved by safetensors.torch.
for name, dtype, first, second in [
    ("linear", "float32", weight, bias.astype(np.float32)),
    ("linear_f64", "float64", weight.astype(np.float64), bias),
    ("linear_f16", "float16", weight.astype(np.float16), bias.astype(np.float16)),
    ("linear_bf16", "bfloat16", bfloat16(weight), bfloat16(bias)),
]:
    entries = {"weight": entry(dtype, first), "bias": entry(dtype, second)}
    serialize_file(entries, name + ".safetensors", {"format": "pt"})

for code in ["f4", "f8", "i4", "i8"]:
    np.save(code + ".npy", np.arange(6).reshape(2, 3).astype("<" + code))
np.save("scalar.npy", np.float32(7))
np.save("fortran.npy", np.asfortranarray(np.arange(6, dtype="<f4").reshape(2, 3)))
np.save("big_endian.npy", np.arange(3).astype(">f4"))
for version in [(2, 0), (3, 0)]:
    with open(f"version{version[0]}.npy", "wb") as file:
        np.lib.format.write_array(file, np.arange(2, dtype="<f4"), version)
