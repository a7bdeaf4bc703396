// What all optimizers have in common: which variables they change, what they remember, and that they do all or nothing.

import { bind, compile, grad, type Tensor, tensor, type Variable, variable, vmap } from "@adjoint/autograd";
import * as nn from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import { numbers } from "../../support/tensors.ts";

const double = (...values: number[]) => tensor(values, { dtype: "float64" });
const held = (...values: number[]) => variable(double(...values));
const at = (...all: Variable[]) => all.map((each) => numbers(each));

describe("minimize", () => {
  test("neither reads nor adds to anybody's grad, and changes its own set only", () => {
    const [mine, others] = [held(2), held(3)];
    mine.mul(5).sum().backward();
    others.mul(7).sum().backward();
    nn.sgd({ learningRate: 0.5 }).minimize(() => mine.mul(others).sum(), { mine });
    // 2 − ½·3, and not 2 − ½·(3 + 5).
    expect(at(mine, others)).toEqual([[0.5], [3]]);
    expect(others.grad!.toArray()).toEqual([7]);
  });

  test("passes over what the loss does not reach, which momentum would have moved", () => {
    const [a, b] = [held(1), held(1)];
    const optimizer = nn.sgd({ learningRate: 0.25, momentum: 0.5 });
    optimizer.minimize(() => a.add(b).sum(), [a, b]);
    optimizer.minimize(() => a.sum(), [a, b]);
    expect(at(a, b)).toEqual([[1 - 0.25 - 0.375], [0.75]]);
  });

  test("leaves alone what is not trainable, until it is again", () => {
    const [a, b] = [held(1), held(1)];
    b.trainable = false;
    const optimizer = nn.sgd({ learningRate: 0.25 });
    const step = () => optimizer.minimize(() => a.add(b).sum(), [a, b]);
    step();
    expect(at(a, b)).toEqual([[0.75], [1]]);
    expect(Object.keys(nn.variables(optimizer))).not.toContain("state.1");
    b.trainable = true;
    step();
    expect(at(a, b)).toEqual([[0.5], [0.75]]);
    a.trainable = b.trainable = false;
    expect(step).toThrow("sgd: none of 2 variables has a gradient");
  });

  test.each([
    ["eagerly", false],
    ["compiled", true],
  ])(
    "is all or nothing %s: where a rule throws at the second variable, nothing has happened",
    (_way, isCompiled) => {
      const [a, b, count] = [held(1), held(2), held(0)];
      let isWary = true;
      const optimizer = nn.optimizer(
        "wary",
        (step) => step.add(1),
        ({ gradient, path, memory }) => {
          memory("seen").assign(gradient);
          if (path === "b" && isWary) throw new RangeError("the second");
          return gradient;
        },
      );
      const step = () =>
        optimizer.minimize(
          () => {
            count.assign(count.value.add(1));
            return a.mul(b).sum();
          },
          { a, b },
        );
      expect(isCompiled ? compile(step) : step).toThrow("the second");
      expect(at(a, b, count, optimizer.learningRate, optimizer.steps)).toEqual([[1], [2], [0], [1], [0]]);
      expect(Object.keys(nn.variables(optimizer))).toEqual(["learningRate", "steps"]);
      isWary = false;
      (isCompiled ? compile(step) : step)();
      expect(at(a, b, count, optimizer.steps)).toEqual([[-1], [1], [1], [1]]);
    },
  );

  test("forgets the paths and the memory of a step that threw", () => {
    const [a, b] = [held(1), held(2)];
    let isWary = true;
    const optimizer = nn.optimizer("wary", 1, ({ gradient, memory }) => {
      memory("seen").assign(gradient);
      if (isWary) throw new RangeError("not yet");
      return gradient;
    });
    const step = (set: Record<string, Variable>) => optimizer.minimize(() => a.mul(b).sum(), set);
    expect(() => step({ a, b })).toThrow("not yet");
    expect(optimizer.state).toEqual({});
    isWary = false;
    step({ first: a, a: b });
    expect(at(a, b)).toEqual([[-1], [1]]);
    expect(() => step({ a, b })).toThrow('"a" was another variable in an earlier step');
  });

  test("returns the loss from before the step, off the tape", () => {
    const w = held(3);
    const loss = nn.adam().minimize(() => w.square().sum(), [w]);
    expect([loss.item(), loss.step]).toEqual([9, null]);
  });
});

