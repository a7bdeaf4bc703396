// Variables as leaves of what transforms take, what binds them, and who watches.

import {
  assign,
  bind,
  compile,
  definePrimitive,
  grad,
  gradients,
  hessian,
  hvp,
  jacobian,
  jvp,
  mapTree,
  noGrad,
  type Tensor,
  tapeOf,
  tensor,
  transaction,
  type Variable,
  valueAndGrad,
  variable,
  vjp,
  vmap,
} from "@adjoint/autograd";
import { describe, expect, test } from "vitest";
import { numbers, parameter, vector } from "../../support/tensors.ts";

const at = (value: number) => tensor(value, { dtype: "float64" }) as Tensor;
const sum = (x: Tensor): Tensor => x.sum();

test("what changes nothing of a variable is what it holds now, and stays so", () => {
  const w = variable([1, 2]);
  const same = [
    w.roll(0),
    w.moveAxis(0, 0),
    w.broadcastTo([2]),
    w.reshape([2]),
    w.sumTo([2]),
    w.cast("float32"),
    w.squeeze(),
    w.slice(),
  ];
  w.assign(tensor([5, 6]));
  for (const each of same) expect(each.toArray()).toEqual([1, 2]);
});

describe("a variable in the argument is what the function sees when it reads that variable", () => {
  // J = Σ w³·b, whose derivatives in plain numbers are 3w²b and w³.
  const model = () => ({ w: parameter(1, -2), b: parameter(3, 0.5) });
  const loss = ({ w, b }: ReturnType<typeof model>) => sum(w.mul(w).mul(w).mul(b));

  test("by grad and valueAndGrad, in a tree of its own form", () => {
    const m = model();
    const gradient = grad((_: typeof m) => loss(m))(m);
    expect(numbers(gradient.w)).toEqual([9, 6]);
    expect(numbers(gradient.b)).toEqual([1, -8]);
    const both = valueAndGrad((_: { w: Variable }) => loss(m))({ w: m.w });
    expect(both.value.item()).toBe(3 - 4);
    expect(numbers(both.gradient.w)).toEqual([9, 6]);
    expect(m.w.grad).toBeNull();
  });

  test("by vjp, jvp, jacobian, hessian and hvp", () => {
    const m = model();
    const f = (_: { w: Variable }) => m.w.square().mul(m.b);
    const given = { w: m.w };
    expect(numbers(vjp(f, given).pullback(vector(1, 1)).w)).toEqual([6, -2]);
    expect(numbers(jvp(f, given, { w: vector(1, 10) }).tangent)).toEqual([6, -20]);
    for (const mode of ["reverse", "forward"] as const)
      expect(numbers((jacobian(f, { mode })(given) as { w: Tensor }).w)).toEqual([6, 0, 0, -2]);
    const total = (_: { w: Variable }) => loss(m);
    const curvature = hessian(total)(given) as { w: { w: Tensor } };
    expect(numbers(curvature.w.w)).toEqual([18, 0, 0, -6]);
    expect(numbers(hvp(total, given, { w: vector(1, 1) }).w)).toEqual([18, -6]);
  });

  test("in transforms of transforms: the gradient's gradient is the second derivative", () => {
    const m = model();
    const first = (_: { w: Variable }) => sum(grad((_: { w: Variable }) => loss(m))({ w: m.w }).w);
    expect(numbers(grad(first)({ w: m.w }).w)).toEqual([18, -6]);
  });

  test("given as tensors' stead or read from around it alike, and twice in one argument once", () => {
    const w = parameter(2);
    const f = ([a, b]: readonly [Variable, Variable]) => sum(a.mul(b).mul(w));
    const [a, b] = grad(f)([w, w] as const);
    expect([numbers(a), numbers(b)]).toEqual([[12], [12]]);
  });

  test("compiled as a whole", () => {
    const m = model();
    const compiled = compile(() => grad((_: typeof m) => loss(m))(m));
    expect(numbers(compiled().w)).toEqual([9, 6]);
    m.w.assign(vector(2, 2));
    expect(numbers(compiled().w)).toEqual([36, 6]);
    expect(numbers(compiled().b)).toEqual([8, 8]);
  });

  test("of a compiled loss", () => {
    const m = model();
    const compiled = compile(() => loss(m));
    expect(numbers(grad((_: typeof m) => compiled())(m).w)).toEqual([9, 6]);
  });

  test("and in an instance of a class, by its own fields", () => {
    class Line {
      readonly units = 1;
      readonly slope = parameter(2);
      at(x: Tensor): Tensor {
        return this.slope.mul(x);
      }
    }
    const line = new Line();
    const gradient = grad((l: never) => sum((l as Line).at(vector(5))))(line as never) as unknown as Line;
    expect(numbers(gradient.slope)).toEqual([5]);
    expect(gradient.units).toBe(1);
    expect(gradient).toBeInstanceOf(Line);
  });

  test("what the function assigns and adds up stays, as when it runs by itself", () => {
    const w = parameter(3);
    const gradient = grad((_: Variable) => {
      const y = sum(w.square());
      w.assign(vector(10));
      return y;
    })(w);
    expect(numbers(gradient)).toEqual([6]);
    expect(numbers(w)).toEqual([10]);
    expect(w.value.traces?.rest ?? null).toBeNull();
  });

  test("a function that throws leaves the variable as it was", () => {
    const w = parameter(3);
    expect(() =>
      grad((_: Variable) => {
        w.assign(vector(10));
        throw new RangeError("stop");
      })(w),
    ).toThrow("stop");
    expect(numbers(w)).toEqual([3]);
  });
});

