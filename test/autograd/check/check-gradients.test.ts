// What checkGradients says where nothing can be told, of float32 that f closes over, and of variables.

import {
  compile,
  definePrimitive,
  normal,
  randomKey,
  type Tensor,
  tensor,
  uniform,
  type Variable,
  variable,
} from "@adjoint/autograd";
import { checkGradients, explainNonFinite, type Verdict } from "@adjoint/autograd/check";
import * as nn from "@adjoint/nn";
import { describe, expect, test } from "vitest";

const cubeWith = (slope: (x: Tensor) => Tensor, name: string) =>
  definePrimitive({
    name,
    shape: ([shape]) => shape!,
    value([x], out) {
      x!.data.forEach((value: number, i: number) => {
        out[i] = value ** 3;
      });
    },
    pullback: ({ inputs: [x] }, dy) => [dy.mul(slope(x!))],
  });
const cube = cubeWith((x) => x.square().mul(3), "cube");
const wrong = cubeWith((x) => x.square().mul(2), "wrong");
const wrongTwice = cubeWith((x) => x.detach().square().mul(3), "wrongTwice");

const double = (values: readonly number[]) => tensor(values, { dtype: "float64" }) as Tensor;
const x = double([0.5, -1.5]);
const many = normal(randomKey(3), [20], { dtype: "float64" }) as Tensor;

type F = (...inputs: never[]) => unknown;
function expectVerdict(f: F, point: Parameters<typeof checkGradients>[1], verdict: Verdict) {
  const report = checkGradients(f, point);
  expect(report.verdict === verdict ? verdict : report.toString()).toBe(verdict);
  return report;
}

describe("a rule that rounding hides is not called right", () => {
  const hide = (y: Tensor) => y.add(1e14).sub(1e14);
  const hidden: Record<string, [F, Tensor[]]> = {
    "a wrong rule behind a large number that comes and goes": [(a: Tensor) => hide(wrong(a)), [x]],
    "a right one": [(a: Tensor) => hide(cube(a)), [x]],
    "a large number that stays": [(a: Tensor) => wrong(a).add(1e14), [x]],
    "a value that leaves the tape, so small that no result moves": [
      (a: Tensor) => hide(a.detach().mul(1e-3)),
      [x],
    ],
    "one result beside another that shows": [(a: Tensor) => [a.sin(), hide(wrong(a))], [x]],
    "one input beside another that shows": [(a: Tensor, b: Tensor) => [a.sin(), hide(wrong(b))], [x, x]],
    "directions that mix many entries": [(a: Tensor) => hide(wrong(a)), [many]],
    "a sum of many": [(a: Tensor) => hide(wrong(a).sum()), [many]],
  };
  test.each(Object.entries(hidden))("%s", (_name, [f, point]) => {
    expect(expectVerdict(f, point, "inconclusive").toString()).toContain("too wide to tell");
  });

  test("what stands still, or jumps elsewhere, is right", () => {
    expectVerdict((a: Tensor) => a.floor(), [x], "right");
    expectVerdict((a: Tensor) => a.sub(a), [x], "right");
    expectVerdict((a: Tensor) => a.equal(a).cast("float64"), [x], "right");
    expectVerdict((a: Tensor) => [a.argsort().cast("float64"), a.exp()], [x], "right");
  });
});

