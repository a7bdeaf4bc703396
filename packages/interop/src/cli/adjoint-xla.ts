// The command adjoint-xla: finds a Python that has JAX, or makes one, and hands over to the runner, which reads all other
// options. The only part of the package that knows Node.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const runner = (name: string) => fileURLToPath(new URL(`../../python/${name}`, import.meta.url));

const HELP = `adjoint-xla trains recorded steps of Adjoint on XLA, by JAX in Python.

  adjoint-xla setup [folder]                  makes a Python environment with the pinned packages: .venv by default
  adjoint-xla train program.mlir --data batches.npz --steps 100 --out weights.safetensors
  adjoint-xla export program.mlir program.bin  a portable artifact, which later versions of XLA read and train takes
  adjoint-xla train --help                    all options of train

  --python PATH   the Python to use; otherwise ADJOINT_PYTHON, or .venv here. For setup the one that makes the environment.
`;

/** What the command needs of its surroundings. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly say: (text: string) => void;
}

const isWindows = process.platform === "win32";
const pythonIn = (folder: string) => join(folder, isWindows ? "Scripts/python.exe" : "bin/python");

/** `--python PATH` or `--python=PATH`, taken out of the arguments. */
function taken(args: readonly string[]): {
  readonly python: string | undefined;
  readonly rest: readonly string[];
} {
  const at = args.findIndex((arg) => arg === "--python" || arg.startsWith("--python="));
  if (at < 0) return { python: undefined, rest: args };
  const inOne = args[at]!.startsWith("--python=");
  const python = inOne ? args[at]!.slice("--python=".length) : (args[at + 1] ?? "");
  return { python, rest: [...args.slice(0, at), ...args.slice(at + (inOne ? 1 : 2))] };
}

/** Runs the command with its arguments, and gives its exit code: 2 where it can't begin. */
export function adjointXLA(
  args: readonly string[],
  { env, cwd, say }: Surroundings = {
    env: process.env,
    cwd: process.cwd(),
    say: (text) => process.stderr.write(`${text}\n`),
  },
): number {
  const { python: asked, rest } = taken(args);
  const [command, ...others] = rest;
  const refuse = (why: string) => {
    say(`adjoint-xla: ${why}`);
    return 2;
  };
  /** The exit code of a Python, whose output goes where ours goes. */
  const run = (python: string, parts: readonly string[]): number => {
    const { status, error, signal } = spawnSync(python, parts, { cwd, stdio: "inherit" });
    if (error !== undefined)
      return refuse(
        `${python} can't be run (${error.message}); install Python 3.11 or later, or say where it is: --python PATH`,
      );
    // As shells give it for a signal.
    return status ?? (signal === null ? 1 : 130);
  };

  const setUp = (folder: string): number => {
    const place = join(cwd, folder);
    const requirements = runner("requirements.txt");
    if (existsSync(place))
      return refuse(
        `${folder} is there already; install into it, ${pythonIn(folder)} -m pip install -r ${requirements}, or name another folder: adjoint-xla setup FOLDER`,
      );
    const base = asked ?? env["ADJOINT_PYTHON"] ?? (isWindows ? "python" : "python3");
    const made = run(base, ["-m", "venv", place]);
    if (made !== 0) return made;
    const installed = run(pythonIn(place), ["-m", "pip", "install", "-r", requirements]);
    if (installed === 0 && folder !== ".venv") say(`Use it by --python ${pythonIn(folder)}`);
    return installed;
  };

  switch (command) {
    case "setup":
      return others.length > 1 || others[0]?.startsWith("-") === true
        ? refuse(`setup takes a folder, and got ${others.join(" ")}`)
        : setUp(others[0] ?? ".venv");
    case "train":
    case "export": {
      const own = pythonIn(join(cwd, ".venv"));
      const python = asked ?? env["ADJOINT_PYTHON"] ?? (existsSync(own) ? own : undefined);
      if (python === undefined || python === "")
        return refuse(
          "no Python is named, and there is no .venv here; adjoint-xla setup makes one with JAX, or say where one is: --python PATH, or ADJOINT_PYTHON",
        );
      return run(python, [runner("adjoint_xla.py"), command, ...others]);
    }
    case undefined:
    case "help":
    case "--help":
      say(HELP);
      return command === undefined ? 2 : 0;
    default:
      return refuse(`there is no command ${JSON.stringify(command)}; there are setup, train and export`);
  }
}
