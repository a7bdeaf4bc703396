// Models, and whatever else holds variables, as files and back.

import { compile, type Tensor, tensor, type Variable, zeros } from "@adjoint/autograd";
import {
  dense,
  FileError,
  fromSafetensors,
  keys,
  LoadError,
  load,
  mlp,
  parameter,
  save,
  sequential,
  state,
  tanh,
  toSafetensors,
  variables,
} from "@adjoint/nn";
import { describe, expect, test } from "vitest";

const model = (seed: number) => mlp([2, 3, 1], { activation: tanh, key: keys(seed)() });
const numbersOf = (holder: object) =>
  Object.entries(variables(holder)).map(([name, { value }]) => [name, value.toArray()]);

/** What a function throws. */
function thrownBy(run: () => unknown): unknown {
  try {
    run();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

describe("a saved model", () => {
  test("is loaded under the names that variables gives it, in every element type", () => {
    const made = (seed: number) => ({
      body: model(seed),
      "a.b": { double: parameter(tensor([seed + 0.1], { dtype: "float64" })) },
      map: new Map([["größe", state(tensor(0, { dtype: "int32" }))]]),
      mask: state(tensor([true, false])),
      none: parameter(zeros([0, 3])),
    });
    const [a, b] = [made(1), made(2)];
    a.map.get("größe")!.assign(tensor(-5, { dtype: "int32" }));
    const file = save(a);
    expect(Object.keys(fromSafetensors(file).tensors).sort()).toEqual(Object.keys(variables(a)).sort());
    const report = load(b, file);
    expect([...report.loaded].sort()).toEqual(Object.keys(variables(a)).sort());
    expect(report).toMatchObject({ missing: [], unexpected: [], mismatched: [] });
    expect(numbersOf(b)).toEqual(numbersOf(a));
    expect(save(b)).toEqual(file);
  });

  test("has a variable that two layers share once, and it is shared after loading", () => {
    const tied = (seed: number) => {
      const layer = dense(2, 2, { key: keys(seed)() });
      return { encoder: layer, decoder: layer, head: { bias: layer.bias! } };
    };
    const [a, b] = [tied(1), tied(2)];
    const file = save(a);
    expect(Object.keys(fromSafetensors(file).tensors)).toEqual(["encoder.bias", "encoder.weight"]);
    load(b, file);
    expect(b.decoder.weight.toArray()).toEqual(a.encoder.weight.toArray());
    expect(b.head.bias).toBe(b.encoder.bias);
  });

  test("trains after loading what it trained before, whatever the other model trained", () => {
    const made = () => ({ layer: dense(2, 1, { key: keys(0)() }), mean: state([0, 0]) });
    const [a, b] = [made(), made()];
    a.layer.weight.trainable = false;
    b.layer.bias!.trainable = false;
    load(b, save(a));
    expect([b.layer.weight, b.layer.bias!, b.mean].map(({ trainable }) => trainable)).toEqual([
      false,
      true,
      false,
    ]);
  });

  test("keeps its roles where the tensors come from elsewhere, which don't say", () => {
    const layer = dense(2, 1, { key: keys(0)() });
    layer.bias!.trainable = false;
    load(layer, toSafetensors({ weight: tensor([[1], [2]]), bias: tensor([3]) }));
    expect([layer.weight.trainable, layer.bias!.trainable]).toEqual([true, false]);
    load(layer, { weight: tensor([[4], [5]]), bias: tensor([6]) });
    expect(layer.weight.toArray()).toEqual([[4], [5]]);
  });

  test("carries texts of its own", () => {
    const { metadata } = fromSafetensors(save(model(0), { metadata: { note: "epoch 3" } }));
    expect(metadata["note"]).toBe("epoch 3");
  });
});

describe("a file that is of another model", () => {
  const other = () => ({
    0: dense(2, 3, { key: keys(7)() }),
    1: dense(3, 2, { key: keys(8)() }),
    extra: parameter([1]),
  });

  test("changes nothing, and the error says what differs", () => {
    const target = other();
    const before = numbersOf(target);
    const error = thrownBy(() =>
      load(
        target,
        toSafetensors({
          "0.weight": zeros([2, 3]),
          x: tensor(1),
          "1.bias": tensor([1, 2], { dtype: "float64" }),
        }),
      ),
    );
    expect(error).toBeInstanceOf(LoadError);
    const { report, message } = error as LoadError;
    expect(report).toEqual({
      loaded: ["0.weight"],
      missing: ["0.bias", "1.weight", "extra"],
      unexpected: ["x"],
      mismatched: [{ name: "1.bias", expected: "float32 [2]", given: "float64 [2]" }],
    });
    expect(message).toBe(
      'load: the file is of another model; missing in the file: "0.bias", "1.weight", "extra"; unknown to the model: "x"; different: "1.bias" is float32 [2] and in the file float64 [2]. Load into the same model, or what they have in common: { strict: false }',
    );
    expect(numbersOf(target)).toEqual(before);
  });

  test("lacking one, having one more, or one of another shape is refused", () => {
    const layer = dense(2, 1, { key: keys(0)() });
    const [weight, bias] = [zeros([2, 1]), zeros([1])];
    expect(() => load(layer, { weight })).toThrow('missing in the file: "bias"');
    expect(() => load(layer, { weight, bias, more: bias })).toThrow('unknown to the model: "more"');
    expect(() => load(layer, { weight, bias: zeros([1, 1]) })).toThrow(
      '"bias" is float32 [1] and in the file float32 [1, 1]',
    );
  });

  test("counts what it does not list", () => {
    const many = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`x${i}`, tensor(i)]));
    expect(() => load(other(), many)).toThrow('"x0", "x1", "x2", "x3", "x4", and 3 more');
  });

  test("gives what fits where that is asked for, with a report of the rest", () => {
    const target = other();
    const report = load(target, save(model(3)), { strict: false });
    expect(report.loaded).toEqual(["0.bias", "0.weight"]);
    expect(report.missing).toEqual(["extra"]);
    expect(report.mismatched.map(({ name }) => name)).toEqual(["1.bias", "1.weight"]);
    expect(target[0].weight.toArray()).toEqual(model(3)[0]!.weight.toArray());
    expect(target[1].weight.toArray()).toEqual(other()[1].weight.toArray());
  });

  test("has names of methods that objects inherit", () => {
    expect(() =>
      load(
        { x: parameter([1]) },
        Object.fromEntries([
          ["__proto__", tensor([1])],
          ["toString", tensor([1])],
        ]),
      ),
    ).toThrow('missing in the file: "x"; unknown to the model: "__proto__", "toString"');
    expect(() => load({ toString: parameter([1]), x: parameter([2]) } as object, { x: tensor([1]) })).toThrow(
      'missing in the file: "toString"',
    );
  });

  test("says its roles in a form that is checked", () => {
    const layer = dense(1, 1, { key: keys(0)() });
    const { tensors } = fromSafetensors(save(layer));
    const before = numbersOf(layer);
    for (const text of ["{", "3", '{"length":1}'])
      expect(() => load(layer, toSafetensors(tensors, { metadata: { "adjoint.notTrained": text } }))).toThrow(
        FileError,
      );
    expect(numbersOf(layer)).toEqual(before);
  });

  test("is bytes or tensors, and nothing else", () => {
    for (const wrong of ["path", null, [1], new ArrayBuffer(8)])
      expect(() => load(model(0), wrong as never)).toThrow(
        "where the bytes of a file belong, as save(model) gives them",
      );
  });
});