describe("what the function does not reach", () => {
  const w = parameter(1);
  const other = parameter(2);

  test("is named, with the usual causes", () => {
    expect(() => grad((_: { a: { w: Variable } }) => sum(other.square()))({ a: { w } })).toThrow(
      "does not depend on the argument.a.w",
    );
    expect(() => grad((x: Tensor) => sum(x.detach().mul(2)))(at(1))).toThrow("item(), data or detach()");
    expect(() => jacobian((_: Tensor) => other.value)(at(1))).toThrow("does not depend on the argument");
    expect(() => hessian((_: Tensor) => sum(other.value))(at(1))).toThrow("does not depend on the argument");
    expect(() => jvp((_: Tensor) => other.value, at(1), at(1))).toThrow("does not depend on the argument");
    expect(() => vjp((_: Tensor) => other.value, at(1)).pullback(vector(1))).toThrow("does not depend on");
  });

  test("has derivatives of zero where the call says so", () => {
    const zero = { allowUnused: true };
    expect(grad((_: Tensor) => sum(other.value), zero)(at(1)).item()).toBe(0);
    expect(numbers(vjp((_: Tensor) => other.value, at(1)).pullback(vector(1), zero))).toEqual([0]);
    expect(numbers(jacobian((_: Tensor) => other.value, zero)(at(1)))).toEqual([0]);
    expect(numbers(hessian((_: Tensor) => sum(other.value), zero)(at(1)))).toEqual([0]);
    expect(hvp((_: Tensor) => sum(other.value), at(1), at(1), zero).item()).toBe(0);
  });

  test("is no error where it has no elements, in any transform", () => {
    const given = () => ({ x: vector(3), none: tensor([], { dtype: "float64", shape: [0] }) as Tensor });
    const f = ({ x }: ReturnType<typeof given>) => sum(x.square());
    const all = { x: vector(1), none: given().none };
    expect(numbers(grad(f)(given()).x)).toEqual([6]);
    expect(grad(f)(given()).none.shape).toEqual([0]);
    expect(jvp(f, given(), all).tangent.item()).toBe(6);
    expect(numbers(hvp(f, given(), all).x)).toEqual([2]);
    for (const mode of ["reverse", "forward"] as const) {
      const slopes = jacobian(f, { mode })(given()) as unknown as { x: Tensor; none: Tensor };
      expect([numbers(slopes.x), slopes.none.shape]).toEqual([[6], [0]]);
    }
  });

  test("is not what is reached with a derivative of zero: a step, a branch that is not taken, a constant slope", () => {
    expect(grad((x: Tensor) => x.sign())(at(1)).item()).toBe(0);
    expect(grad((x: Tensor) => x.greater(0).select(2, x))(at(1)).item()).toBe(0);
    expect(hessian((x: Tensor) => x.mul(2))(at(1)).item()).toBe(0);
    expect(hvp((x: Tensor) => x.mul(2), at(1), at(1)).item()).toBe(0);
  });
});

