// The command adjoint-notebook.

import { readFileSync } from "node:fs";
import { type ArgsDef, defineCommand, renderUsage, runCommand as runCitty } from "citty";
import { newCommand } from "./new.ts";
import { packageRoot } from "./package.ts";
import { UsageError } from "./usage-error.ts";

const runArguments = {
  file: { type: "positional", description: "the script, with cells that begin with // %%", required: true },
  watch: {
    type: "boolean",
    description: "serve the report, and run again from the first changed cell whenever the script is saved",
  },
  fast: { type: "boolean", description: "smaller experiments that tell the same story" },
  png: { type: "boolean", description: "write each picture as a PNG file as well" },
  svg: { type: "boolean", description: "write each picture as an SVG file as well" },
  out: {
    type: "string",
    description: "where the report goes; beside the script unless given",
    valueHint: "FILE",
  },
} as const satisfies ArgsDef;

const newArguments = {
  name: { type: "positional", description: "the project's name, and its new folder", required: true },
} as const satisfies ArgsDef;

/** Refuses options that the command doesn't have, and what is left over. */
function check(rawArgs: readonly string[], known: ArgsDef, rest: readonly unknown[]): void {
  for (const arg of rawArgs) {
    const [, name] = /^--?(?:no-)?([^=]+)/.exec(arg) ?? [];
    if (name !== undefined && known[name]?.type !== "boolean" && known[name]?.type !== "string") {
      const options = Object.keys(known).filter((each) => known[each]!.type !== "positional");
      const have =
        options.length === 0
          ? "there are none"
          : `there are ${options.map((each) => `--${each}`).join(", ")}`;
      throw new UsageError(`there is no option ${arg}: ${have}; what is for the script stands behind --`);
    }
  }
  if (rest.length > 1)
    throw new UsageError(
      `one name is enough, and here are ${rest.length} (${rest.join(", ")}); what is for the script stands behind --`,
    );
}

/** The command's parts; `behind` is what stood behind `--`, and `end` takes the exit code. */
function commandOf(behind: readonly string[], end: (code: number) => void) {
  const { version } = JSON.parse(readFileSync(new URL("package.json", packageRoot()), "utf8")) as {
    version: string;
  };
  const run = defineCommand({
    meta: { name: "adjoint-notebook run", description: "Run a script and write its report as one HTML file" },
    args: runArguments,
    async run({ args, rawArgs }) {
      check(rawArgs, runArguments, args._);
      const { file, fast = false, png = false, svg = false, out } = args;
      if (out === "") throw new UsageError("--out needs a file's name: --out report.html");
      // What draws is loaded only where something is drawn.
      const { runCommand, watchCommand } = await import("./run.ts");
      const command = { file, arguments: behind, fast, png, svg, out };
      if (args.watch && (png || svg || out !== undefined))
        throw new UsageError("--watch writes no files: leave out --png, --svg and --out, or --watch");
      end(await (args.watch ? watchCommand(command) : runCommand(command)));
    },
  });
  const create = defineCommand({
    meta: {
      name: "adjoint-notebook new",
      description: "Make a small project: an experiment and a test of its property",
    },
    args: newArguments,
    run({ args, rawArgs }) {
      check(rawArgs, newArguments, args._);
      end(newCommand(args.name));
    },
  });
  const main = defineCommand({
    meta: { name: "adjoint-notebook", version, description: "Notebooks that are plain TypeScript files" },
    subCommands: { run, new: create },
  });
  return { main, parts: { run, new: create }, version };
}

/**
 * Runs the command. Returns its exit code: that of the script, 0, or 2 where the command was not understood.
 *
 * @param args what stands behind the command's name
 */
export async function main(args: readonly string[]): Promise<number> {
  const at = args.indexOf("--");
  const [own, behind] = at < 0 ? [args, []] : [args.slice(0, at), args.slice(at + 1)];
  let code = 0;
  const command = commandOf(behind, (ended) => {
    code = ended;
  });
  const { run, new: create } = command.parts;
  if (own.includes("--version")) {
    console.log(command.version);
    return 0;
  }
  if (own.length === 0 || own.includes("--help") || own.includes("-h")) {
    const usage =
      own[0] === "run"
        ? renderUsage(run)
        : own[0] === "new"
          ? renderUsage(create)
          : renderUsage(command.main);
    console.log(await usage);
    return own.length === 0 ? 2 : 0;
  }
  try {
    await runCitty(command.main, { rawArgs: [...own] });
    return code;
  } catch (error) {
    // citty's own errors are about the command, too.
    if (!(error instanceof UsageError) && (error as Error).name !== "CLIError") throw error;
    process.stderr.write(`adjoint-notebook: ${(error as Error).message}\n`);
    return 2;
  }
}