/** Makes its memory when it is first asked for, as optimizers do. */
class Momentum {
  readonly state: Record<string, { mean: Variable }> = {};

  step(set: Record<string, Variable>): void {
    for (const [path, each] of Object.entries(set)) {
      this.state[path] ??= { mean: state(zeros(each.shape)) };
      const { mean } = this.state[path];
      mean.assign(mean.value.mul(0.5).add(each.value));
      each.assign(each.value.sub(mean.value.mul(0.25)));
    }
  }

  canAdopt(keys: readonly string[]): boolean {
    return keys.length === 3 && keys[0] === "state" && keys[2] === "mean";
  }

  adopt([, path]: readonly string[], saved: Tensor): void {
    this.state[path!] = { mean: state(saved) };
  }
}

describe("what is saved beside a model", () => {
  test("the memory of an optimizer is made of what was saved, before its first step", () => {
    const made = () => ({ model: model(5), optimizer: new Momentum() });
    const [a, b] = [made(), made()];
    for (let i = 0; i < 3; i++) a.optimizer.step(variables(a.model));
    const report = load(b, save(a));
    expect(report.loaded).toContain('optimizer.state["0.weight"].mean');
    for (const { model, optimizer } of [a, b]) optimizer.step(variables(model));
    expect(save(b)).toEqual(save(a));
    // An optimizer itself, without anything around it.
    const alone = new Momentum();
    load(alone, save(a.optimizer));
    expect(save(alone)).toEqual(save(a.optimizer));
  });

  test("no memory is made where it does not belong, or where the file is refused", () => {
    const fresh = { model: model(5), optimizer: new Momentum() };
    const at = (path: string) => () =>
      load(fresh, { ...fromSafetensors(save({ model: fresh.model })).tensors, [path]: tensor([1]) });
    for (const path of [
      "optimizer.state.x",
      "optimizer.other.x.mean",
      "model.state.x.mean",
      'optimizer.state["\\x"].mean',
      "",
      "state.x.mean",
    ])
      expect(at(path)).toThrow(LoadError);
    expect(() => load(fresh, { "optimizer.state.x.mean": tensor([1]) })).toThrow(/missing in the file/);
    expect(fresh.optimizer.state).toEqual({});
    at("optimizer.state.x.mean")();
    expect(Object.keys(fresh.optimizer.state)).toEqual(["x"]);
  });

  test("a source of keys goes on where it was", () => {
    const a = { key: keys(3) };
    a.key();
    const file = save(a);
    const next = [a.key(), a.key()].map(String);
    const b = { key: keys(99) };
    expect(load(b, file).loaded).toEqual(["key.state"]);
    expect([b.key(), b.key()].map(String)).toEqual(next);
    expect(b.key.state.trainable).toBe(false);
  });

  test("a source of keys hands out another at each call of a compiled function", () => {
    const [a, b] = [keys(4), keys(4)];
    const step = compile(() => a().add(0));
    expect([step(), step(), a()].map(String)).toEqual([b(), b(), b()].map(String));
  });

  test("averages, and any other object of variables, are saved like a model", () => {
    const average = (x: number) => ({
      values: { w: state([x, x]) },
      updates: state(tensor(x, { dtype: "float64" })),
    });
    const [a, b] = [average(1), average(2)];
    load({ model: sequential(), average: b }, save({ average: a }));
    expect(numbersOf(b)).toEqual(numbersOf(a));
  });
});