describe("which arguments, and what beside the result", () => {
  const f = (a: Tensor, b: { x: Tensor }, c: number) => a.mul(b.x).mul(c).mul(b.x);

  test("argnums names one argument or several, also variables", () => {
    expect(grad(f, { argnums: 1 })(at(2), { x: at(3) }, 5).x.item()).toBe(60);
    const [a, b] = grad(f, { argnums: [0, 1] })(at(2), { x: at(3) }, 5);
    expect([a.item(), b.x.item()]).toEqual([45, 60]);
    const w = parameter(3);
    expect(numbers(grad((_: Tensor, v: Variable) => sum(v.mul(w)), { argnums: 1 })(at(0), w))).toEqual([6]);
    expect(() => grad(f, { argnums: 3 })(at(2), { x: at(3) }, 5)).toThrow("argnums names argument 3");
  });

  test("a list of argnums may leave arguments out and name them in any order", () => {
    // ∂/∂x, ∂/∂y and ∂/∂z of x·y²·z³ at 2, 3 and 5.
    const g = (x: Tensor, y: Tensor, z: Tensor) => x.mul(y.square()).mul(z.mul(z).mul(z)) as Tensor;
    const slopes = [9 * 125, 2 * 2 * 3 * 125, 2 * 9 * 3 * 25];
    for (const argnums of [[1], [2], [1, 2], [2, 0], [2, 1, 0], []])
      expect(grad(g, { argnums })(at(2), at(3), at(5)).map((each) => (each as Tensor).item())).toEqual(
        argnums.map((n) => slopes[n]),
      );
  });

  test("hasAux hands on what else the function returns", () => {
    const g = (x: Tensor) => [x.square(), { double: x.mul(2), name: "g" }] as const;
    const [gradient, aux] = grad(g, { hasAux: true })(at(3));
    expect([gradient.item(), aux.double.item(), aux.name]).toEqual([6, 6, "g"]);
    const all = valueAndGrad(g, { hasAux: true })(at(3));
    expect([all.value.item(), all.gradient.item(), all.aux.double.item()]).toEqual([9, 6, 6]);
    expect(() => grad(((x: Tensor) => x) as never, { hasAux: true })(at(3) as never)).toThrow(
      "[result, anything else]",
    );
  });

  test("what is handed on beside the result lets go of its tape, in trees and Maps, and keeps anything else", () => {
    const later = Promise.resolve(1);
    const g = (x: Tensor) => [x.square(), { map: new Map([["y", x.mul(2)]]), later }] as const;
    const [, aux] = grad(g, { hasAux: true })(at(3));
    expect(aux.map.get("y")!.step).toBeNull();
    expect(aux.later).toBe(later);
    // A transform around still sees it.
    const outer = (x: Tensor) => grad(g, { hasAux: true })(x)[1].map.get("y")!;
    expect(grad(outer)(at(3)).item()).toBe(2);
  });

  test("vjp and jvp hand further arguments on", () => {
    const g = (x: Tensor, scale: number) => x.square().mul(scale);
    expect(vjp(g, at(3), 2).pullback(at(1)).item()).toBe(12);
    expect(jvp(g, at(3), at(1), 2).tangent.item()).toBe(12);
  });
});

