// adjoint-notebook run FILE.ts

import { existsSync, mkdirSync, mkdtempSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import { stop } from "esbuild";
import { pngOf, svgOf } from "../html/index.ts";
import { FOOTER, reportOf } from "../report/index.ts";
import type { ScriptEvent } from "../run/events.ts";
import { factsOf } from "../run/facts.ts";
import { run } from "../run/run.ts";
import { watch } from "../run/watch.ts";
import { scriptFile } from "./script-file.ts";
import { UsageError } from "./usage-error.ts";

export interface RunCommand {
  readonly file: string;
  /** What the script gets behind its name. */
  readonly arguments: readonly string[];
  readonly fast: boolean;
  readonly png: boolean;
  readonly svg: boolean;
  /** Where the report goes; beside the script, with its name, unless given. */
  readonly out: string | undefined;
}

const said = (text: string) => process.stderr.write(`${text}\n`);

const short = (path: string) => relative(process.cwd(), path) || path;

/** Writes the pictures that were shown, numbered, beside the report; returns their paths. */
async function writePictures(
  events: readonly ScriptEvent[],
  base: string,
  { png, svg }: RunCommand,
): Promise<string[]> {
  const written: string[] = [];
  const write = (path: string, content: string | Uint8Array) => {
    writeFileSync(path, content);
    written.push(path);
  };
  let number = 1;
  for (const event of events) {
    if (event.kind !== "shown") continue;
    const picture = await svgOf(event.view, { theme: "light" });
    if (picture === undefined) continue;
    if (svg) write(`${base}-${number}.svg`, picture);
    const pixels = png ? await pngOf(event.view, { theme: "light" }) : undefined;
    if (pixels !== undefined) write(`${base}-${number}.png`, pixels);
    number++;
  }
  return written;
}

/** Throws `UsageError` where the report would take the place of something that is no report; before the script runs, which may take hours. */
function checkOut(out: string, script: string, isDefault: boolean): void {
  if (out === script) throw new UsageError(`--out names the script itself, ${short(out)}; name another file`);
  if (!existsSync(out)) return;
  if (statSync(out).isDirectory())
    throw new UsageError(
      `--out names a folder, ${short(out)}; name a file in it, such as ${short(join(out, "report.html"))}`,
    );
  if (isDefault && !readFileSync(out, "utf8").includes(`${FOOTER}</footer>`))
    throw new UsageError(
      `${short(out)} is there and is no report, so it is left alone; say where the report goes: --out FILE`,
    );
}

/** Writes a report, and returns where: in the folder for temporary files where its own can't be written, since the run is worth it. */
function writeReport(out: string, report: string): string {
  try {
    mkdirSync(dirname(out), { recursive: true });
    writeFileSync(out, report);
    return out;
  } catch (error) {
    const other = join(mkdtempSync(join(tmpdir(), "adjoint-")), basename(out));
    writeFileSync(other, report);
    said(`${short(out)} can't be written (${(error as Error).message})`);
    return other;
  }
}

/** Runs a script and writes its report. Returns the exit code: the script's own. Throws `UsageError` where there is no script. */
export async function runCommand(command: RunCommand): Promise<number> {
  const path = scriptFile(command.file);
  const mode = command.fast ? "fast" : "full";
  const out = resolve(command.out ?? path.replace(/\.[^.]*$/, ".html"));
  checkOut(out, path, command.out === undefined);
  // The terminal sends Ctrl-C to the script as well, which ends; what it has shown by then is worth a report.
  const stay = () => {};
  process.on("SIGINT", stay);
  const { source, cells, events, exitCode } = await run(path, {
    arguments: [...command.arguments, ...(command.fast ? ["--fast"] : [])],
  });
  process.off("SIGINT", stay);
  const facts = await factsOf(source, path, mode);
  const report = await reportOf({ name: basename(path), source, cells, events, facts });
  const at = writeReport(out, report);
  const base = at.slice(0, at.length - extname(at).length);
  const pictures = command.png || command.svg ? await writePictures(events, base, command) : [];
  for (const each of [at, ...pictures]) said(`wrote ${short(each)}`);
  return exitCode;
}

/**
 * Watches a script until Ctrl-C is pressed while none of its cells runs; while one does, Ctrl-C interrupts it.
 * Throws `UsageError` where there is no script.
 */
export async function watchCommand(command: RunCommand): Promise<number> {
  const path = scriptFile(command.file);
  const watched = await watch(path, {
    arguments: [...command.arguments, ...(command.fast ? ["--fast"] : [])],
    mode: command.fast ? "fast" : "full",
    onNote: said,
  });
  said(
    `${short(path)} is shown at ${watched.url} and runs again when it is saved. Ctrl-C interrupts a cell that runs, and ends this otherwise.`,
  );
  await new Promise<void>((done) => {
    process.on("SIGINT", () => {
      // The terminal sends it to the compiler beside this process, too, which ends; the next use starts another.
      void stop();
      void watched.session.interrupt().then((wasRunning) => {
        if (!wasRunning) done();
      });
    });
    process.on("SIGTERM", done);
  });
  await watched.close();
  return 0;
}
