// What must be true of the experiments beyond the lecture at small scale, too. Deep runs do them in full, and hold their
// findings against what is written in them.

import { beforeAll, describe, expect, test } from "vitest";
import { runExperiment, type Shown } from "./run.ts";

const inFull = process.env["ADJOINT_DEEP"] === "1";

/** Runs an experiment once for a group of tests, the first of which is that its findings are as written. */
function experiment(name: string, tests: (shown: () => Shown) => void): void {
  describe(name, () => {
    let shown: Shown;
    beforeAll(
      async () => {
        shown = await runExperiment(name);
        // Seconds of computing, and more where others compute beside.
      },
      inFull ? 1_200_000 : 120_000,
    );
    test("has findings, and each one that is held against what is written lies within its spread", () => {
      expect(shown.views.filter(({ kind }) => kind === "finding").length).toBeGreaterThan(2);
      expect(shown.strays()).toEqual([]);
    });
    tests(() => shown);
  });
}

const last = (values: readonly number[]) => values.at(-1)!;

experiment("activation", (shown) => {
  test("the checker calls algelu right, says that it has no ψ, and asks for its range until that is stated", () => {
    const reports = shown().views.flatMap((view) =>
      view.kind === "text" && view.text.startsWith("algelu is") ? [view.text] : [],
    );
    expect(reports.length).toBe(2);
    for (const report of reports) expect(report).toMatch(/^algelu is right: .*to order 3\n.*it has no ψ/);
    expect(reports[0]).toContain("its range could say so");
    expect(reports[1]).not.toContain("its range could say so");
  });

  test("the formula and the derivative of what is shown are those of x/2·(1 + x/√(1 + x²))", () => {
    const parts = shown().views.flatMap((view) => (view.kind === "group" ? view.parts : []));
    const known = parts.find((part) => part.kind === "table")!;
    expect(known.rows[0]![1]).toBe("x·(1 + x/sqrt(1 + x²))/2");
    // φ(0) = 0, φ′(0) = 1/2, φ″(0) = 1 and φ‴(0) = 0, by the series x/2 + x²/2 − x⁴/4 + …
    const chart = parts.find((part) => part.kind === "chart")!;
    const at0 = chart.layers.flatMap((layer) => {
      if (layer.mark !== "line") return [];
      const place = layer.x.reduce((best, x, i) => (Math.abs(x) < Math.abs(layer.x[best]!) ? i : best), 0);
      return [[layer.x[place]!, layer.y[place]!] as const];
    });
    const series = [
      (x: number) => x / 2 + x ** 2 / 2,
      (x: number) => 0.5 + x,
      (x: number) => 1 - 3 * x ** 2,
      (x: number) => -6 * x,
    ];
    expect(at0.length).toBe(4);
    // The next term of each series is below 10 x³.
    at0.forEach(([x, y], order) => {
      expect(Math.abs(y - series[order]!(x))).toBeLessThanOrEqual(1e-9 + 10 * Math.abs(x) ** 3);
    });
  });

  test("from a bias of −6 algelu guesses as gelu and relu do, and from 0 all four read most of what they can", () => {
    const accuracy = (name: string) => shown().ys("Digits read right", name);
    for (const name of ["algelu", "gelu", "relu"])
      expect(last(accuracy(name)), name).toBeLessThan(inFull ? 14 : 18);
    for (const name of ["algelu", "gelu", "relu", "tanh"])
      expect(accuracy(name)[0], name).toBeGreaterThan(inFull ? 80 : 20);
  });
});

