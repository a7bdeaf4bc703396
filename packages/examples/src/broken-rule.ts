// # What checking finds when a rule is broken on purpose
//
// A derivative that is a little wrong is the worst kind of fault: training still works, only less well, and nothing says so.
// Here the rule of a custom operation, $f(x) = x \tanh x$ with $f'(x) = \tanh x + x\,(1 - \tanh^2 x)$, is broken in ways that
// happen to people, each inside of a larger function.
//
// **Question.** Does `checkGradients` find every fault, does it name the right step, and how small may a fault be?

import {
  concat,
  definePrimitive,
  linspace,
  type PrimitiveFunction,
  randomKey,
  type Tensor,
  tensor,
  uniform,
  where,
} from "@adjoint/autograd";
import {
  assertGradients,
  checkGradients,
  GradientError,
  gradientProperty,
  type Report,
  tensors,
} from "@adjoint/autograd/check";
import { chart, fast, finding, seed, show, table } from "@adjoint/notebook";

// %% The rules
// A primitive states its value and its pullback. The right one is written in tensor operations, and so can be differentiated
// again.

type Rule = (x: Tensor) => Tensor;

const right: Rule = (x) => {
  const t = x.tanh();
  return t.add(x.mul(t.square().neg().add(1)));
};

const operation = (name: string, derivative: Rule): PrimitiveFunction<void> =>
  definePrimitive({
    name,
    shape: ([shape]) => shape!,
    value([x], out) {
      x!.data.forEach((each: number, i: number) => {
        out[i] = each * Math.tanh(each);
      });
    },
    pullback: ({ inputs: [x] }, dy) => [dy.mul(derivative(x!))],
  });

const rules: Readonly<Record<string, Rule>> = {
  right,
  "wrong sign": (x) => right(x).neg(),
  "forgotten product rule": (x) => x.tanh(),
  "forgotten square": (x) => x.tanh().add(x.mul(x.tanh().neg().add(1))),
  "0.1% off": (x) => right(x).mul(1.001),
  "wrong for negative x": (x) => where(x.less(0), right(x).mul(0.5), right(x)),
  "wrong beyond 1.5": (x) => where(x.greater(1.5), right(x).mul(0.9), right(x)),
  "wrong at order two": (x) => right(x.detach()),
};

// %% What the checker says
// The operation stands between others. The checker sees only the whole function at a point, and must say which step is at
// fault.

const start = seed(0);
const drawn = uniform(randomKey(start), [3], { low: -2, high: 1.5, dtype: "float64" });
const point = concat([drawn, tensor([-0.7, 1.8], { dtype: "float64" })]);
const inside = (own: (x: Tensor) => Tensor) => (x: Tensor) => own(x.mul(1.1).sin().add(x)).exp().sum();
const reports = Object.entries(rules).map(([name, rule]) => ({
  name,
  report: checkGradients(inside(operation("x·tanh(x)", rule)), [point]),
}));
show(
  table(
    reports.map(
      ({
        name,
        report: {
          verdict,
          guilty,
          disagreements: [first],
        },
      }) => ({
        rule: name,
        verdict,
        "guilty step": guilty?.operation ?? "–",
        "fails at order": guilty?.order ?? "–",
        "by the rule": first?.analytic ?? "–",
        "by differences":
          first === undefined ? "–" : `${first.numerical.toPrecision(7)} ± ${first.error.toExponential(0)}`,
      }),
    ),
    { title: "Verdicts" },
  ),
);

// %% One report in full
// Taylor's remainder says the same in another way: with a right gradient, it falls as the square of the distance.

const full = reports.find(({ name }) => name === "wrong at order two")!.report;
show(full, { title: "The report on the rule that is wrong at order two" });

// %% The picture of the differences
// A numerical derivative with an error bar, by Ridders' extrapolation (1982): differences with shrinking steps are
// extrapolated to step 0, and the error is by how much the last extrapolations disagree. Each rule's distance from it is
// drawn over the point; zero is drawn as the smallest number of the axis. What is right lies about as low as the error bar, which
// knows nothing of rounding, and what is wrong lies ten powers of ten above it.

