// The lecture's experiments with small networks: what must be true of their stories at small scale, too. Deep runs make the full
// experiments, and hold every finding against what is written in them.

import { beforeAll, describe, expect, test } from "vitest";
import { runExperiment, type Shown } from "./run.ts";

/** Runs an experiment once for a group of tests, the first of which is that its findings are as written. */
function experiment(name: string, tests: (seen: () => Shown) => void): void {
  describe(name, () => {
    let seen: Shown;
    beforeAll(async () => {
      seen = await runExperiment(name);
    });
    test("has findings, and in full runs each lies within its spread", () => {
      expect(seen.views.filter(({ kind }) => kind === "finding").length).toBeGreaterThanOrEqual(4);
      expect(seen.strays()).toEqual([]);
    });
    tests(() => seen);
  });
}

const column = (rows: readonly Readonly<Record<string, string | number>>[], name: string) =>
  rows.map((row) => Number(row[name]));

experiment("neuron", (seen) => {
  test("the perceptron algorithm ends with a pass without a mistake for AND, whose weights answer all four corners", () => {
    const rows = seen().rows("AND, pass by pass");
    expect(column(rows, "mistakes").at(-1)).toBe(0);
    const [w0, w1, w2] = ["w₀", "w₁", "w₂"].map((name) => column(rows, name).at(-1)!) as [
      number,
      number,
      number,
    ];
    const answers = [
      [0, 0],
      [0, 1],
      [1, 0],
      [1, 1],
    ].map(([a, b]) => w0 + w1 * a! + w2 * b! > 0);
    expect(answers).toEqual([false, false, false, true]);
  });

  test("it makes no more mistakes than its theorem allows", () => {
    const [row] = seen().rows("Rosenblatt's theorem");
    expect(Number(row!["mistakes made"])).toBeLessThanOrEqual(Number(row!["mistakes at most"]));
    // (R/γ)² = 3 / (0.5² / 4.25)
    expect(Number(row!["mistakes at most"])).toBeCloseTo(51, 3);
  });

  test("for XOR no pass is without a mistake, and the weights come back to what they were", () => {
    const rows = seen().rows("XOR, pass by pass");
    expect(Math.min(...column(rows, "mistakes"))).toBeGreaterThan(0);
    const weights = rows.map((row) => ["w₀", "w₁", "w₂"].map((name) => row[name]).join(" "));
    expect(new Set(weights).size).toBeLessThan(weights.length);
  });

  test("descent brings XOR's loss to ln 2 and no lower, and AND's far below", () => {
    expect(seen().ys("One neuron, by descent", "XOR").at(-1)).toBeCloseTo(Math.LN2, 5);
    expect(seen().ys("One neuron, by descent", "AND").at(-1)).toBeLessThan(0.1);
    expect(Math.min(...seen().ys("One neuron, by descent", "XOR"))).toBeGreaterThan(Math.LN2 - 1e-6);
  });

  test("XOR's loss has a slope of 0 and only positive curvatures where all weights are 0", () => {
    const [row] = seen().rows("XOR's loss where");
    expect(Number(row!["‖∂J/∂w‖ at 0"])).toBe(0);
    for (const i of [1, 2, 3]) expect(Number(row![`eigenvalue ${i}`])).toBeGreaterThan(0.01);
  });

  test("a linear neuron ends with the line of least squares", () => {
    expect(seen().measured("descent's distance")).toBeLessThan(1e-4);
  });
});

experiment("xor", (seen) => {
  test("one hidden neuron never solves it, and eight always do", () => {
    expect(seen().measured("solved with 1 hidden")).toBe(0);
    expect(seen().measured("solved with 8")).toBe(100);
  });

  test("one hidden neuron ends where three corners get ⅔ and two hidden ones, if stuck, at ½ ln 2", () => {
    const rows = seen().rows("Losses after");
    for (const row of rows) {
      const known = ["below 0.01", "at ½ ln 2 = 0.347", "at 0.477"].map((name) => Number(row[name]));
      expect(known[0]! + known[1]! + known[2]!).toBe(Number(row["first weights"]));
    }
    expect(rows[0]!["at 0.477"]).toBe(rows[0]!["first weights"]);
  });

  test("two hidden neurons answer every corner, and their hidden activations can be told apart by the output neuron's line", () => {
    const rows = seen().rows("At the corners");
    expect(column(rows, "ŷ, 2 hidden").map(Math.round)).toEqual([0, 1, 1, 0]);
    const drawn = seen().layer("What the output neuron sees", "output neuron");
    const ends = [0, drawn.x.length - 1].map((i) => [drawn.x[i]!, drawn.y[i]!] as const);
    const [[a0, b0], [a1, b1]] = [ends[0]!, ends[1]!];
    const slope = (b1 - b0) / (a1 - a0);
    const side = (name: string) => {
      const dots = seen().layer("What the output neuron sees", name);
      return dots.x.map((a, i) => Math.sign(dots.y[i]! - (b0 + slope * (a - a0))));
    };
    const [zeros, ones] = [side("answer 0"), side("answer 1")];
    expect(new Set(zeros).size).toBe(1);
    expect(ones).toEqual(zeros.map((each) => -each));
  });

  test("the field of four hidden neurons is above ½ at the corners that are 1 and below at the others", () => {
    const grid = seen().field("4 hidden neurons");
    const at = (a: number, b: number) => {
      const place = (value: number) => Math.round(((value + 0.5) / 2) * (grid.columns - 1));
      return grid.values[(grid.rows - 1 - place(b)) * grid.columns + place(a)]!;
    };
    expect([at(0, 0), at(0, 1), at(1, 0), at(1, 1)].map(Math.round)).toEqual([0, 1, 1, 0]);
  });
});