describe("step", () => {
  test("uses the gradients that it is given, and not those in the variables", () => {
    const [a, b] = [held(1), held(1)];
    a.mul(100).sum().backward();
    nn.sgd({ learningRate: 1 }).step({ a, b }, { b: double(0.5) });
    expect(at(a, b)).toEqual([[1], [0.5]]);
    expect(a.grad!.toArray()).toEqual([100]);
    nn.sgd({ learningRate: 1 }).step([a, b], [double(2), double(3)]);
    expect(at(a, b)).toEqual([[-1], [-2.5]]);
  });

  test("refuses a gradient for nobody, and one of another shape or type", () => {
    const a = held(1, 2);
    const optimizer = nn.sgd({ learningRate: 1 });
    expect(() => optimizer.step({ a }, { b: double(1, 2) })).toThrow(
      'sgd: there is a gradient for "b" and no variable',
    );
    expect(() => optimizer.step({ a }, { a: double(1) })).toThrow(
      'sgd: the gradient for "a" is float64 [1] and the variable float64 [2]',
    );
    expect(() => optimizer.step({ a }, { a: tensor([1, 2]) })).toThrow("is float32 [2]");
  });

  test("an update for a path that is no variable's is an error", () => {
    const a = held(1);
    const odd: nn.Link = { name: "odd", apply: (gradients) => ({ ...gradients, b: double(1) }) };
    expect(() => nn.chain(odd).minimize(() => a.sum(), { a })).toThrow(
      'chain: a link made an update for "b", which is no variable of this step',
    );
  });
});

describe("what an optimizer remembers", () => {
  test("is in plain fields by path, which variables() finds, and is not trained", () => {
    const model = { layers: [{ weight: held(1, 2) }] };
    const optimizer = nn.adam();
    const set = nn.variables(model);
    optimizer.minimize(() => model.layers[0]!.weight.square().sum(), set);
    expect(numbers(optimizer.state["layers.0.weight"]!.mean!)).toEqual(
      [0.1 * 2, 0.1 * 4].map((x) => expect.closeTo(x, 15)),
    );
    expect(Object.keys(nn.variables(optimizer))).toEqual([
      'state["layers.0.weight"].steps',
      'state["layers.0.weight"].mean',
      'state["layers.0.weight"].meanSquare',
      "learningRate",
      "steps",
    ]);
    expect(nn.parameters(optimizer)).toEqual({});
  });

  test("belongs to a path and to a variable: others there are errors", () => {
    const [a, b] = [held(1), held(1)];
    const optimizer = nn.sgd({ learningRate: 1 });
    optimizer.minimize(() => a.sum(), [a]);
    expect(() => optimizer.minimize(() => b.sum(), [b])).toThrow(
      'sgd: "0" was another variable in an earlier step, whose memory must not be mixed with this one\'s; give each its own path',
    );
    expect(() => optimizer.minimize(() => a.sum(), { a })).toThrow(
      'sgd: the variable at "a" was at "0" in an earlier step',
    );
    optimizer.minimize(() => a.add(b).sum(), [a, b]);
    expect(at(a, b)).toEqual([[-1], [0]]);
  });

  test("is not mixed between two links that use one name", () => {
    const followed = () =>
      nn.link("followed", ({ gradient, memory }) => {
        const mean = memory("mean");
        mean.assign(mean.value.add(gradient).mul(0.5));
        return mean.value;
      });
    const w = held(0);
    const one = followed();
    const optimizer = nn.chain(one, one);
    for (let i = 0; i < 2; i++) optimizer.step([w], [double(8)]);
    // 4, 6 of the gradients, and 2, 4 of those.
    expect(at(w, optimizer.state[0]!.mean!, optimizer.state[0]!.mean2!)).toEqual([[-6], [6], [4]]);
  });

  test("may be of a variable at a path that every object has", () => {
    const w = held(0);
    const optimizer = nn.sgd({ learningRate: 1, momentum: 0.5 });
    optimizer.step({ valueOf: w }, { valueOf: double(1) });
    expect(numbers(Object.entries(optimizer.state)[0]![1].velocity!)).toEqual([1]);
  });
});

