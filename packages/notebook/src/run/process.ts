// Starts the process in which a script runs.

import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

export interface ProcessOptions {
  /** Conditions of package exports, beside Node's own; those of this process unless given. */
  readonly conditions?: readonly string[];
  /** Where the script's output goes: to this process's, or to `onOutput` alone. */
  readonly onOutput?: (text: string) => void;
  /** The script's working folder; this process's unless given. */
  readonly cwd?: string;
  /** The Node that runs it; the one that runs this unless given. */
  readonly node?: string;
}

/** The conditions this process was started with, which Node doesn't tell otherwise. */
export function ownConditions(args: readonly string[] = process.execArgv): string[] {
  return args.flatMap((arg, i) => {
    const [, given] = /^(?:--conditions|-C)=(.*)$/.exec(arg) ?? [];
    if (given !== undefined) return [given];
    return arg === "--conditions" || arg === "-C" ? args.slice(i + 1, i + 2) : [];
  });
}

/**
 * Starts Node with tsx registered, then what `imports` names, with a channel for messages and so many `pipes` more. One that
 * `isApart` hears nothing of the terminal's Ctrl-C.
 */
export function startNode(
  args: {
    node?: readonly string[];
    imports: readonly URL[];
    script: readonly string[];
    pipes?: number;
    isApart?: boolean;
  },
  { conditions = ownConditions(), onOutput, cwd, node = process.execPath }: ProcessOptions,
): ChildProcess {
  const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx"));
  const output = onOutput === undefined ? "inherit" : "pipe";
  const child = spawn(
    node,
    [
      ...conditions.map((each) => `--conditions=${each}`),
      ...(args.node ?? []),
      ...[tsx, ...args.imports].flatMap(({ href }) => ["--import", href]),
      ...args.script,
    ],
    {
      stdio: [
        "inherit",
        output,
        output,
        "ipc",
        ...Array.from({ length: args.pipes ?? 0 }, () => "pipe" as const),
      ],
      serialization: "advanced",
      detached: args.isApart ?? false,
      env: { ...process.env, ADJOINT_NOTEBOOK_RUN: "1" },
      ...(cwd !== undefined && { cwd }),
    } as SpawnOptions,
  );
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding("utf8").on("data", (text: string) => onOutput?.(text));
  return child;
}