describe("gradients", () => {
  test("gives cotangents of intermediates and variables, and adds to no variable", () => {
    const w = parameter(2);
    const y = w.square();
    const z = sum(y.mul(y));
    const found = gradients(z, { y, w });
    expect(numbers(found.y)).toEqual([8]);
    expect(numbers(found.w)).toEqual([32]);
    expect(w.grad).toBeNull();
  });

  test("can be differentiated in turn", () => {
    const w = parameter(2);
    const z = sum(w.mul(w).mul(w));
    const first = gradients(z, w);
    sum(first).backward();
    expect(numbers(w.grad!)).toEqual([12]);
  });

  test("inside a transform reach what it watches", () => {
    const slope = (x: Tensor) => {
      const y = x.square();
      return gradients(y.mul(y), y);
    };
    expect(slope.length).toBe(1);
    expect(numbers(jvp(slope, at(3), at(1)).value)).toEqual([18]);
    expect(numbers(jvp(slope, at(3), at(1)).tangent)).toEqual([12]);
  });

  test("are those of a float: whole numbers and several numbers are refused", () => {
    const w = parameter(1, 2);
    for (const output of [sum(w).cast("int32"), w.square()])
      expect(() => gradients(output as Tensor, w)).toThrow("gradients are those of a single float");
  });

  test("reach a variable that was assigned under a transform that is over, within one that is not", () => {
    const w = parameter(0);
    const f = (t: Tensor) => {
      grad((u: Tensor) => {
        w.assign(u.mul(t));
        return sum(u);
      })(vector(1));
      // w is t, and the slope of w² is 2t.
      return sum(gradients(sum(w.square()), w));
    };
    expect(numbers(grad(f)(vector(3)))).toEqual([2]);
  });

  // Each of them is right where the cotangent is 1, as it is at the end of a program.
  describe.each<[string, (slope: Tensor, dy: Tensor) => Tensor]>([
    ["a rule that computes with its operands", (slope, dy) => dy.mul(slope)],
    ["a rule that gives one of its operands as it is", (slope) => slope],
  ])("by %s", (_, rule) => {
    const sloped = definePrimitive({
      name: "sloped",
      shape: () => [],
      value: ([x], out) => out.set([x!.data[0]!]),
      pullback: ({ inputs: [, slope] }, dy) => [rule(slope!, dy), null],
    });

    test("don't remember a transform that is over", () => {
      let [t, y] = [vector(0), vector(0)];
      grad((x: Tensor) => {
        [t, y] = [x, sloped(x, x.square())];
        return y;
      })(vector(3));
      const slope = gradients(y, t);
      expect(numbers(slope)).toEqual([9]);
      expect(tapeOf(slope).steps).toEqual([]);
    });

    test("are constants where noGrad asks for them, and functions of variables elsewhere", () => {
      const w = parameter(3);
      const y = sloped(w, w.square());
      const slopes = [noGrad(() => gradients(y, w)), gradients(y, w)];
      expect(slopes.map(numbers)).toEqual([[9], [9]]);
      expect(() => sum(slopes[0]!).backward()).toThrow("depends on no variable");
      sum(slopes[1]!).backward();
      expect(numbers(w.grad!)).toEqual([6]);
    });
  });

  test("of a record leave out, where asked to, what the output was not made from", () => {
    const [w, other] = [parameter(2), parameter(3)];
    const found = (f: () => Tensor) =>
      Object.entries(gradients(f(), { w, other }, { allowUnused: "omit" })).map(([path, slope]) => [
        path,
        numbers(slope),
      ]);
    expect(found(() => sum(w.square()))).toEqual([["w", [4]]]);
    expect(found(() => sum(w.mul(other)))).toEqual([
      ["w", [3]],
      ["other", [2]],
    ]);
    expect(found(() => sum(parameter(1)))).toEqual([]);
    const pair = new (class Pair {
      w = w;
      other = other;
    })() as never;
    expect(Object.keys(gradients(sum(w.square()), pair, { allowUnused: "omit" }))).toEqual(["w"]);
    const nested = { w, all: [w, other] } as never;
    expect(() => gradients(sum(w.square()), nested, { allowUnused: "omit" })).toThrow(
      "gradients: what is wanted holds trees",
    );
    // As many tensors as names, and not one for each.
    for (const odd of [{ x: { w, other }, y: {} }, { x: { w } }, [w], new Map([["w", w]])])
      expect(() => gradients(sum(w.square()), odd as never, { allowUnused: "omit" })).toThrow("holds trees");
    expect(() => gradients(sum(w.square()), { w }, { allowUnused: "Omit" as never })).toThrow(
      'gradients: allowUnused is Omit and must be true, false or "omit"',
    );
  });

  test("name what the output was not made from, and what is no single number", () => {
    const [w, other] = [parameter(2), parameter(3)];
    expect(() => gradients(sum(w.square()), [w, other])).toThrow(
      "gradients: the output was not made from what is wanted[1]",
    );
    expect(gradients(sum(w.square()), [w, other], { allowUnused: true }).map(numbers)).toEqual([[4], [0]]);
    expect(() => gradients(parameter(1, 2).mul(2), [w])).toThrow("float64 [2]");
    const old = sum(w.square());
    w.assign(vector(7));
    expect(() => gradients(old, w)).toThrow("a variable was assigned since");
  });
});