experiment("custom-loss", (shown) => {
  test("the checker calls the gradient right for each α", () => {
    expect(
      shown()
        .rows("checkGradients")
        .map(({ verdict }) => verdict),
    ).toEqual(["right", "right", "right", "right"]);
  });

  test("an error of 3 pulls with all its force under the square and under α = 1, and hardly at all under α = −2", () => {
    const pull = (name: string) => last(shown().ys("gradient of each loss", name));
    expect(pull("squared error")).toBe(1);
    expect(pull("α = 1 (Charbonnier)")).toBeGreaterThan(0.99);
    // Geman's and McClure's gradient is 16u/(u² + 4)² with u = e/c = 10, and at most 0.65 (at u = 2/√3).
    expect(pull("α = −2 (Geman–McClure)")).toBeCloseTo(160 / 104 ** 2 / (9 / (8 * Math.sqrt(3))), 2);
  });

  test("with a fifth of outliers the squared error is off by more than twice as much as α = −2", () => {
    const median = (name: string) => last(shown().ys("Test error", name));
    expect(median("squared error")).toBeGreaterThan(2 * median("α = −2 (Geman–McClure)"));
  });
});

experiment("second-order", (shown) => {
  test("after the same number of iterations truncated Newton is lowest, and after the same number of gradients Adam is highest", () => {
    const rows = Object.fromEntries(
      shown()
        .rows("Geometric means")
        .map((row) => [row["method"], row]),
    );
    const [iterations, gradients] = Object.keys(rows["Adam"]!).filter((name) =>
      name.startsWith("loss after"),
    ) as [string, string];
    const loss = (method: string, when: string) => Number(rows[method]![when]);
    expect(loss("truncated Newton", iterations)).toBeLessThan(loss("Adam", iterations));
    expect(loss("truncated Newton", gradients)).toBeLessThan(loss("Adam", gradients));
    expect(loss("L-BFGS", gradients)).toBeLessThan(loss("Adam", gradients));
  });

  test("all methods start from one loss, and truncated Newton's never rises", () => {
    const of = (name: string) => shown().ys("so many gradients", name);
    const newton = of("truncated Newton");
    for (const name of ["L-BFGS", "Adam"]) expect(of(name)[0]).toBeCloseTo(newton[0]!, 12);
    expect(newton.every((loss, i) => i === 0 || loss <= newton[i - 1]!)).toBe(true);
  });
});

experiment("physics", (shown) => {
  test("the exact solution satisfies the equation to rounding, by derivatives of the engine's", () => {
    expect(shown().measured("residual of the exact solution")).toBeLessThan(1e-10);
  });

  test("training on the equation alone brings the residual down, and the error with it", () => {
    const residual = shown().ys("Training on the equation", "mean squared residual (the loss)");
    const error = shown().ys("Training on the equation", "relative error");
    expect(last(residual)).toBeLessThan(residual[0]! / 5);
    expect(last(error)).toBeLessThan(error[0]! * (inFull ? 0.02 : 1));
  });

  test("the network holds the initial and the boundary values by itself", () => {
    const { values, rows, columns } = shown().field("Network minus exact");
    for (let i = 0; i < columns; i++) expect(Math.abs(values[(rows - 1) * columns + i]!)).toBeLessThan(1e-12);
    for (let j = 0; j < rows; j++) {
      expect(Math.abs(values[j * columns]!)).toBeLessThan(1e-12);
      expect(Math.abs(values[(j + 1) * columns - 1]!)).toBeLessThan(1e-12);
    }
  });
});

experiment("meta-gradient", (shown) => {
  test("the meta-gradient agrees with central differences in both settings", () => {
    for (const row of shown().rows("Meta-gradients"))
      expect(Math.abs(Number(row["meta-gradient"]) / Number(row["difference"]) - 1)).toBeLessThan(1e-5);
  });

  test("beyond the cliff the derivative is larger than any before it by more than ten powers of ten", () => {
    const sizes = shown().ys("size of its derivative", "|∂ loss / ∂ log₁₀ η|").filter(Number.isFinite);
    expect(Math.max(...sizes) / sizes[0]!).toBeGreaterThan(1e10);
  });

  test("descent along meta-gradients lowers the loss of every start", () => {
    const { layers } = shown().titled("chart", "while its settings are learned");
    expect(layers.length).toBeGreaterThan(3);
    for (const layer of layers)
      if (layer.mark === "line") expect(Math.min(...layer.y)).toBeLessThan(layer.y[0]!);
  });
});