describe("a function that is not deterministic is inconclusive, and the report says so", () => {
  let calls = 0;
  const state = variable([1, 2]);
  const dropOut = (a: Tensor, key: number) => a.mul(uniform(randomKey(key), [2]).less(0.5).cast("float64"));
  const random: Record<string, F> = {
    "Math.random": (a: Tensor) => a.mul(Math.random()),
    "a key that advances": (a: Tensor) => a.mul(normal(randomKey(calls++), [2], { dtype: "float64" })),
    "dropping out with a key that advances": (a: Tensor) => dropOut(a, calls++),
    "a counter that adds to a wrong rule": (a: Tensor) => wrong(a).add(calls++),
    "another shape each time": (a: Tensor) => (calls++ % 2 === 0 ? a : a.sum()),
    "a variable that f reads and assigns": (a: Tensor) => {
      state.assign(state.add(1));
      return a.mul(state.value.cast("float64"));
    },
  };
  test.each(Object.entries(random))("%s", (_name, f) => {
    const report = expectVerdict(f, [x], "inconclusive");
    expect(report.findings).toHaveLength(1);
    expect(report.findings[0]).toMatch(
      /^the function is not deterministic: called again with the same inputs/,
    );
    expect(report.findings[0]).toMatch(/draw random numbers from a key/);
  });

  test("with a key that stays it is judged", () => {
    const noisy = (rule: (a: Tensor) => Tensor) => (a: Tensor) =>
      rule(a).mul(normal(randomKey(7), [2], { dtype: "float64" }));
    expectVerdict(noisy(cube), [x], "right");
    expectVerdict(noisy(wrong), [x], "wrong");
  });
});

describe("inputs that the result is not made of are named", () => {
  const [a, b] = [double([1, 2]), double([3, 4])];

  test("beside others that count", () => {
    const report = expectVerdict((p: Tensor) => p.sin(), [a, b], "right");
    expect(report.findings).toHaveLength(1);
    expect(report.findings[0]).toMatch(/^input 2 does not reach the result/);
  });

  test("and where there are no others, nothing is shown", () => {
    expect(expectVerdict(() => b, [a], "inconclusive").findings).toHaveLength(1);
    expect(expectVerdict(() => b, [a, b], "inconclusive").findings).toHaveLength(2);
  });

  test("a value read out of a tensor and put back is made of it", () => {
    expect(expectVerdict((p: Tensor) => double([p.sum().item()]), [a], "wrong").findings).toEqual([]);
    expect(expectVerdict((p: Tensor) => p.sub(p), [a], "right").findings).toEqual([]);
  });
});

describe("float32 inside a function is judged by what float32 is able to", () => {
  const model = nn.mlp([2, 3, 1], { activation: nn.tanh, outputActivation: nn.logistic, key: randomKey(0) });
  const weights = tensor([
    [0.3, -0.7],
    [1.1, 0.2],
  ]);
  const single = tensor([[0.3, -0.4]]) as Tensor;
  const exact = single.cast("float64") as Tensor;
  const judged: Record<string, [F, Tensor[], Verdict]> = {
    "a model that f closes over": [(a: Tensor) => model.forward(a as never), [single], "right"],
    "the same with float64 arguments": [
      (a: Tensor) => model.forward(a.cast("float32") as never),
      [exact],
      "right",
    ],
    "tensors that f closes over": [(a: Tensor) => a.matmul(weights).exp(), [single], "right"],
    "results that come back to float64": [
      (a: Tensor) => a.cast("float32").matmul(weights).cast("float64").sin(),
      [exact],
      "right",
    ],
    "results that alone are float32": [(a: Tensor) => a.square().cast("float32"), [exact], "right"],
    "one such result beside others": [(a: Tensor) => [a.exp().cast("float32"), a.sin()], [exact], "right"],
    "a wrong rule before results that alone are float32": [
      (a: Tensor) => wrong(a).cast("float32"),
      [exact],
      "wrong",
    ],
    "a wrong rule behind a model": [(a: Tensor) => wrong(model.forward(a as never)), [single], "wrong"],
    "a wrong rule before one, given float64": [
      (a: Tensor) => wrong(a.cast("float32")).matmul(weights),
      [exact],
      "wrong",
    ],
    "a wrong rule of order two": [(a: Tensor) => wrongTwice(a.matmul(weights)), [single], "wrong"],
  };
  test.each(Object.entries(judged))("%s", (_name, [f, point, verdict]) => {
    expectVerdict(f, point, verdict);
  });

  test("the same NaN or infinity in float32 and in float64 is no difference", () => {
    const none = tensor([-2, 0]) as Tensor;
    expectVerdict((a: Tensor) => a.log(), [none], "inconclusive");
    expectVerdict((a: Tensor) => a.reciprocal(), [none], "inconclusive");
  });

  test("a rule that is wrong in float32 alone is found there", () => {
    const f = cubeWith((a) => a.square().mul(a.dtype === "float32" ? 2 : 3), "single");
    expectVerdict((a: Tensor) => f(a), [x], "right");
    expectVerdict((a: Tensor) => f(a), [x.cast("float32") as Tensor], "wrong");
    expectVerdict((a: Tensor) => f(a.cast("float32")), [x], "wrong");
  });
});