describe("bind", () => {
  test("runs with other values, and leaves the variables as they were", () => {
    const w = parameter(2);
    const values = { w: vector(5) };
    const inside = bind({ w }, values, () => {
      w.assign(w.value.add(1));
      return [numbers(w), numbers(w.square())];
    });
    expect(inside).toEqual([[6], [36]]);
    expect(numbers(w)).toEqual([2]);
  });

  test("lets derivatives flow through the values", () => {
    const w = parameter(2);
    const f = (x: Tensor) => bind({ w }, { w: x.mul(3) }, () => sum(w.square()));
    expect(grad(f)(vector(2)).toArray()).toEqual([36]);
    expect(jvp(f, vector(2), vector(1)).tangent.item()).toBe(36);
  });

  test("is seen by what runs within it for many, and binds within what runs for many", () => {
    const w = parameter(2);
    const xs = vector(1, 2, 3);
    expect(numbers(bind({ w }, { w: vector(5) }, () => vmap((x: Tensor) => x.mul(sum(w)))(xs)))).toEqual([
      5, 10, 15,
    ]);
    const squared = (x: Tensor) => bind({ w }, { w: x.reshape([1]) }, () => sum(w.square()));
    expect(numbers(vmap(squared)(xs))).toEqual([1, 4, 9]);
    expect(numbers(w)).toEqual([2]);
  });

  test("carries an inner training loop whose steps are differentiated", () => {
    // Two steps of descent on (w − t)²: w₂ = t + (1 − 2r)²(w₀ − t), so dw₂/dr = −4(1 − 2r)(w₀ − t).
    const w = parameter(2);
    const rate = 0.1;
    const trained = (r: Tensor) =>
      bind([w], [w.value], () => {
        for (let step = 0; step < 2; step++) {
          const gradient = grad((_: Variable) => sum(w.sub(7).square()))(w);
          w.assign(w.value.sub(gradient.mul(r)));
        }
        return sum(w.value);
      });
    expect(grad(trained)(at(rate)).item()).toBeCloseTo(-4 * (1 - 2 * rate) * (2 - 7), 12);
    expect(numbers(w)).toEqual([2]);
  });

  test("keeps what is assigned to other variables, and runs compiled functions as f", () => {
    const [w, count] = [parameter(2), parameter(0)];
    const step = compile(() => {
      count.assign(count.value.add(1));
      return w.square();
    });
    expect(numbers(bind([w], [vector(3)], () => step()))).toEqual([9]);
    expect(numbers(count)).toEqual([1]);
    expect(numbers(step())).toEqual([4]);
  });

  test("of a variable that occurs twice gives it the first of its values", () => {
    const w = parameter(2);
    const f = (x: Tensor, y: Tensor) => bind([w, { again: w }], [x, { again: y }], () => sum(w.square()));
    expect(f(vector(3), vector(5)).item()).toBe(9);
    expect(grad(f, { argnums: [0, 1], allowUnused: true })(vector(3), vector(5)).map(numbers)).toEqual([
      [6],
      [0],
    ]);
  });

  test("refuses other forms, shapes, types, and what is no variable", () => {
    const w = parameter(2);
    expect(() => bind({ w }, [vector(1)], () => 1)).toThrow("not at the same paths");
    expect(() => bind({ w }, { w: vector(1, 2) }, () => 1)).toThrow("has shape [1] and its value [2]");
    expect(() => bind({ w }, { w: tensor([1]) }, () => 1)).toThrow("is float64 and its value float32");
    const single = variable([1]);
    expect(() => bind([single], [vector(1)], () => 1)).toThrow("is float32 and its value float64; cast it");
    for (const dtype of ["int32", "bool"] as const)
      expect(() => bind([single], [tensor([1], { dtype })], () => 1)).toThrow(`its value ${dtype}; cast it`);
    expect(() => bind([vector(1)] as never, [vector(1)], () => 1)).toThrow("must be a variable");
  });
});

