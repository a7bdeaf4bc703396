// Programs for several devices, and bundles, without the devices: what is written, and what is refused.

import { fullLike, record, type Tensor, tensor, variable, zeros } from "@adjoint/autograd";
import { toStableHLO, xlaBundle } from "@adjoint/interop";
import { adam, averageOfWeights, load, parameters, variables } from "@adjoint/nn";
import { describe, expect, test } from "vitest";
import { small } from "./small.ts";

const mesh = { data: 4, model: 2 };

const split = {
  inputs: [
    ["data", null],
    ["data", null],
  ],
  variables: {
    "model.0.weight": [null, "model"],
    "model.0.bias": ["model"],
    "model.2.weight": ["model", null],
  },
} as const;

/** The declarations of a text's function: its arguments and results, one a line. */
function signature(text: string): readonly string[] {
  const [, args, results] = /func\.func public @main\((.*)\) -> \((.*)\) \{$/m.exec(text)!;
  return [...args!.split(", %arg"), "→", ...results!.split(", tensor")];
}

describe("a program for several devices", () => {
  const { program, holder } = small();
  const { model } = holder;
  const text = toStableHLO(program, { mesh, shardings: split, holder });

  test("declares the mesh, and as many partitions as it has devices", () => {
    expect(text).toContain("mhlo.num_partitions = 8 : i32, mhlo.num_replicas = 1 : i32");
    expect(text).toContain('sdy.mesh @mesh = <["data"=4, "model"=2]>');
  });

  test("says of each argument and result how it is split, of an optimizer's memory as of its variable", () => {
    const shardings = signature(text).map((each) => /#sdy\.sharding<@mesh, (\[.*\])>/.exec(each)?.[1]);
    const names = [
      ...["x", "y"],
      ...program.variables.map(
        (each) => Object.entries(variables(holder)).find(([, known]) => known === each)![0],
      ),
    ];
    const of = Object.fromEntries(names.map((name, i) => [name, shardings[i]]));
    const rows = '[{"data"}, {}]';
    const weights = { "0.weight": '[{}, {"model"}]', "0.bias": '[{"model"}]', "2.weight": '[{"model"}, {}]' };
    const paths = [...Object.entries(weights), ["2.bias", "[{}]"] as const];
    expect(of).toEqual({
      x: rows,
      y: rows,
      "optimizer.steps": "[]",
      "optimizer.learningRate": "[]",
      ...Object.fromEntries(
        paths.flatMap(([path, sharding]) => [
          [`model.${path}`, sharding],
          [`optimizer.state["${path}"].mean`, sharding],
          [`optimizer.state["${path}"].meanSquare`, sharding],
          // A number of its own, whatever its variable's shape.
          [`optimizer.state["${path}"].steps`, "[]"],
        ]),
      ),
    });
    // New numbers lie where those before lay: all variables but the learning rate have some.
    const assigned = names.slice(2).filter((name) => name !== "optimizer.learningRate");
    expect(shardings.slice(names.length + 1)).toEqual(["[]", ...assigned.map((name) => of[name])]);
  });

  test("splits what was said to be otherwise otherwise", () => {
    const own = { ...split.variables, 'optimizer.state["0.weight"].mean': ["data", null] } as const;
    const other = toStableHLO(program, { mesh, holder, shardings: { ...split, variables: own } });
    const count = (all: string, part: string) => all.split(part).length - 1;
    const [before, after] = [text, other].map((all) =>
      count(all, 'tensor<4x6xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"data"}, {}]>'),
    );
    expect(after! - before!).toBe(2);
  });

  test("gives an average of weights the sharding of its weights", () => {
    const trained = parameters(model);
    const average = averageOfWeights(trained, { decay: 0.9 });
    const update = record(() => average.update());
    const given = toStableHLO(update, {
      mesh,
      holder: { model, average },
      shardings: { variables: (path) => (path === "model.0.weight" ? [null, "model"] : undefined) },
    });
    const lines = signature(given).filter((each) => each.includes("<4x6xf32>"));
    expect(lines.length).toBeGreaterThan(2);
    for (const line of lines) expect(line).toContain('[{}, {"model"}]');
  });

  test("takes inputs by name, and axes that are split over several of the mesh's", () => {
    const batch = record(({ x }: { x: Tensor }) => x.sum(), { x: zeros([8, 4]) });
    const shardings = { inputs: { "batch.x": [["data", "model"], null] } };
    expect(toStableHLO(batch, { mesh, names: ["batch"], shardings })).toContain(
      '%arg0: tensor<8x4xf32> {sdy.sharding = #sdy.sharding<@mesh, [{"data", "model"}, {}]>}',
    );
  });

  test("constrains values inside where it is asked to", () => {
    const twice = record((x: Tensor) => x.mul(2).exp().sum(), zeros([8, 4]));
    const given = toStableHLO(twice, {
      mesh,
      shardings: {
        values: ({ shape }, step) =>
          step.primitive.name === "map" && shape.length === 2 ? ["data", null] : undefined,
      },
    });
    const lines = given.split("\n").filter((line) => line.includes("sdy.sharding_constraint"));
    expect(lines.length).toBe(2);
    expect(lines[0]).toMatch(
      / = sdy\.sharding_constraint %\d+ <@mesh, \[\{"data"\}, \{\}\]> : tensor<8x4xf32>$/,
    );
    const [, constrained] = /(%\d+) = sdy/.exec(lines.at(-1)!)!;
    expect(given).toContain(`stablehlo.convert ${constrained!} :`);
  });

  test("has the text of one device without a mesh", () => {
    const plain = toStableHLO(program);
    expect(plain).not.toContain("sdy");
    expect(plain).toContain("mhlo.num_partitions = 1 : i32");
  });

  describe("refuses", () => {
    const refused = (options: object) => () =>
      toStableHLO(program, { mesh, holder, names: ["x", "y"], ...options });
    const variable = (sharding: unknown) =>
      refused({ shardings: { variables: { "model.0.weight": sharding } } });
    test.each([
      [
        "an axis that the mesh lacks",
        variable(["rows", null]),
        'the sharding ["rows",null] of variable "model.0.weight", float32 [4, 6], names "rows", which is no axis of the mesh; it has "data", "model"',
      ],
      [
        "an axis of the mesh for two axes",
        variable(["model", "model"]),
        'uses the mesh\'s axis "model" twice, for axes 0 and 1',
      ],
      ["an axis of the mesh twice for one", variable([["model", "model"], null]), "twice, for axes 0 and 0"],
      [
        "a size that does not divide",
        variable([null, "data"]),
        "splits axis 1 in 4 parts, and 6 is no multiple of 4",
      ],
      ["entries that are not as many as axes", variable(["data"]), "has 1 entries and the tensor 2 axes"],
      ["a text instead of entries", variable("data"), 'must be an array, e.g. ["data", null]'],
      [
        "an input that is none",
        refused({ shardings: { inputs: { z: ["data", null] } } }),
        'for "z", which is no input of the program; it has "x", "y"',
      ],
      [
        "more inputs than there are",
        refused({ shardings: { inputs: [null, null, null] } }),
        "there are 3 shardings of inputs, and the program has 2",
      ],
      [
        "a variable that is none",
        refused({ shardings: { variables: { "0.weight": [null, null] } } }),
        'for "0.weight", which is no variable of the program; it has "model.0.weight"',
      ],
      [
        "a name that several variables have",
        refused({ holder: undefined, shardings: { variables: { weight: [null, null] } } }),
        "several variables have that name",
      ],
      ["two inputs of one name", refused({ names: ["x", "x"] }), 'two inputs are called "x"'],
      [
        "shardings without a mesh",
        refused({ mesh: undefined, shardings: split }),
        "shardings are given and no mesh",
      ],
      ["a mesh without axes", refused({ mesh: {} }), "the mesh has no axes"],
      ["a size that is none", refused({ mesh: { data: 0 } }), 'axis "data" has size 0'],
      [
        "a name that Shardy could not read",
        refused({ mesh: { 'a"b': 2 } }),
        "can't name an axis of the mesh",
      ],
    ])("%s", (_, act, message) => {
      expect(act).toThrow(message);
    });

    test("memory that may follow two variables which are split differently", () => {
      const [a, b] = [small().holder.model, small().holder.model] as const;
      const shared = adam();
      const both = record(
        (x: Tensor) => {
          shared.minimize(() => a.forward(x).mean(), parameters(a));
          b.forward(x);
        },
        zeros([8, 4]),
      );
      const act = () =>
        toStableHLO(both, {
          mesh,
          holder: { a, b, shared },
          shardings: { variables: { "a.0.weight": [null, "model"] } },
        });
      expect(act).toThrow('may belong to "a.0.weight", "b.0.weight", which are split differently');
    });
  });
});

describe("a bundle", () => {
  const { program, holder, step } = small();
  const bundle = xlaBundle(program, holder, { mesh, shardings: split, names: ["x", "y"] });
  const about = JSON.parse(bundle["program.json"]) as Record<
    string,
    { name: string; result: number | null }[]
  >;

  test("describes the arguments and results of its program in their order", () => {
    const args = signature(bundle["program.mlir"]);
    expect(args.indexOf("→")).toBe(about["inputs"]!.length + about["variables"]!.length);
    expect(about["inputs"]).toEqual([
      { name: "x", dtype: "float32", shape: [8, 4], sharding: [["data"], []] },
      { name: "y", dtype: "float32", shape: [8, 2], sharding: [["data"], []] },
    ]);
    expect(about["outputs"]).toEqual([{ name: "result", dtype: "float32", shape: [], sharding: [] }]);
    expect(about["mesh"]).toEqual([
      { name: "data", size: 4 },
      { name: "model", size: 2 },
    ]);
    about["variables"]!.forEach(({ result }, i) => {
      const said = /tf\.aliasing_output = (\d+)/.exec(args[about["inputs"]!.length + i]!)?.[1];
      expect(said === undefined ? null : Number(said)).toBe(result);
    });
  });

  test("holds everything that a step reads, by the paths under which it is loaded again", () => {
    const names = about["variables"]!.map(({ name }) => name);
    expect(names.toSorted()).toEqual(Object.keys(variables(holder)).toSorted());
    expect(about["variables"]!.filter(({ result }) => result === null).map(({ name }) => name)).toEqual([
      "optimizer.learningRate",
    ]);
    const other = small();
    const { loaded } = load(other.holder, bundle["weights.safetensors"]);
    expect(loaded.toSorted()).toEqual(names.toSorted());
    const x = fullLike(zeros([8, 4]), 0.5);
    const y = zeros([8, 2]);
    expect(other.step(x, y).item()).toBe(step(x, y).item());
  });

  test("refuses a variable that the holder does not hold", () => {
    expect(() => xlaBundle(program, { model: holder.model })).toThrow(
      'xlaBundle: the program uses the variable "steps", float64 [], which the holder does not hold (it holds model.0.weight',
    );
  });

  test("holds variables that are read and not assigned, and leaves them out of the results", () => {
    const scale = variable(tensor(2), { name: "scale" });
    const sum = record((x: Tensor) => x.mul(scale).sum(), tensor([1, 2]));
    const { "program.json": json } = xlaBundle(sum, { scale });
    expect(JSON.parse(json)).toMatchObject({ mesh: [], variables: [{ name: "scale", result: null }] });
  });
});
