// Files that the Python package safetensors 0.8.0 wrote, with PyTorch 2.15:
//
//     from safetensors.torch import save
//     ours = save({"b.weight": torch.tensor([[1.5, -2.0, float("nan")], [float("inf"), -0.0, 1e-40]]),
//       "a": torch.tensor([1 / 3, 5e-324], dtype=torch.float64), "steps": torch.tensor(-7, dtype=torch.int32),
//       "mask": torch.tensor([True, False, True]), "empty": torch.zeros(0, 3), "größe.β😀": torch.tensor(2.5),
//       "10": torch.ones(1), "9": torch.zeros(1)})
//     texts = save({"x": torch.arange(3, dtype=torch.float32)}, metadata={"format": "pt ü\n\"q\""})
//     others = save({"f16": torch.tensor([1 / 3, 65504, 6e-8, -0.0, float("inf"), float("nan")]).half(),
//       "bf16": torch.tensor([1 / 3, 3e38, 1e-40, -1.0, float("-inf")]).bfloat16(),
//       "e5m2": torch.tensor([1 / 3, 57344, 2**-16, -0.0, float("inf")]).to(torch.float8_e5m2),
//       "e4m3": torch.tensor([1 / 3, 448, 2**-9, -0.0, float("nan")]).to(torch.float8_e4m3fn),
//       "i8": torch.tensor([-128, 127], dtype=torch.int8), "u8": torch.tensor([0, 255], dtype=torch.uint8),
//       "i16": torch.tensor([-(2**15), 2**15 - 1], dtype=torch.int16),
//       "i64": torch.tensor([2**31 - 1, -(2**31)], dtype=torch.int64)})
//     large = save({"i64": torch.tensor([1, 2**31], dtype=torch.int64), "x": torch.ones(1)})
//     complex = save({"c": torch.tensor([1 + 2j], dtype=torch.complex64)})
//     none = save({})

/** In base 64. */
export const files = {
  ours: "4AEAAAAAAAB7ImEiOnsiZHR5cGUiOiJGNjQiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOlswLDE2XX0sIjEwIjp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsxXSwiZGF0YV9vZmZzZXRzIjpbMTYsMjBdfSwiOSI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMV0sImRhdGFfb2Zmc2V0cyI6WzIwLDI0XX0sImIud2VpZ2h0Ijp7ImR0eXBlIjoiRjMyIiwic2hhcGUiOlsyLDNdLCJkYXRhX29mZnNldHMiOlsyNCw0OF19LCJlbXB0eSI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMCwzXSwiZGF0YV9vZmZzZXRzIjpbNDgsNDhdfSwiZ3LDtsOfZS7OsvCfmIAiOnsiZHR5cGUiOiJGMzIiLCJzaGFwZSI6W10sImRhdGFfb2Zmc2V0cyI6WzQ4LDUyXX0sInN0ZXBzIjp7ImR0eXBlIjoiSTMyIiwic2hhcGUiOltdLCJkYXRhX29mZnNldHMiOls1Miw1Nl19LCJtYXNrIjp7ImR0eXBlIjoiQk9PTCIsInNoYXBlIjpbM10sImRhdGFfb2Zmc2V0cyI6WzU2LDU5XX19ICAgICBVVVVVVVXVPwEAAAAAAAAAAACAPwAAAAAAAMA/AAAAwAAAwH8AAIB/AAAAgMIWAQAAACBA+f///wEAAQ==",
  texts:
    "YAAAAAAAAAB7Il9fbWV0YWRhdGFfXyI6eyJmb3JtYXQiOiJwdCDDvFxuXCJxXCIifSwieCI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbM10sImRhdGFfb2Zmc2V0cyI6WzAsMTJdfX0AAAAAAACAPwAAAEA=",
  others:
    "0AEAAAAAAAB7Imk2NCI6eyJkdHlwZSI6Ikk2NCIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6WzAsMTZdfSwiYmYxNiI6eyJkdHlwZSI6IkJGMTYiLCJzaGFwZSI6WzVdLCJkYXRhX29mZnNldHMiOlsxNiwyNl19LCJmMTYiOnsiZHR5cGUiOiJGMTYiLCJzaGFwZSI6WzZdLCJkYXRhX29mZnNldHMiOlsyNiwzOF19LCJpMTYiOnsiZHR5cGUiOiJJMTYiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOlszOCw0Ml19LCJlNG0zIjp7ImR0eXBlIjoiRjhfRTRNMyIsInNoYXBlIjpbNV0sImRhdGFfb2Zmc2V0cyI6WzQyLDQ3XX0sImU1bTIiOnsiZHR5cGUiOiJGOF9FNU0yIiwic2hhcGUiOls1XSwiZGF0YV9vZmZzZXRzIjpbNDcsNTJdfSwiaTgiOnsiZHR5cGUiOiJJOCIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6WzUyLDU0XX0sInU4Ijp7ImR0eXBlIjoiVTgiLCJzaGFwZSI6WzJdLCJkYXRhX29mZnNldHMiOls1NCw1Nl19ff///38AAAAAAAAAgP////+rPmJ/AQCAv4D/VTX/ewEAAIAAfAB+AID/fyt+AYB/NXsBgHyAfwD/",
  large:
    "cAAAAAAAAAB7Imk2NCI6eyJkdHlwZSI6Ikk2NCIsInNoYXBlIjpbMl0sImRhdGFfb2Zmc2V0cyI6WzAsMTZdfSwieCI6eyJkdHlwZSI6IkYzMiIsInNoYXBlIjpbMV0sImRhdGFfb2Zmc2V0cyI6WzE2LDIwXX19AQAAAAAAAAAAAACAAAAAAAAAgD8=",
  complex: "OAAAAAAAAAB7ImMiOnsiZHR5cGUiOiJDNjQiLCJzaGFwZSI6WzFdLCJkYXRhX29mZnNldHMiOlswLDhdfX0gIAAAgD8AAABA",
  none: "CAAAAAAAAAB7fSAgICAgIA==",
} as const;

/** What `{k: v.float().tolist() for k, v in load(others).items()}` prints; int64 as whole numbers. */
export const values: Readonly<Record<string, readonly number[]>> = {
  e5m2: [0.3125, 57344, 1.52587890625e-5, -0, Infinity],
  i8: [-128, 127],
  u8: [0, 255],
  i16: [-32768, 32767],
  f16: [0.333251953125, 65504, 5.960464477539063e-8, -0, Infinity, NaN],
  e4m3: [0.34375, 448, 0.001953125, -0, NaN],
  i64: [2147483647, -2147483648],
  bf16: [0.333984375, 3.00405527047391e38, 9.183549615799121e-41, -1, -Infinity],
};
