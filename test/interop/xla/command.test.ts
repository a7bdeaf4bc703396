// The command adjoint-xla without XLA: which Python it takes, and what it says where there is none.

import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { adjointXLA } from "../../../packages/interop/src/cli/adjoint-xla.ts";

const folder = () => mkdtempSync(join(tmpdir(), "adjoint-command-"));

/** Runs the command somewhere, and tells its exit code and what it said. */
function ran(args: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}) {
  const said: string[] = [];
  const code = adjointXLA(args, { env, cwd, say: (text) => said.push(text) });
  return { code, said: said.join("\n") };
}

/** A program that writes its arguments into a file beside it, and ends with a code. */
function stand(place: string, code: number) {
  mkdirSync(join(place, ".."), { recursive: true });
  writeFileSync(place, `#!/bin/sh\nprintf '%s\\n' "$@" > "$0.args"\nexit ${code}\n`);
  chmodSync(place, 0o755);
  return () =>
    existsSync(`${place}.args`) ? readFileSync(`${place}.args`, "utf8").trim().split("\n") : null;
}

describe.skipIf(process.platform === "win32")("the command adjoint-xla", () => {
  test("hands all options but --python to the runner, and gives its exit code", () => {
    const cwd = folder();
    const asked = stand(join(cwd, "asked"), 3);
    const wanted = [
      expect.stringMatching(/interop.python.adjoint_xla\.py$/),
      "train",
      "a.mlir",
      "--steps",
      "2",
    ];
    for (const python of [["--python", join(cwd, "asked")], [`--python=${join(cwd, "asked")}`]]) {
      expect(ran(["train", "a.mlir", ...python, "--steps", "2"], cwd)).toEqual({ code: 3, said: "" });
      expect(asked()).toEqual(wanted);
    }
  });

  test("takes the Python that is asked for, before that of the environment, before .venv", () => {
    const cwd = folder();
    const [asked, named, own] = ["asked", "named", ".venv/bin/python"].map((path) =>
      stand(join(cwd, path), 0),
    ) as [() => string[] | null, () => string[] | null, () => string[] | null];
    const env = { ADJOINT_PYTHON: join(cwd, "named") };
    ran(["train"], cwd);
    expect([asked(), named(), own() === null]).toEqual([null, null, false]);
    ran(["export"], cwd, env);
    expect([asked(), named()?.at(-1)]).toEqual([null, "export"]);
    ran(["train", "--python", join(cwd, "asked")], cwd, env);
    expect([asked()?.at(-1), named()?.at(-1), own()?.at(-1)]).toEqual(["train", "export", "train"]);
  });

  test("makes an environment with the pinned packages", () => {
    const cwd = folder();
    const base = stand(join(cwd, "base"), 0);
    // The stand-in makes nothing, so that what it would have made can't be run.
    const { code, said } = ran(["setup", "--python", join(cwd, "base")], cwd);
    expect(base()).toEqual(["-m", "venv", join(cwd, ".venv")]);
    expect(code).toBe(2);
    expect(said).toContain(`${join(cwd, ".venv/bin/python")} can't be run`);
  });

  test.each([
    [["train", "a.mlir"], "no Python is named, and there is no .venv here; adjoint-xla setup makes one"],
    [
      ["train", "--python", "/nowhere/python"],
      "/nowhere/python can't be run (spawnSync /nowhere/python ENOENT)",
    ],
    [["setup", "there"], "there is there already; install into it"],
    [["setup", "--help"], "setup takes a folder, and got --help"],
    [["fly"], 'there is no command "fly"; there are setup, train and export'],
    [[], "adjoint-xla setup [folder]"],
  ])("%j ends with 2 and says why", (args, message) => {
    const cwd = folder();
    mkdirSync(join(cwd, "there"));
    const { code, said } = ran(args, cwd);
    expect(code).toBe(2);
    expect(said).toContain(message);
  });
});