experiment("grounded-example", (seen) => {
  test("the lecture's numbers are shown in the lecture's order, to its three digits", () => {
    const rows = seen().rows("Loss 0.670");
    expect(rows.flatMap((row) => String(row["row by row"]).split("  ").map(Number))).toEqual([
      ...[1, 0, 1, 1, 0.55, 0.711, 0.512],
      ...[-0.488, 0, -0.06, -0.01],
      ...[-0.488, -0.269, -0.347, -0.06, -0.01, 0, 0, -0.06, -0.01],
    ]);
  });

  test("the network is drawn with x and δ at its neurons, W and ∇ on its arrows", () => {
    const { layers, edges } = seen().titled("network", "Network");
    expect(layers.map(({ units }) => units.map(({ value }) => value))).toEqual([
      ["1", "0", "1"],
      ["1", "0.55", "0.711"],
      ["0.512"],
    ]);
    expect(layers[2]!.units[0]!.delta).toBe("-0.488");
    expect(layers[1]!.units.map(({ delta }) => delta)).toEqual(["", "-0.0605", "-0.01"]);
    const last = edges.filter(({ layer }) => layer === 1).map(({ lines }) => lines);
    expect(last).toEqual([
      ["W -0.3", "∇ -0.488"],
      ["W 0.5", "∇ -0.269"],
      ["W 0.1", "∇ -0.347"],
    ]);
  });

  test("grad(), the scalar engine and the lecture's recursion agree with backpropagation() to the last bits", () => {
    const rows = seen().rows("∇(0) and ∇(1) by other ways");
    expect(rows.length).toBe(3);
    for (const size of column(rows, "largest difference")) expect(size).toBeLessThan(1e-15);
  });

  test("only the corrected matrices give the new prediction 0.722", () => {
    expect(seen().titled("table", "The new prediction").title).toContain("0.722");
    expect(
      seen()
        .rows("Misprints")
        .map(({ printed, right }) => [printed, right]),
    ).toEqual([
      ["0.460, 0.610", "-0.140, 0.310"],
      [-0.447, 0.447],
      [0.597, 0.722],
    ]);
  });
});

experiment("universal-approximation", (seen) => {
  const errors = "The largest error against the width";
  test("16 trained hidden neurons come nearer than one, and 16 solved ones a hundred times nearer than that one", () => {
    const trained = seen().ys(errors, "all weights trained");
    const at16 = seen().layer(errors, "all weights trained").x.indexOf(16);
    expect(trained[at16]).toBeLessThan(trained[0]! / 2);
    expect(seen().ys(errors, "output layer solved")[at16]).toBeLessThan(trained[0]! / 100);
  });

  test("at the greatest width the output layer that was solved is better than any network that was trained", () => {
    const last = seen().rows("The largest errors in numbers").at(-1)!;
    expect(Number(last["solved: worst"])).toBeLessThan(Number(last["trained: best"]));
  });

  test("beyond the samples the widest network leaves the target by more than anywhere within", () => {
    const { x, y } = seen().layer("hidden neurons beyond the interval", "all weights trained");
    const target = seen().ys("hidden neurons beyond the interval", "f");
    const off = (inside: boolean) =>
      Math.max(...x.flatMap((at, i) => (Math.abs(at) <= 1 === inside ? [Math.abs(y[i]! - target[i]!)] : [])));
    expect(off(false)).toBeGreaterThan(2 * off(true));
  });
});

experiment("free-fall", (seen) => {
  const table = () => seen().rows("Largest errors, of");
  const error = (network: string) =>
    Number(table().find((row) => row["network"] === network)!["largest error, m"]);

  test("no network without a hidden layer comes within three metres everywhere, one hidden neuron comes within one, and two come twice as near", () => {
    expect(error("no hidden layer, linear output")).toBeGreaterThan(3);
    expect(error("no hidden layer, logistic output")).toBeGreaterThan(3);
    expect(error("1 hidden")).toBeLessThan(1);
    expect(error("1 hidden")).toBeGreaterThan(0.5);
    expect(error("2 hidden")).toBeLessThan(error("1 hidden") / 2);
  });

  test("the error of the two neurons whose weights are written down falls with the square of ε, below any that was trained", () => {
    const { x, y } = seen().layer("The largest error of two", "two neurons, weights written down");
    expect(x.at(-1)).toBe(0.001);
    expect(y.at(-1)).toBeLessThan(1e-4);
    expect(y.at(-1)).toBeLessThan(Math.min(...table().map((row) => Number(row["largest error, m"]))));
    expect(seen().measured("the power of ε")).toBeCloseTo(2, 1);
  });
});