describe("load", () => {
  const run = (optimizer: nn.Optimizer, model: { w: Variable; "b.c": Variable }, steps: number) => {
    for (let i = 0; i < steps; i++)
      optimizer.minimize(
        () => model.w.square().sum().add(model["b.c"].sub(3).square().sum()),
        nn.variables(model),
      );
    return at(model.w, model["b.c"], optimizer.steps, optimizer.learningRate);
  };
  const fresh = () => ({ w: held(1, -2), "b.c": held(4) });
  const saved = (of: object) =>
    Object.fromEntries(Object.entries(nn.variables(of)).map(([path, { value }]) => [path, value]));
  const make = () =>
    nn.chain(nn.accumulate(2, nn.adam({ learningRate: nn.exponentialDecay(0.1, { factor: 0.9 }) })));

  test("goes on where a saved model and optimizer were, before a first step and after", () => {
    const [model, optimizer] = [fresh(), make()];
    run(optimizer, model, 5);
    const now = saved({ model, optimizer });
    const wanted = run(optimizer, model, 5);
    for (const before of [0, 3]) {
      const other = { model: fresh(), optimizer: make() };
      run(other.optimizer, other.model, before);
      nn.load(other, now);
      expect(run(other.optimizer, other.model, 5)).toEqual(wanted);
    }
    const alone = make();
    nn.load(alone, saved(optimizer));
    expect(JSON.stringify(saved(alone))).toBe(JSON.stringify(saved(optimizer)));
  });

  test("refuses paths of another model or optimizer, and changes nothing then", () => {
    const model = fresh();
    const optimizer = nn.sgd({ learningRate: 1 });
    const all = { ...saved({ model, optimizer }), "model.w": double(7, 7) };
    expect(() => nn.load({ model, optimizer }, { ...all, "model.x": double(1) })).toThrow(
      'unknown to the model: "model.x"',
    );
    expect(() => nn.load({ model, optimizer }, { "model.w": double(7, 7) })).toThrow(
      /missing in the file: .*"model\[\\"b\.c\\"\]"/,
    );
    expect(at(model.w)).toEqual([[1, -2]]);
  });

  test("memory that does not fit the variable is found by the next step", () => {
    const w = held(1, 2);
    const optimizer = nn.sgd({ learningRate: 1, momentum: 0.5 });
    nn.load(optimizer, { ...saved(optimizer), "state.w.velocity": double(1) });
    expect(() => optimizer.minimize(() => w.sum(), { w })).toThrow(
      'sgd: the memory "w velocity" is float64 [1] and the step needs float64 [2]',
    );
  });

  test("the memory of another optimizer is found by the next step, which moves nothing", () => {
    const before = nn.sgd({ learningRate: 1, momentum: 0.5 });
    const w = held(1, 2);
    const step = (optimizer: nn.Optimizer) => optimizer.minimize(() => w.square().sum(), { w });
    step(before);
    const after = nn.adam();
    nn.load(after, saved(before));
    const now = at(w);
    expect(() => step(after)).toThrow(
      'adam: the memory "w velocity" was loaded and no step asks for it; load what was saved of the same optimizer',
    );
    expect(at(w)).toEqual(now);
    const common = nn.adam();
    nn.load(common, { ...saved(common), "common.count": double(3) });
    expect(() => step(common)).toThrow('adam: the memory "count" was loaded');
  });

  test("what is given for a name must be a tensor", () => {
    const wrong = { w: [[1]] } as unknown as Record<string, Tensor>;
    expect(() => nn.load({ w: held(1) }, wrong)).toThrow(
      'load: what is given for "w" is an array and must be a tensor',
    );
  });

  test("a variable may be called constructor", () => {
    const model = { constructor: held(1, 2) };
    nn.sgd({ learningRate: 0.5 }).minimize(() => model.constructor.square().sum(), nn.variables(model));
    expect(at(model.constructor)).toEqual([[0, 0]]);
    const other = { constructor: held(3, 4) };
    nn.load(other, saved(model));
    expect(at(other.constructor)).toEqual([[0, 0]]);
  });
});

