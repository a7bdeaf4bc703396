import { activation } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { checkActivation } from "/work/main/packages/autograd/src/check/check-activation.ts";
const E = {
  mish: activation("mish", (x) => x.mul(x.softplus().tanh())),
  swish: activation("swish", (x) => x.mul(x.logistic())),
  naiveMish: activation("naiveMish", (x) => x.mul(x.exp().add(2).log().tanh())),
  square: activation("square", (x) => x.square(), { psi: (y) => y.sqrt().mul(2) }),
  softsign: activation("softsign", (x) => x.div(x.abs().add(1)), { range: [-1, 1] }),
  cube: activation("cube", (x) => x.square().mul(x)),
  sin: activation("sin", (x) => x.sin(), { range: [-1, 1] }),
  hardswish: activation("hardswish", (x) => x.mul(x.add(3).clip(0, 6)).div(6)),
  hardsigmoid: activation("hardsigmoid", (x) => x.mul(0.2).add(0.5).clip(0, 1), { range: [0, 1] }),
  selu: activation("selu", (x) => x.greater(0).select(x.mul(1.0507), x.expm1().mul(1.0507 * 1.6733))),
  gaussian: activation("gaussian", (x) => x.square().neg().exp(), { range: [0, 1] }),
  log: activation("log", (x) => x.log()),
  exp: activation("exp", (x) => x.exp()),
  tanhshrink: activation("tanhshrink", (x) => x.sub(x.tanh())),
  softshrink: activation("softshrink", (x) => x.greater(0.5).select(x.sub(0.5), x.less(-0.5).select(x.add(0.5), 0))),
  badpsi: activation("badpsi", (x) => x.tanh(), { psi: (y) => y.square().neg().add(1.001) }),
  bump: activation("bump", (x) => x.square().less(1).select(x.square().neg().add(1).reciprocal().neg().exp(), 0)),
  nokink: activation("nokink", (x) => x.abs(), { kinks: [] }),
  toomany: activation("toomany", (x) => x.tanh(), { kinks: [1] }),
  badrange: activation("badrange", (x) => x.tanh(), { range: [-1, 0.9] }),
  xsq1: activation("xsq1", (x) => x.square().sub(1).abs()),
  frac: activation("frac", (x) => x.sub(x.floor())),
  recip: activation("recip", (x) => x.reciprocal()),
  steep: activation("steep", (x) => x.mul(1000).tanh()),
  wiggle: activation("wiggle", (x) => x.add(x.mul(10).sin().mul(0.05))),
  snake: activation("snake", (x) => x.add(x.sin().square())),
  sqrtabs: activation("sqrtabs", (x) => x.abs().sqrt()),
  swishlong: activation("logcosh", (x) => x.abs().add(x.abs().mul(-2).exp().log1p()).sub(Math.LN2)),
  const: activation("const", () => 3),
};
const all: [string, any][] = [...Object.entries(nn).filter(([, v]: any) => typeof v === "function" && "kinks" in v && "psi" in v), ...Object.entries(E)] as any;
const only = process.argv.slice(2);
for (const [, phi] of all) {
  if (only.length && !only.includes(phi.name)) continue;
  const t = performance.now();
  const r = checkActivation(phi);
  const ms = performance.now() - t;
  const t2 = performance.now(); checkActivation(phi);
  console.log(ms.toFixed(0) + " ms, again " + (performance.now() - t2).toFixed(0), r.toString());
}