experiment("mini-network", (seen) => {
  const steps = () => seen().views.filter((view) => view.kind === "table" && view.title.startsWith("Step "));

  test("there is a table of x, δ, W and ∇ of every layer for each of the four samples", () => {
    expect(steps().length).toBe(4);
    for (const view of steps())
      if (view.kind === "table")
        expect(view.rows.map(([name]) => name).filter((name) => name !== "")).toEqual([
          ...["x(0)", "W(0)", "∇(0)"],
          ...["x(1)", "δ(1)", "W(1)", "∇(1)"],
          ...["x(2)", "δ(2)"],
        ]);
  });

  test("each step moves the weights by −ρ∇ and nothing else", () => {
    expect(seen().measured("how far a step is from")).toBeLessThan(1e-15);
  });

  test("loss and δ fall while it learns, and its drawing after training is right about (0, 1)", () => {
    for (const [chart, name] of [
      ["Loss", "loss"],
      ["What goes back", "‖δ(2)‖"],
    ] as const) {
      const y = seen().ys(chart, name);
      expect(y.at(-1)).toBeLessThan(y[0]! / 2);
    }
    const networks = seen().views.filter((view) => view.kind === "network");
    expect(Number(networks.at(-1)!.layers[2]!.units[0]!.value)).toBeGreaterThan(0.5);
  });
});

experiment("batches", (seen) => {
  test("a batch's gradient is off by √(tr Σ / n) if drawn with replacement, and by less without", () => {
    const noise = "How far a batch's gradient is off";
    const theory = seen().ys(noise, "√(tr Σ / n)");
    const replaced = seen().ys(noise, "drawn with replacement");
    const without = seen().ys(noise, "without, as in an epoch");
    // A mean of 20 squares of distances varies by a third, its root by a sixth.
    theory.forEach((size, i) => {
      expect(replaced[i]! / size).toBeGreaterThan(0.5);
      expect(replaced[i]! / size).toBeLessThan(1.6);
    });
    // √(256/511) = 0.71
    expect(without.at(-1)! / theory.at(-2)!).toBeLessThan(0.9);
  });

  test("large batches need more epochs and fewer steps, and end with about the same test loss", () => {
    const rows = seen().rows("Until the training loss");
    const [small, all] = [rows[0]!, rows.at(-1)!];
    expect(Number(all["epochs"])).toBeGreaterThan(2 * Number(small["epochs"]));
    expect(Number(all["steps"])).toBeLessThan(Number(small["steps"]) / 2);
    expect(Math.abs(Number(all["test loss, nats"]) - Number(small["test loss, nats"]))).toBeLessThan(0.05);
  });
});

experiment("saturation", (seen) => {
  const grids = () => seen().views.filter((view) => view.kind === "grid");
  /** The number of a way to draw first weights and a hidden layer, from 1. */
  const at = (label: string, activation: string, way: string, layer: number) => {
    const grid = grids().find((each) => each.label === label && each.title === activation)!;
    return grid.values[grid.rowNames.findIndex((name) => name.startsWith(way)) * grid.columns + layer - 1]!;
  };

  test("with 32 neurons in a layer [0, 1] saturates every logistic neuron behind the first layer and ends the gradient, and Glorot's range does neither", () => {
    expect(at("saturated, %", "logistic", "[0, 1]", 5)).toBeGreaterThan(99);
    expect(at("log₁₀ ‖∇‖", "logistic", "[0, 1]", 1)).toBeLessThan(-12);
    expect(at("saturated, %", "logistic", "Glorot", 5)).toBe(0);
    expect(at("log₁₀ ‖∇‖", "logistic", "Glorot", 1)).toBeGreaterThan(-6);
  });

  test("with two neurons in a layer [0, 1] saturates none", () => {
    const { x, y } = seen().layer("Logistic neurons that saturate", "[0, 1]");
    expect(x[0]).toBe(2);
    expect(y[0]).toBeLessThan(5);
    expect(y.at(-1)).toBeGreaterThan(90);
  });

  test("weights that are too small end the gradient without any saturation", () => {
    expect(at("saturated, %", "tanh", "±0.01", 5)).toBe(0);
    expect(at("log₁₀ ‖∇‖", "tanh", "±0.01", 1)).toBeLessThan(-6);
    expect(at("log₁₀ ‖∇‖", "tanh", "Glorot", 1)).toBeGreaterThan(-2);
  });

  test("inputs a hundred times too large saturate the first layer", () => {
    const y = seen().ys("Saturated tanh neurons", "hidden layer 1");
    expect(y[0]).toBeLessThan(5);
    expect(y.at(-1)).toBeGreaterThan(80);
  });

  test("a tanh network that begins in [0, 1] learns less than one that begins with Glorot's weights", () => {
    expect(seen().measured("[0, 1], tanh: loss")).toBeGreaterThan(2 * seen().measured("Glorot, tanh: loss"));
  });
});
