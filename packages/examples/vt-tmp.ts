import { compile, grad, scan, valueAndGrad, variable, normal, randomKey, splitKey, zeros, type Tensor, variable as v, checkpoint, concat } from "@adjoint/autograd";
const H = 32, F = 32;
const ks = splitKey(randomKey(1), 8);
const W = normal(ks[0]!, [F, 4 * H]).mul(0.2), U = normal(ks[1]!, [H, 4 * H]).mul(0.2), b = normal(ks[2]!, [4 * H]).mul(0.1);
type P = { W: Tensor; U: Tensor; b: Tensor };
const cell = ({ W, U, b }: P) => ([h, c]: Tensor[], x: Tensor) => {
  const z = x.reshape([1, F]).matmul(W).add(h!.matmul(U)).add(b) as Tensor;
  const [i, f, g, o] = [0, 1, 2, 3].map((k) => z.slice([0, 1], [k * H, (k + 1) * H]) as Tensor);
  const c2 = f!.logistic().mul(c!).add(i!.logistic().mul(g!.tanh()));
  const h2 = o!.logistic().mul(c2.tanh());
  return [[h2, c2], h2] as any;
};
const start = () => [zeros([1, H]), zeros([1, H])] as Tensor[];
const viaScan = (p: P, xs: Tensor) => { const [, hs] = (scan as any)(cell(p), start(), xs); return hs.square().mean(); };
const unrolled = (p: P, xs: Tensor) => {
  let s = start(); const hs: Tensor[] = []; const step = cell(p);
  for (let t = 0; t < xs.shape[0]!; t++) { const [n, h] = step(s, xs.slice([t, t + 1]) as Tensor) as any; s = n; hs.push(h); }
  return (concat(hs as any, {axis: 0} as any) as any).square().mean();
};
const p = { W, U, b };
const time = (f: () => void, n: number) => { const ts = []; for (let i = 0; i < n; i++) { const a = performance.now(); f(); ts.push(performance.now() - a); } ts.sort((a, b) => a - b); return [ts[0]!, ts[n >> 1]!]; };
for (const T of process.argv.slice(2).map(Number)) {
  const xs = normal(ks[3]!, [T, F]);
  for (const [name, f] of [["scan", viaScan], ...(T <= 256 ? [["unrolled", unrolled]] : [])] as [string, any][]) {
    const a = performance.now();
    const g = compile(valueAndGrad(f)) as any;
    const r = g(p, xs);
    const b = performance.now();
    const fw = compile(f) as any; fw(p, xs);
    const [best, med] = time(() => g(p, xs), 50);
    const [fb] = time(() => fw(p, xs), 50);
    console.log(T, name, "compile", (b - a).toFixed(0), "ms; step us best", (best! * 1000 / T).toFixed(2), "median", (med! * 1000 / T).toFixed(2), "forward", (fb! * 1000 / T).toFixed(2), r.value.item(), Object.values(r.gradient).map((t: any) => t.square().sum().item()).join(" "));
    if (process.env.LIST) console.log(g.for(p, xs).toString().split("\n").slice(0, 60).join("\n"));
  }
}
