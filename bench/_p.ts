import { scalar } from "/work/main/packages/autograd/src/scalar/scalar.ts";

const width = 24,
  L = 51;
const W = Array.from({ length: L }, (_, l) =>
  Array.from({ length: width }, (_, j) =>
    Array.from({ length: width }, (_, i) => scalar(Math.sin(l + 7 * j + 13 * i) / 5)),
  ),
);
const B = W.map((l) => l.map((_, j) => scalar(j / 100)));
const I = Array.from({ length: width }, (_, i) => scalar(Math.cos(i)));
let tb = 0,
  tf = 0,
  n = 0;
for (let r = 0; r < 400; r++) {
  const t0 = performance.now();
  let x = I;
  for (let l = 0; l < L; l++) {
    x = W[l]!.map((row, j) => {
      let s = B[l]![j]!;
      for (let i = 0; i < width; i++) s = s.add(row[i]!.mul(x[i]!));
      return s.tanh();
    });
  }
  let loss = x[0]!;
  for (let i = 1; i < width; i++) loss = loss.add(x[i]!);
  const t1 = performance.now();
  loss.backward();
  const t2 = performance.now();
  if (r >= 10) {
    tf += t1 - t0;
    tb += t2 - t1;
    n += L * width * (2 * width + 1);
  }
}
console.log("build", ((tf * 1e6) / n).toFixed(1), "backward", ((tb * 1e6) / n).toFixed(1));