describe("what a function does to a variable", () => {
  const back = (w: Variable) => sum(w.square()).backward();
  const acts: Readonly<Record<string, (w: Variable) => void>> = {
    "that adds to its gradient": back,
    "that adds to its gradient twice": (w) => {
      back(w);
      back(w);
    },
    "that clears its gradient": (w) => w.clearGrad(),
    "that clears its gradient and adds to none": (w) => {
      w.clearGrad();
      back(w);
    },
    "that adds its gradient to it again": (w) => w.addGrad(w.grad ?? w.value),
    "that assigns it": (w) => w.assign(vector(10)),
    "that assigns what it holds": (w) => w.assign(w.value),
    "that assigns it and adds to its gradient": (w) => {
      // By a factor: that of what it held before would show.
      w.assign(w.value.mul(2));
      back(w);
    },
    "that only reads it": (w) => void w.square(),
  };
  const surroundings: Readonly<Record<string, (w: Variable, f: () => void) => void>> = {
    "in a transaction": (_, f) => transaction(f),
    "in a transaction within one": (_, f) => transaction(() => transaction(f)),
    "under grad with respect to it": (w, f) =>
      void grad((_: Variable) => {
        const y = sum(w.value);
        f();
        return y;
      })(w),
    "under jvp with respect to it": (w, f) =>
      void jvp(
        (_: Variable) => {
          const y = w.value.mul(2);
          f();
          return y;
        },
        w,
        vector(1),
      ),
    "where another one is bound": (_, f) => bind([parameter(1)], [vector(2)], f),
  };
  const left = (has: boolean, run: (w: Variable) => void) => {
    const w = parameter(3);
    // Programs have it before and after.
    const doubled = compile(() => w.mul(2));
    if (has) back(w);
    doubled();
    run(w);
    return { value: numbers(w), grad: w.grad && numbers(w.grad), doubled: numbers(doubled()) };
  };
  const cases = Object.keys(acts).flatMap((act) => [true, false].map((has) => [act, has] as const));

  for (const [where, surround] of Object.entries(surroundings))
    test.each(cases)(`%s stays as if by itself, ${where} (with a gradient before: %s)`, (act, has) => {
      expect(left(has, (w) => surround(w, () => acts[act]!(w)))).toEqual(left(has, (w) => acts[act]!(w)));
    });

  test.each(cases)("%s is undone by a transaction that throws (with a gradient before: %s)", (act, has) => {
    const run = (w: Variable) => {
      expect(() =>
        transaction(() => {
          acts[act]!(w);
          throw new RangeError("stop");
        }),
      ).toThrow("stop");
    };
    expect(left(has, run)).toEqual(left(has, () => {}));
  });

  test("what is undone does not part a compiled result from the variable that it was made of", () => {
    const w = parameter(3);
    const square = compile(() => sum(w.square()));
    const results = [0, 1].map(() => square() as Tensor);
    bind([w], [vector(5)], () => w.assign(vector(7)));
    expect(() =>
      transaction(() => {
        w.assign(vector(7));
        throw new RangeError("stop");
      }),
    ).toThrow("stop");
    results[0]!.backward();
    expect(numbers(w.grad!)).toEqual([6]);
    transaction(() => w.assign(vector(7)));
    expect(() => results[1]!.backward()).toThrow("was assigned after the compiled function was called");
  });

  test.each(cases)("%s is seen within bind alone (with a gradient before: %s)", (act, has) => {
    const seen: unknown[] = [];
    const look = (w: Variable) => void seen.push([numbers(w), w.grad && numbers(w.grad)]);
    const after = left(has, (w) =>
      bind([w], [w.value], () => {
        acts[act]!(w);
        look(w);
      }),
    );
    expect(after).toEqual(left(has, () => {}));
    left(has, (w) => {
      acts[act]!(w);
      look(w);
    });
    expect(seen[0]).toEqual(seen[1]);
  });
});

test("a variable that is made of what is watched is a beginning: it holds the numbers", () => {
  const source = parameter(3);
  const f = (t: Tensor) => sum(variable(t.mul(2)).square().add(t));
  expect(numbers(grad(f)(vector(3)))).toEqual([1]);
  expect(jvp(f, vector(3), vector(1)).tangent.item()).toBe(1);
  sum(variable(source.mul(2)).square().add(source)).backward();
  expect(numbers(source.grad!)).toEqual([1]);
});

test("a variable keeps its shape, and not only its size, and its type", () => {
  const w = variable([
    [1, 2, 3],
    [4, 5, 6],
  ]);
  for (const shape of [[3, 2], [6], [1, 2, 3], [2, 3, 1], [3]])
    expect(() =>
      w.assign(tensor(new Float32Array(shape.reduce((a, b) => a * b)), { shape }) as Tensor),
    ).toThrow(`assign: the variable has shape [2, 3] and the value [${shape.join(", ")}]`);
  for (const dtype of ["float64", "int32", "bool"] as const)
    expect(() => w.assign(w.value.cast(dtype) as Tensor)).toThrow(`is float32 and the value ${dtype}`);
  for (const kept of ["float64", "int32"] as const) {
    const v = variable(w.value.cast(kept) as Tensor);
    v.assign(7);
    expect([v.dtype, v.shape, numbers(v)]).toEqual([kept, [2, 3], [7, 7, 7, 7, 7, 7]]);
  }
});