function numericalDerivative(f: (x: number) => number, x: number) {
  const rows: number[][] = [];
  let best = { value: Number.NaN, error: Infinity };
  for (let i = 0; i < 10; i++) {
    const h = 0.2 / 1.4 ** i;
    const row = [(f(x + h) - f(x - h)) / (2 * h)];
    for (let j = 1; j <= i; j++) {
      const factor = 1.96 ** j;
      const value = (factor * row[j - 1]! - rows[i - 1]![j - 1]!) / (factor - 1);
      const error = Math.max(Math.abs(value - row[j - 1]!), Math.abs(value - rows[i - 1]![j - 1]!));
      if (error < best.error) best = { value, error };
      row.push(value);
    }
    rows.push(row);
  }
  return best;
}

const places = linspace(-2.5, 2.5, fast ? 31 : 151, { dtype: "float64" });
const xs = [...places.data] as number[];
const numerical = xs.map((x) => numericalDerivative((each) => each * Math.tanh(each), x));
const distance = (rule: Rule) =>
  [...rule(places).data].map((each, i) => Math.max(1e-16, Math.abs(Number(each) - numerical[i]!.value)));
const lines = ["right", "forgotten product rule", "0.1% off", "wrong for negative x", "wrong beyond 1.5"];
show(
  chart(
    [
      {
        mark: "band",
        name: "error bar of the differences",
        x: xs,
        low: xs.map(() => 1e-16),
        high: numerical.map(({ error }) => Math.max(1e-16, error)),
      },
      ...lines.map((name) => ({ mark: "line" as const, name, x: xs, y: distance(rules[name]!) })),
    ],
    {
      title: "How far each rule is from the differences",
      x: "x",
      y: { label: "|rule − numerical derivative|", scale: "log" },
    },
  ),
);

// %% Why one step size is not enough
// A central difference with step $h$ is wrong by about $h^2$ and by about $10^{-16}/h$. No step tells a rule that is off by
// $10^{-12}$ from a right one; a bad step does not even tell one that is off by 0.1%.

const stepSizes = Array.from({ length: 57 }, (_, i) => 10 ** (-14 + i / 4));
const at = 0.7;
const exact = Math.tanh(at) + at * (1 - Math.tanh(at) ** 2);
const difference = (h: number) => ((at + h) * Math.tanh(at + h) - (at - h) * Math.tanh(at - h)) / (2 * h);
const seen = (factor: number) =>
  stepSizes.map((h) => Math.max(1e-16, Math.abs(exact * factor - difference(h)) / exact));
show(
  chart(
    [
      { mark: "line", name: "right rule", x: stepSizes, y: seen(1) },
      { mark: "line", name: "0.1% off", x: stepSizes, y: seen(1.001) },
      { mark: "line", name: "10⁻⁸ off", x: stepSizes, y: seen(1 + 1e-8) },
    ],
    {
      title: "A central difference against rules at x = 0.7",
      x: { label: "step size h", scale: "log" },
      y: { label: "relative difference", scale: "log" },
    },
  ),
);

// %% How small may a fault be?
// The rule is off by a factor $1 + \varepsilon$, with ever smaller $\varepsilon$.

const verdictOf = (rule: Rule) =>
  checkGradients(inside(operation("x·tanh(x)", rule)), [point], { order: 1 }).verdict;
const exponents = Array.from({ length: fast ? 4 : 14 }, (_, i) => (fast ? 4 : 1) * (i + 1));
const verdicts = exponents.map((exponent) => ({
  ε: `1e-${exponent}`,
  verdict: verdictOf((x) => right(x).mul(1 + 10 ** -exponent)),
}));
const wrongAt = exponents.filter((_, i) => verdicts[i]!.verdict === "wrong");
show(table(verdicts, { title: "A rule that is off by 1 + ε" }));