describe("derivatives through steps", () => {
  // Three steps on Σ½(w − 3)² + sin w from w₀ and with the rate r.
  const trained = (make: (rate: nn.Schedule) => nn.Optimizer) => (start: Tensor, rate: Tensor) => {
    const w = held(0, 0);
    const optimizer = make(() => rate as Tensor<[]>);
    return bind([w], [start], () => {
      for (let i = 0; i < 3; i++)
        optimizer.minimize(() => w.sub(3).square().mul(0.5).add(w.sin()).sum(), [w]);
      return w.value.square().sum();
    });
  };

  test.each([
    ["sgd", (learningRate: nn.Schedule) => nn.sgd({ learningRate, momentum: 0.5 })],
    ["adam", (learningRate: nn.Schedule) => nn.adam({ learningRate, epsilon: 0.1 })],
    [
      "a chain that accumulates and clips",
      (learningRate: nn.Schedule) =>
        nn.chain(nn.clipByGlobalNorm(2), nn.accumulate(2, nn.adam({ learningRate }))),
    ],
    ["lamb", (learningRate: nn.Schedule) => nn.lamb({ learningRate, weightDecay: 0.1 })],
  ])("of %s are those that differences see, in the start and in the rate", (_name, make) => {
    const f = trained(make);
    const [start, rate] = [double(1, 1.5), tensor(0.0625, { dtype: "float64" })];
    const [inStart, inRate] = grad(f, { argnums: [0, 1] })(start, rate);
    const h = 2 ** -14;
    // Central differences of a smooth function of numbers below 10: errors of 100·h² and 10·2⁻⁵³/h.
    const bound = 100 * h * h + (10 * 2 ** -53) / h;
    const value = (first: number, r: number) => f(double(first, 1.5), tensor(r, { dtype: "float64" })).item();
    const slopes = [
      [inStart!.data[0]!, (value(1 + h, 0.0625) - value(1 - h, 0.0625)) / (2 * h)],
      [inRate!.item(), (value(1, 0.0625 + h) - value(1, 0.0625 - h)) / (2 * h)],
    ];
    for (const [found, wanted] of slopes) {
      expect(Math.abs(found!)).toBeGreaterThan(0.01);
      expect(Math.abs(found! - wanted!)).toBeLessThan(bound);
    }
  });
});

test("an optimizer that is made within vmap takes many ways at once, and the derivative of each", () => {
  const w = held(0, 0);
  const trained = (rate: Tensor) =>
    bind([w], [double(1, 2)], () => {
      const optimizer = nn.sgd({ learningRate: () => rate, momentum: 0.5 });
      for (let i = 0; i < 2; i++) optimizer.minimize(() => w.square().sum().mul(0.5), [w]);
      return w.value.sum();
    });
  // (1 − r)w₀, then less r(½ + 1 − r)w₀: 1 − 2½r + r², whose slope is −2½ + 2r.
  const rates = double(0.125, 0.25);
  expect(numbers(vmap(trained)(rates))).toEqual([0.125, 0.25].map((r) => 3 * (1 - 2.5 * r + r * r)));
  expect(numbers(vmap(grad(trained))(rates))).toEqual([0.125, 0.25].map((r) => 3 * (-2.5 + 2 * r)));
});

test("a thousand steps leave nothing behind: neither tapes nor memory", () => {
  const w = held(1, 2);
  const optimizer = nn.adam();
  const count = () => Object.keys(nn.variables(optimizer)).length;
  const step = () => optimizer.minimize(() => w.square().sum(), [w]);
  step();
  const before = count();
  for (let i = 0; i < 1000; i++) step();
  expect(count()).toBe(before);
  for (const each of Object.values(nn.variables(optimizer))) expect(each.value.step).toBeNull();
});

describe("compiled", () => {
  test("a chain with a schedule is one program, whose memory the optimizer holds", () => {
    const make = () =>
      nn.chain(
        nn.clipByGlobalNorm(1),
        nn.adam({ learningRate: nn.warmUp(0.1, { steps: 4, first: 0.02 }) }),
        nn.only((path) => path === "a", nn.weightDecay(0.1)),
      );
    const run = (around: (f: () => Tensor) => () => Tensor) => {
      const [a, b] = [held(1, 2), held(-1)];
      const optimizer = make();
      const step = around(() =>
        optimizer.minimize(() => a.square().sum().add(b.sub(a).square().sum()), { a, b }),
      );
      for (let i = 0; i < 8; i++) step();
      return [...at(a, b, optimizer.learningRate, optimizer.steps, optimizer.state.a!.mean!).flat()];
    };
    const [eager, compiled] = [run((f) => f), run((f) => compile(f))];
    // Eight steps of some fifty roundings of numbers below 2.
    compiled.forEach((each, i) => {
      expect(Math.abs(each - eager[i]!)).toBeLessThan(8 * 50 * 2 * 2 ** -53);
    });
  });
});