test("a variable holds its own elements alone, however much what it was cut from holds", () => {
  const large = tensor(new Float64Array(4000), { shape: [1000, 4] }) as Tensor;
  const w = variable(large.slice(7) as Tensor);
  const held = () => w.value.array.buffer.length;
  expect(held()).toBe(4);
  w.assign(large.slice(null, 0).slice([0, 4]) as Tensor);
  expect(held()).toBe(4);
  bind([w], [large.slice(3) as Tensor], () => expect(held()).toBe(4));
  transaction(() => w.assign(large.slice(9) as Tensor));
  expect(held()).toBe(4);
});

describe("a variable that holds what a transform watches", () => {
  test("keeps its derivative: assign under grad is part of the function", () => {
    const rate = variable(at(0));
    const f = (r: Tensor) => {
      rate.assign(r.square());
      return rate.mul(3) as Tensor;
    };
    expect(grad(f)(at(2)).item()).toBe(12);
    expect(rate.value.step).toBeNull();
    expect(rate.item()).toBe(4);
  });

  test("steps of descent written by hand are differentiated with respect to their rate", () => {
    const w = parameter(2);
    const trained = (r: Tensor) => {
      w.assign(vector(2));
      sum(w.sub(7).square()).backward();
      w.assign(w.value.sub(w.grad!.mul(r)));
      return sum(w.value);
    };
    expect(grad(trained)(at(0.1)).item()).toBeCloseTo(10, 12);
  });
});

describe("noGrad", () => {
  test("hides what it runs from variables and from transforms around it", () => {
    const w = parameter(2);
    const y = noGrad(() => sum(w.square()));
    expect(y.step).toBeNull();
    expect(() => y.backward()).toThrow("depends on no variable");
    expect(grad((x: Tensor) => noGrad(() => x.square()).mul(x))(at(3)).item()).toBe(9);
  });

  test("leaves transforms inside as they are, and everything after it", () => {
    const w = parameter(3);
    expect(numbers(noGrad(() => grad((_: Variable) => sum(w.square()))(w)))).toEqual([6]);
    sum(w.square()).backward();
    expect(numbers(w.grad!)).toEqual([6]);
    expect(() =>
      noGrad(() => {
        throw new Error("stop");
      }),
    ).toThrow("stop");
    expect(sum(w.square()).step).not.toBeNull();
  });

  test("does not cut what a variable holds for a transform around", () => {
    const rate = variable(at(0));
    const f = (r: Tensor) => {
      rate.assign(r.square());
      noGrad(() => rate.value.mul(2));
      return rate.mul(3) as Tensor;
    };
    expect(grad(f)(at(2)).item()).toBe(12);
  });

  test("refuses an async function, as bind and transaction do, and handles its rejection", async () => {
    const w = parameter(2);
    const failing = async () => {
      w.assign(vector(5));
      throw new Error("later");
    };
    expect(() => noGrad(async () => 1)).toThrow("noGrad: the function is async");
    expect(() => bind([w], [vector(1)], failing)).toThrow("bind: the function is async");
    expect(() => transaction(failing)).toThrow("transaction: the function is async");
    expect(() => grad(failing as never)(at(1) as never)).toThrow("is a Promise");
    expect(numbers(w)).toEqual([5]);
    // A rejection that nobody handles would end the run here.
    await new Promise((resolve) => setTimeout(resolve));
  });
});