describe("gradients with respect to variables", () => {
  const data = tensor([
    [0.3, -0.4],
    [1, 2],
  ]);
  const make = () => nn.mlp([2, 3, 1], { activation: nn.tanh, key: randomKey(0) });
  const bits = (each: Variable) => [...(each.data as Float32Array)];

  test("are right of a model, however they are given", () => {
    const model = make();
    const loss = () => model.forward(data).square().mean();
    expectVerdict(loss, nn.variables(model), "right");
    expectVerdict(loss, [nn.variables(model)], "right");
    expectVerdict(loss, [[...Object.values(nn.variables(model))]], "right");
    expectVerdict(compile(loss), nn.variables(model), "right");
    expectVerdict((a: Tensor) => model.forward(a as never).square(), [data, nn.variables(model)], "right");
  });

  test("are found wrong, with the variable's name", () => {
    const w = variable(double([1, 2]));
    expect(expectVerdict(() => wrong(w).sum(), { w }, "wrong").disagreements[0]?.input).toBe("the input.w");
    expectVerdict(() => w.detach().square(), [w], "wrong");
    expectVerdict(() => wrongTwice(w), [w], "wrong");
    const model = make();
    expect(
      expectVerdict(() => wrong(model.forward(data)), nn.variables(model), "wrong").guilty?.operation,
    ).toBe("wrong");
  });

  test("count once for a variable that occurs twice, also where f reads it without being given it", () => {
    const w = variable(double([1, 2]));
    expectVerdict((a: Variable, b: Variable) => a.mul(b.value).mul(w), [w, w], "right");
  });

  test("leave every value and gradient as it was, also where f throws or assigns", () => {
    const w = variable(double([1, 2]));
    w.square().sum().backward();
    const grad = w.grad;
    expectVerdict(() => w.exp(), [w], "right");
    let calls = 0;
    const throwing = () => {
      if (++calls > 12) throw new Error("enough");
      return w.exp();
    };
    expect(() => checkGradients(throwing, [w])).toThrow("enough");
    expectVerdict(
      () => {
        const y = w.square();
        w.assign(y);
        return y.sin();
      },
      [w],
      "right",
    );
    expect(bits(w)).toEqual([1, 2]);
    expect(w.grad).toBe(grad);
  });

  test("of a variable that the loss does not read are named", () => {
    const [model, other] = [make(), make()];
    const report = expectVerdict(() => model.forward(data), nn.variables(other), "inconclusive");
    expect(report.findings).toHaveLength(4);
    expect(report.findings[0]).toMatch(/does not reach the result/);
  });
});