experiment("loss-landscape", (shown) => {
  test("the middle of each plane is the minimum itself, and no place of the plane is lower than half of it", () => {
    for (const name of ["η = 0.04 found", "η = 0.16 found"]) {
      const { values, rows, columns } = shown().field(name);
      const middle = values[((rows - 1) / 2) * columns + (columns - 1) / 2]!;
      expect(10 ** middle).toBeLessThanOrEqual(inFull ? 0.0201 : 0.301);
      expect(10 ** Math.min(...values)).toBeGreaterThan(10 ** middle / 2);
    }
  });

  test("no minimum of descent with the whole set is much sharper than 2/η", () => {
    const rows = shown()
      .rows("Minima of equal depth")
      .filter((row) => row["batch size"] !== 10);
    expect(rows.length).toBeGreaterThan(2);
    for (const row of rows) expect(Number(row["sharpness"])).toBeLessThan(1.2 * Number(row["2/η"]));
  });
});

experiment("gauss-newton", (shown) => {
  test("Gauss–Newton's matrix has no negative eigenvalue, and the Hessian has large ones before training only", () => {
    const [before, after] = shown().rows("Hessian and Gauss–Newton");
    expect(Number(before!["most negative / largest of H"])).toBeGreaterThan(0.2);
    expect(Number(after!["most negative / largest of H"])).toBeLessThan(0.15);
    expect(Number(after!["‖H − G‖ / ‖H‖"])).toBeLessThan(Number(before!["‖H − G‖ / ‖H‖"]));
  });

  test("K compact classes have K(K − 1) outliers", () => {
    for (const row of shown().rows("Outliers of Gauss–Newton")) {
      if (Number(row["noise"]) > 0.1) continue;
      expect(row["outliers"]).toBe(row["K(K − 1)"]);
    }
  });
});

experiment("broken-rule", (shown) => {
  test("the right rule passes, and each broken one is found and blamed on its own step, at the order at which it fails", () => {
    const [right, ...broken] = shown().rows("Verdicts");
    expect(right!["verdict"]).toBe("right");
    expect(broken.length).toBe(7);
    for (const row of broken) {
      expect([row["verdict"], row["guilty step"]], String(row["rule"])).toEqual(["wrong", "x·tanh(x)"]);
      expect(row["fails at order"]).toBe(row["rule"] === "wrong at order two" ? 2 : 1);
    }
  });

  test("in the picture the right rule lies below every broken one wherever that is wrong", () => {
    const right = shown().ys("How far each rule", "right");
    const off = shown().ys("How far each rule", "0.1% off");
    expect(Math.max(...right)).toBeLessThan(1e-11);
    // 0.1% of a slope that is 0 at x = 0 alone.
    expect(off.filter((distance) => distance > 1e-5).length).toBeGreaterThan(0.9 * off.length);
  });

  test("a rule that is wrong at ties alone passes where there is no tie, and is found where there is one", () => {
    const [right, wrong] = shown().rows("Ties");
    expect([right!["no tie"], right!["one tie"], right!["along the tie"]]).toEqual([
      "right",
      "right",
      "right",
    ]);
    expect([wrong!["no tie"], wrong!["one tie"], wrong!["along the tie"]]).toEqual([
      "right",
      "wrong",
      "wrong",
    ]);
  });

  test("a fault beyond the point is found by drawing points, and the counterexample is a script", () => {
    const rows = shown().rows("wrong beyond 1.5");
    expect(rows.map(({ verdict }) => verdict)).toEqual(["right", "wrong"]);
    const scripts = shown().views.filter(
      (view) => view.kind === "text" && view.text.includes("checkGradients(f, inputs"),
    );
    expect(scripts.length).toBe(1);
  });
});