// %% Wrong at ties alone
// The larger of two numbers. Where both are equal, any share of the slope may go to either, as long as the shares add up to
// 1. The broken rule gives all of it to both. Where there is no tie, nothing is to be found. At a tie, each input by itself
// is at a kink: slopes are 0 to one side and 1 to the other, and 1 is a slope between them. Only along the tie, where both
// inputs move together, is the function smooth and the rule wrong by a factor of 2. So `checkGradients` moves equal numbers
// together, too: one tie among the inputs is enough.

const larger = (isBroken: boolean) =>
  definePrimitive({
    name: "larger",
    shape: ([shape]) => shape!,
    value([a, b], out) {
      a!.data.forEach((each: number, i: number) => {
        out[i] = Math.max(each, b!.data[i]!);
      });
    },
    pullback({ inputs: [a, b] }, dy) {
      const toA = a!.greaterEqual(b!).cast("float64");
      const toB = (isBroken ? b!.greaterEqual(a!) : b!.greater(a!)).cast("float64");
      return [dy.mul(toA), dy.mul(toB)];
    },
  });
const float64 = { dtype: "float64" } as const;
const a = tensor([1, -2, 0.5], float64);
const ties = [false, true].map((isBroken) => {
  const max = larger(isBroken);
  const f = (a: Tensor, b: Tensor) => max(a, b).square().sum();
  return {
    rule: isBroken ? "all to both" : "all to the first",
    "no tie": checkGradients(f, [a, tensor([0.3, 1.5, 2], float64)], { order: 1 }).verdict,
    "one tie": checkGradients(f, [a, tensor([0.3, 1.5, 0.5], float64)], { order: 1 }).verdict,
    "along the tie": checkGradients((t: Tensor) => f(t, t), [a], { order: 1 }).verdict,
  };
});
show(table(ties, { title: "Ties" }));

// %% A fault that the point does not reach
// No check sees what its point does not reach: the rule that is wrong beyond 1.5 passes at a point within. `gradientProperty`
// draws points, special values among them, and shrinks what it finds to the simplest counterexample.

const hidden = inside(operation("x·tanh(x)", rules["wrong beyond 1.5"]!));
const near = checkGradients(hidden, [tensor([-0.5, 0.2, 0.6], float64)]).verdict;
let counterexample: GradientError | null = null;
try {
  assertGradients(gradientProperty(hidden, [tensors({ from: -4, to: 4 })], { order: 1 }), {
    numRuns: 100,
    seed: start,
  });
} catch (error) {
  if (!(error instanceof GradientError)) throw error;
  counterexample = error;
}
show(
  table(
    [
      { "checked at": "one point within 1", verdict: near },
      { "checked at": "points drawn between −4 and 4", verdict: counterexample?.report.verdict ?? "right" },
    ],
    { title: "The rule that is wrong beyond 1.5" },
  ),
);
show(counterexample?.message ?? "No counterexample", { title: "The counterexample, shrunk" });

// %% What was found
// Every fault that the point reaches was found and blamed on the right step, with the line that made it; the right rule
// passed. A factor of 1 + 10⁻⁹ is still called wrong; below the error bar of the differences nothing can be seen, and nothing
// is claimed. A wrong share at a tie was found where the point has a tie, and nowhere else. One thing was *not* found by one
// check at one point: a fault beyond the point.

const broken = reports.filter(({ name }) => name !== "right");
const share = (holds: (report: Report) => boolean) => broken.filter(({ report }) => holds(report)).length;
finding(
  "broken rules that are called wrong",
  share(({ verdict }) => verdict === "wrong"),
  { expected: broken.length, spread: 0, unit: `of ${broken.length}` },
);
finding(
  "broken rules whose step is named",
  share(({ guilty }) => guilty?.operation === "x·tanh(x)"),
  { expected: broken.length, spread: 0, unit: `of ${broken.length}` },
);
finding(
  "smallest fault called wrong, ε",
  Math.log10(Math.min(...wrongAt.map((exponent) => 10 ** -exponent))),
  { expected: -9, spread: 1.5, unit: "powers of ten" },
);
finding("right rule and differences disagree by at most", Math.max(...distance(right)), {
  expected: 0,
  spread: 1e-11,
});