describe("at a kink where the rules' conventions don't compose, the report names an operation that has the kink", () => {
  const [zero, tie] = [double([0, 2]), double([2, 2])];
  // All but the last are smooth at the point: x, sin(eˣ − 1), −x and the sum of both numbers.
  const kinked: Record<string, [F, Tensor, operation: RegExp]> = {
    "the parts above and below zero": [(a: Tensor) => a.relu().sub(a.neg().relu()), zero, /map relu/],
    "the same among smooth operations": [
      (a: Tensor) => {
        const b = a.expm1();
        return b.relu().sub(b.neg().relu()).sin();
      },
      zero,
      /map relu/,
    ],
    "a kink that another one straightens": [(a: Tensor) => a.abs().sub(a.relu().mul(2)), zero, /map abs/],
    "the order of equal numbers": [
      (a: Tensor) =>
        a
          .sort()
          .mul(double([1, 2]))
          .sum()
          .sub(a.max()),
      tie,
      /max/,
    ],
    "a kink at order two": [
      (a: Tensor) => a.greater(0).select(a.square(), a.square().neg()).div(a.abs().add(1)),
      zero,
      /map abs/,
    ],
  };
  test.each(Object.entries(kinked))("%s", (_name, [f, point, operation]) => {
    const { notes, guilty } = expectVerdict(f, [point], "inconclusive");
    expect(guilty).toBeNull();
    expect(notes).toHaveLength(1);
    const [, named] = /^the point lies on a kink of (.*), where conventions don't compose/.exec(notes[0]!)!;
    expect(named).toMatch(operation);
  });
});

// Beside so large a number, differences see nothing of a stair, and the slope of the whole staircase.
test("a staircase of whole numbers is not taken for a derivative that is missing, which is found", () => {
  for (const [steps, large] of [
    [2 ** 23, 2 ** 22],
    [2 ** 24, 2 ** 22],
    [2 ** 23, 2 ** 24],
    [2 ** 22, 2 ** 25],
  ] as const) {
    const point = [double([0.25 + 0.5 / steps])];
    const staircase = (a: Tensor) =>
      a.sub(0.25).mul(steps).cast("int32").cast("float64").div(steps).add(large);
    const { notes } = expectVerdict(staircase, point, "inconclusive");
    expect(notes).toEqual([expect.stringMatching(/^the point lies on a kink of cast/)]);
    expectVerdict((a: Tensor) => a.detach().sub(0.25).add(large), point, "wrong");
  }
});

test("an entry more costs the calls of its own differences, since noise beside the point is measured once for all", () => {
  const callsFor = (entries: number) => {
    let calls = 0;
    const f = (a: Tensor) => {
      calls++;
      return a.square().mul(a).sum();
    };
    const point = double(Array.from({ length: entries }, (_, i) => 0.7 + 0.3 * i));
    expect(checkGradients(f, [point], { order: 1 }).verdict).toBe("right");
    return calls;
  };
  // Of a cube, extrapolation takes six pairs of differences.
  expect((callsFor(12) - callsFor(4)) / 8).toBe(12);
});

test("where nothing can be compared, the report says whether the value or the form of the function is why", () => {
  for (const [f, point, why] of [
    [(x: Tensor) => x.exp(), double([1000, 1]), /gives NaN or an infinity at this point.*explainNonFinite/],
    [(x: Tensor) => x.add(1), tensor([1, 2], { dtype: "int32" }), /nothing to compare: no float input/],
    [(x: Tensor) => x.mul(2), double([]), /nothing to compare/],
  ] as const) {
    const report = checkGradients(f, [point]);
    expect(report.verdict).toBe("inconclusive");
    expect(String(report)).toMatch(why);
  }
});

test("what is not a point or not a function is named with the way out", () => {
  const f = (a: Tensor) => a;
  const not = (point: unknown) => () => checkGradients(f, point as never);
  expect(not(x)).toThrow(
    "checkGradients: got a Tensor where the point belongs; give the list of all arguments",
  );
  expect(not(3)).toThrow("checkGradients: got a number where the point belongs");
  expect(not(null)).toThrow("checkGradients: got null where the point belongs");
  expect(not(undefined)).toThrow("checkGradients: got undefined where the point belongs");
  expect(not("x")).toThrow("checkGradients: got a string where the point belongs");
  expect(() => checkGradients(x as never, [x])).toThrow("got a Tensor where the function belongs");
  expect(() => explainNonFinite(f, x as never)).toThrow(
    "explainNonFinite: got a Tensor where the point belongs",
  );
  expect(() => checkGradients(f, [x], { orders: 1 } as never)).toThrow(/checkGradients: .*orders/);
});