describe("backward outside of bind", () => {
  const w = variable(tensor([1, 2], { dtype: "float64" }));
  const v = variable(tensor([3, -1], { dtype: "float64" }));
  const x = tensor([5, 7], { dtype: "float64" });
  const gradsOf = (loss: () => Tensor) => {
    for (const each of [w, v]) each.clearGrad();
    loss().backward();
    return [w, v].map(({ grad }) => (grad === null ? null : Array.from(grad.data)));
  };

  test("goes through the values that variables are bound to, to what these were made from", () => {
    // Σ x·(x·w)², by the value alone, and with w read outside too.
    const bound = () => bind([w], [x.mul(w)], () => x.mul(w.square())).sum();
    expect(gradsOf(bound)).toEqual([[2 * 125, 2 * 343 * 2], null]);
    expect(gradsOf(() => bound().add(w.sum()))).toEqual([[251, 1373], null]);
    // Bound to what another variable holds, and to a constant.
    expect(gradsOf(() => bind([w], [v.value], () => w.mul(v)).sum())).toEqual([null, [6, -2]]);
    expect(gradsOf(() => bind([w], [x], () => w.mul(v)).sum())).toEqual([null, [5, 7]]);
    // To a variable itself, which is assigned before anybody asks, and to each other.
    expect(gradsOf(() => bind([w], [v], () => w.mul(v)).sum())).toEqual([null, [6, -2]]);
    expect(
      gradsOf(() => {
        const loss = bind([w], [v], () => w.square()).sum();
        v.assign(v.value);
        return loss;
      }),
    ).toEqual([null, [6, -2]]);
    expect(gradsOf(() => bind([w, v], [v, w], () => w.square().mul(v)).sum())).toEqual([
      [9, 1],
      [6, -4],
    ]);
    // Within another binding of the same variable.
    const nested = () => bind([w], [w.mul(v)], () => bind([w], [w.square()], () => w.mul(2))).sum();
    expect(gradsOf(nested)).toEqual([
      [4 * 9, 4 * 2 * 1],
      [4 * 3, 4 * 4 * -1],
    ]);
  });

  test("gives nothing to a variable for what it was assigned within", () => {
    const trained = () =>
      bind([w], [w.mul(v)], () => {
        w.assign(w.value.mul(3));
        return w.mul(v);
      }).sum();
    // An assignment begins a new leaf: of w·v what is left is v beside 3·w·v.
    expect(gradsOf(trained)).toEqual([null, [9, -6]]);
  });
});

describe("assign", () => {
  test("gives each variable of a tree the value at its place", () => {
    const tree = { a: parameter(1, 2), list: [parameter(3)] };
    const before = mapTree((each) => each.value, tree);
    assign(tree, { a: vector(5, 6), list: [vector(7)] });
    expect([numbers(tree.a), numbers(tree.list[0]!)]).toEqual([[5, 6], [7]]);
    assign(tree, before);
    expect([numbers(tree.a), numbers(tree.list[0]!)]).toEqual([[1, 2], [3]]);
  });

  test("reads all values before the first variable changes", () => {
    const [a, b] = [parameter(1), parameter(2)];
    assign([a, b], [b, a]);
    expect([numbers(a), numbers(b)]).toEqual([[2], [1]]);
    b.square().sum().backward();
    expect([a.grad, numbers(b.grad!)]).toEqual([null, [2]]);
  });

  test("gives a variable that occurs twice the first of its values", () => {
    const a = parameter(1);
    assign([a, a], [vector(2), vector(3)]);
    expect(numbers(a)).toEqual([2]);
  });

  test("changes nothing where one value does not fit", () => {
    const [a, b] = [parameter(1), parameter(2, 3)];
    const given = (values: unknown) => () => assign({ a, b }, values as never);
    expect(given({ a: vector(9), b: vector(9) })).toThrow(
      "assign: the variable.b has shape [2] and its value [1]; they must be equal",
    );
    expect(given({ a: vector(9), b: tensor([1, 2]) })).toThrow(
      "assign: the variable.b is float64 and its value",
    );
    expect(given({ a: vector(9) })).toThrow(
      "assign: 2 variables and 1 values, which are not at the same paths",
    );
    expect(given({ a: vector(9), b: 3 })).toThrow(TypeError);
    expect(() => assign([vector(1)] as never, [vector(2)])).toThrow(
      "assign: the first argument[0] is a Tensor and must be a variable",
    );
    expect([numbers(a), numbers(b)]).toEqual([[1], [2, 3]]);
  });

  test("is a step of a compiled function, too", () => {
    const [a, b] = [parameter(1), parameter(2)];
    const turn = compile(() => assign([a, b], [b, a.value.add(b)]));
    for (let i = 0; i < 3; i++) turn();
    expect([numbers(a), numbers(b)]).toEqual([[5], [8]]);
  });
});
