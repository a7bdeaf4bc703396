// Checkpoints on disk: which one is read after damage, and that a run that is killed goes on as if it had not been.

import { spawn } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Tensor, tensor } from "@adjoint/autograd";
import { load, parameter } from "@adjoint/nn";
import { checkpoints } from "@adjoint/nn/node";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { damaged, dice } from "./damage.ts";

const deep = process.env["ADJOINT_DEEP"] === "1";
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "adjoint-checkpoints-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const newDirectory = () => mkdtempSync(join(folder, "run-"));

const at = (n: number) => ({ x: parameter([n, n]) });

/** A directory with checkpoints 1 … n. */
function filled(n: number, keep = Infinity): { readonly directory: string; readonly paths: string[] } {
  const directory = newDirectory();
  const store = checkpoints(directory, { keep });
  return { directory, paths: Array.from({ length: n }, (_, i) => store.save(at(i + 1), { n: i + 1 })) };
}

describe("checkpoints", () => {
  test("gives back what was saved last, with its plain data", () => {
    const directory = join(newDirectory(), "that", "is missing");
    expect(checkpoints(directory).latest()).toBeNull();
    const counters = {
      epoch: 3,
      history: [1.5, NaN, -0, Infinity],
      name: "größe",
      $: { $number: "x" },
      no: null,
    };
    checkpoints(directory).save(at(1));
    const path = checkpoints(directory).save(at(2), { ...counters, absent: undefined });
    const last = checkpoints(directory).latest()!;
    expect(last.path).toBe(path);
    expect(last.counters).toEqual(counters);
    expect(last.skipped).toEqual([]);
    const holder = at(0);
    load(holder, last.bytes);
    expect(holder.x.toArray()).toEqual([2, 2]);
  });

  test("keeps the newest three files, or as many as it is told to", () => {
    const names = (directory: string) => readdirSync(directory).map((name) => Number(/\d+/.exec(name)![0]));
    expect(names(filled(5, 3).directory)).toEqual([3, 4, 5]);
    const directory = newDirectory();
    for (let i = 0; i < 5; i++) checkpoints(directory).save(at(i));
    expect(names(directory)).toEqual([3, 4, 5]);
    expect(names(filled(3, 1).directory)).toEqual([3]);
    expect(names(filled(5).directory)).toEqual([1, 2, 3, 4, 5]);
  });

  test("goes on counting after 99,999,999 files, in the order of numbers", () => {
    const { directory, paths } = filled(1);
    writeFileSync(join(directory, "checkpoint-99999999.safetensors"), readFileSync(paths[0]!));
    const path = checkpoints(directory).save(at(7), { n: 7 });
    expect(path).toContain("checkpoint-100000000.safetensors");
    expect(checkpoints(directory).latest()!.counters).toEqual({ n: 7 });
  });

  test("leaves other files alone, and deletes what a stopped process left half-written", () => {
    const { directory } = filled(2);
    for (const name of ["notes.txt", "checkpoint-1.safetensors", "checkpoint-00000009.safetensors.part"])
      writeFileSync(join(directory, name), "text");
    expect(checkpoints(directory).latest()!.counters).toEqual({ n: 2 });
    checkpoints(directory, { keep: 3 }).save(at(3), { n: 3 });
    expect(readdirSync(directory).sort()).toEqual([
      "checkpoint-00000001.safetensors",
      "checkpoint-00000002.safetensors",
      "checkpoint-00000003.safetensors",
      "checkpoint-1.safetensors",
      "notes.txt",
    ]);
  });

  test("passes over a damaged or half-written file for the one before, and says so", () => {
    for (const cut of [0, 1, 7, 8, 40, 100, 300]) {
      const { directory, paths } = filled(3);
      truncateSync(paths[2]!, cut);
      const last = checkpoints(directory).latest()!;
      expect(last.counters).toEqual({ n: 2 });
      expect(last.skipped).toEqual([
        expect.stringMatching(/3\.safetensors (has no checksum|differs from its checksum)$/),
      ]);
      // The next one is newer than the damaged one.
      expect(checkpoints(directory).save(at(4))).toContain("checkpoint-00000004");
    }
  });

  test("passes over a file with any one bit changed", () => {
    const { directory, paths } = filled(2);
    const bytes = readFileSync(paths[1]!);
    for (let place = 0; place < bytes.length; place += deep ? 1 : 7) {
      const changed = Buffer.from(bytes);
      changed[place]! ^= 1 << (place % 8);
      writeFileSync(paths[1]!, changed);
      expect([place, checkpoints(directory).latest()!.counters]).toEqual([place, { n: 1 }]);
    }
  });

  test("passes over damage of every kind", () => {
    const { directory, paths } = filled(2);
    const bytes = new Uint8Array(readFileSync(paths[1]!));
    for (let seed = 0; seed < (deep ? 1000 : 100); seed++) {
      const file = damaged(bytes, dice(seed));
      writeFileSync(paths[1]!, file);
      const isSame = Buffer.compare(file, bytes) === 0;
      expect([seed, checkpoints(directory).latest()!.counters]).toEqual([seed, { n: isSame ? 2 : 1 }]);
    }
  });

  test("doesn't start anew in silence where every file is damaged", () => {
    const { directory, paths } = filled(2);
    for (const path of paths) writeFileSync(path, "");
    expect(() => checkpoints(directory).latest()).toThrow(
      /all files in .* are damaged: .*2\.safetensors has no checksum; .*1\.safetensors has no checksum\. To start anew, delete them/,
    );
  });

  test("tensors among the data come back with their shape, type and bits", () => {
    const store = checkpoints(newDirectory());
    const x = tensor([
      [0.1, NaN, -0],
      [Infinity, -1e-45, 3],
    ]);
    const y = tensor([0.1, -0], { dtype: "float64" });
    const z = tensor([true, false]);
    const one = tensor(7, { dtype: "int32" });
    store.save(at(1), { inside: [{ x, y }], z, one });
    const { inside, ...others } = store.latest()!.counters as Record<string, unknown>;
    const [read] = inside as [Record<string, Tensor>];
    for (const [given, saved] of [
      [read!["x"], x],
      [read!["y"], y],
      [others["z"], z],
      [others["one"], one],
    ] as [Tensor, Tensor][]) {
      expect([given.dtype, given.shape]).toEqual([saved.dtype, saved.shape]);
      expect(new Uint8Array(given.data.slice().buffer)).toEqual(new Uint8Array(saved.data.slice().buffer));
    }
  });

  test("refuses data that would not come back", () => {
    const directory = newDirectory();
    const save = (counters: object) => () =>
      checkpoints(directory).save(at(1), counters as Record<string, unknown>);
    const round: unknown[] = [];
    round.push(round);
    expect(save({ when: new Date() })).toThrow(
      "checkpoints: the counters.when is a Date, which has no form as data",
    );
    expect(save({ a: [undefined] })).toThrow("the counters.a[0] is undefined");
    expect(save({ f: () => 1 })).toThrow("the counters.f is a function");
    expect(save({ n: 1n })).toThrow("the counters.n is a bigint");
    expect(save({ round })).toThrow("the counters.round[0] lies within itself");
    let deeper: object = {};
    for (let i = 0; i < 600; i++) deeper = { deeper };
    expect(save(deeper)).toThrow("is nested more than 500 deep");
    for (const counters of [5, null, [1]])
      expect(save(counters as object)).toThrow(
        "where the counters belong; give them by name, e.g. { epoch: 3 }",
      );
    expect(readdirSync(directory)).toEqual([]);
  });

  test("reads names with more digits than it writes, and leaves directories alone", () => {
    const { directory, paths } = filled(1);
    renameSync(paths[0]!, join(directory, "checkpoint-000000005.safetensors"));
    mkdirSync(join(directory, "checkpoint-00000009.safetensors"));
    const store = checkpoints(directory, { keep: 1 });
    expect(store.latest()?.counters).toEqual({ n: 1 });
    expect(store.save(at(2), { n: 2 })).toBe(join(directory, "checkpoint-00000006.safetensors"));
    expect(store.latest()?.counters).toEqual({ n: 2 });
    expect(readdirSync(directory)).toEqual([
      "checkpoint-00000006.safetensors",
      "checkpoint-00000009.safetensors",
    ]);
  });

  test("refuses options that it does not know", () => {
    for (const keep of [0, -1, 1.5, NaN, "3"])
      expect(() => checkpoints(newDirectory(), { keep: keep as number })).toThrow(
        /keep .* must be a whole number, 1 or more/,
      );
    expect(() => checkpoints("")).toThrow(
      'got an empty text where the path of a directory belongs, e.g. checkpoints("runs/first")',
    );
    expect(() => checkpoints(newDirectory(), { every: 3 } as object)).toThrow('there is no option "every"');
  });
});

describe("a run that is killed", () => {
  let program: string;
  beforeAll(async () => {
    const bundle = await rolldown({
      input: fileURLToPath(new URL("training.ts", import.meta.url)),
      platform: "node",
      resolve: { conditionNames: ["@adjoint/source", "import", "node"] },
    });
    program = join(folder, "training.mjs");
    await bundle.write({ file: program, format: "esm" });
  });

  /**
   * Runs the program, and kills it `delay` milliseconds after it has printed step `until`, or after its start for 0. Returns
   * the last line printed, and how long a step took.
   */
  const run = (directory: string, steps: number, until = Infinity, delay = 0) =>
    new Promise<{ last: string; pace: number }>((resolve, reject) => {
      const child = spawn(process.execPath, [program, directory, String(steps)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
      let said = "";
      let start = 0;
      let isDue = false;
      const killLater = () => {
        isDue = true;
        setTimeout(() => child.kill("SIGKILL"), delay);
      };
      if (until === 0) killLater();
      child.stdout.on("data", (part) => {
        said += part;
        start ||= performance.now();
        const step = Number(said.trim().split("\n").at(-1));
        if (!isDue && step >= until) killLater();
      });
      child.on("error", reject);
      child.on("close", (code, signal) => {
        if (code !== 0 && signal !== "SIGKILL") reject(new Error(`the run ended with ${code ?? signal}`));
        else {
          const lines = said.trim().split("\n");
          resolve({ last: lines.at(-1)!, pace: (performance.now() - start) / lines.length });
        }
      });
    });

  test("at random moments, and resumed, ends as one that was never stopped, to the bit", {
    timeout: 600_000,
  }, async () => {
    const kills = deep ? 50 : 5;
    const steps = 8 * (kills + 1);
    const seed = Date.now() % 2 ** 31;
    const draw = dice(seed);
    const { last: whole, pace } = await run(newDirectory(), steps);
    let directory = newDirectory();
    let halfWritten = 0;
    let reached = 0;
    for (let kill = 0; kill < kills; kill++) {
      // Up to four steps on, and then at any moment of a step; every fifth time within its first quarter of a second.
      const { last } =
        draw(5) === 0
          ? await run(directory, steps, 0, draw(250))
          : await run(directory, steps, reached + 1 + draw(4), (pace * draw(1000)) / 1000);
      if (last.startsWith("end")) {
        // On a busy machine it was faster than this process.
        expect(last, `seed ${seed}`).toBe(whole);
        directory = newDirectory();
        reached = 0;
      } else reached = Math.max(reached, Number(last));
      if (readdirSync(directory).some((name) => name.endsWith(".part"))) halfWritten++;
    }
    expect((await run(directory, steps)).last, `seed ${seed}`).toBe(whole);
    expect(whole).toMatch(/^end [0-9a-f]{64}$/);
    // Of five, all may miss the moments of writing.
    if (deep) expect(halfWritten).toBeGreaterThan(0);
    if (deep) console.log(`${kills} kills, ${halfWritten} of them while a file was written`);
  });
});
