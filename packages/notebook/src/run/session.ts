// A script that is being worked on: what its cells have said so far, and what is to be run after a change.

import { resolve } from "node:path";
import type { Cell } from "../script/cell.ts";
import { Lines, movesOf } from "../script/lines.ts";
import { withoutMark } from "../script/read.ts";
import { CellReader, moduleUrl, type Unit } from "../script/units.ts";
import type { Place } from "./child/kernel.ts";
import type { ScriptEvent, Sent } from "./events.ts";
import { Kernel } from "./kernel.ts";
import type { ProcessOptions } from "./process.ts";

export interface SessionOptions extends ProcessOptions {
  /** What the script finds in `process.argv` behind its name. */
  readonly arguments?: readonly string[];
  /** Hears each event as it comes. */
  readonly onEvent?: (event: ScriptEvent) => void;
  /** Is called where the page has something new to show; `note` is what the person ought to know, if anything. */
  readonly onChange?: (note?: string) => void;
}

/** "waiting": to be run, or not run because of an error above. */
type Status = "waiting" | "running" | "well" | "failed";

/** A cell's state. */
export interface CellState {
  readonly status: Status;
  /** How many times the cell at this place has been begun, in this text. */
  readonly runs: number;
}

interface Entry {
  unit: Unit;
  status: Status;
  runs: number;
  version: number;
  url: string;
  events: ScriptEvent[];
}

const restarted = "the script's process is a new one, so all cells run again from the top";

export class Session {
  readonly #file: string;
  readonly #options: SessionOptions;
  readonly #reader: CellReader;
  #source = "";
  #entries: Entry[] = [];
  #kernel: Kernel | undefined;
  #version = 0;
  /** Counts updates: a run of cells ends where another has begun. */
  #turn = 0;
  #run: Promise<void> = Promise.resolve();
  #globals: readonly string[] = [];
  #isClosed = false;
  #isIdle = false;

  constructor(file: string, options: SessionOptions = {}) {
    this.#file = resolve(file);
    this.#options = options;
    this.#reader = new CellReader(this.#file);
  }

  get source(): string {
    return this.#source;
  }

  get cells(): readonly Cell[] {
    return this.#entries.map(({ unit }) => unit.cell);
  }

  /** What each cell's last run has said, in the order of the cells, with lines as they are in the script now. */
  get events(): readonly ScriptEvent[] {
    let seeds = 0;
    const events = this.#entries
      .flatMap(({ events }) => events)
      .map((event) => {
        // A process counts its seeds on when a cell runs again.
        if (event.kind !== "fact" || !/^seed( \d+)?$/.test(event.name)) return event;
        return { ...event, name: ++seeds === 1 ? "seed" : `seed ${seeds}` };
      });
    return this.#isIdle ? [...events, { kind: "over" }] : events;
  }

  get states(): readonly CellState[] {
    return this.#entries.map(({ status, runs }) => ({ status, runs }));
  }

  get isRunning(): boolean {
    return this.#entries.some(({ status }) => status === "running");
  }

  /**
   * Takes the script as it is now, and runs the cells from the first one that does something else than before, or that
   * has not run well. A cell that only moved, or whose comments alone changed, is not run again.
   *
   * A cell that runs and is concerned is interrupted first.
   *
   * @returns settles when all that can run has run, or when a further update takes over
   */
  async update(text: string): Promise<void> {
    const source = withoutMark(text);
    const turn = ++this.#turn;
    const units = this.#reader.unitsOf(source);
    // Cells with nothing to run in them come and go without a consequence.
    const old = this.#entries.filter(({ unit }) => !unit.isEmpty);
    const kept = new Map<Unit, Entry>();
    let first = units.length;
    for (const [rank, unit] of units.filter((each) => !each.isEmpty).entries()) {
      const entry = old[rank];
      if (entry?.unit.key !== unit.key || entry.status === "failed" || entry.status === "waiting") {
        first = units.indexOf(unit);
        break;
      }
      kept.set(unit, entry);
    }
    const running = this.#entries.findIndex(({ status }) => status === "running");
    if (running >= 0 && ![...kept.values()].includes(this.#entries[running]!))
      await this.#kernel?.interrupt();
    // What runs still goes on to its end before the next cell begins.
    if (turn !== this.#turn) return;
    this.#source = source;
    this.#isIdle = false;
    this.#entries = units.map((unit, i): Entry => {
      const entry = kept.get(unit);
      if (entry === undefined)
        return { unit, status: unit.isEmpty ? "well" : "waiting", runs: 0, version: 0, url: "", events: [] };
      moveEvents(entry.events, i, entry.unit, unit);
      entry.unit = unit;
      return entry;
    });
    this.#place();
    this.#options.onChange?.();
    const before = this.#run;
    this.#run = before.then(() => this.#runFrom(first, turn));
    await this.#run;
  }

  /** Stops the cell that runs; cells below it are not run. False where none runs. */
  async interrupt(): Promise<boolean> {
    if (!this.isRunning) return false;
    this.#turn++;
    await this.#kernel?.interrupt();
    await this.#run;
    this.#isIdle = true;
    this.#options.onChange?.();
    return true;
  }

  /** Runs all cells again, in a new process. */
  async restart(note: string = restarted): Promise<void> {
    const turn = ++this.#turn;
    this.#kernel?.kill();
    // An update that comes meanwhile finds that nothing has run.
    this.#wait();
    this.#options.onChange?.(note);
    await this.#run;
    // Another restart or update came meanwhile, and runs what there is.
    if (turn !== this.#turn) return;
    await this.#again(turn);
  }

  /** Ends the script's process. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#turn++;
    this.#kernel?.kill();
    await this.#run;
  }

  #place(): void {
    const placed = this.#entries.map(({ version, unit }, cell): [number, Place] => [
      version,
      { cell, from: unit.cell.from, map: unit.map },
    ]);
    this.#kernel?.place(new Map(placed.filter(([version]) => version > 0)));
  }

  /** Nothing has run. */
  #wait(): void {
    for (const entry of this.#entries)
      Object.assign(entry, { status: entry.unit.isEmpty ? "well" : "waiting", events: [] });
  }

  #again(turn: number): Promise<void> {
    this.#wait();
    this.#isIdle = false;
    this.#run = this.#runFrom(0, turn);
    return this.#run;
  }

  async #runFrom(first: number, turn: number): Promise<void> {
    const isCurrent = () => turn === this.#turn && !this.#isClosed;
    if (!isCurrent()) return;
    if (first >= this.#entries.length) {
      this.#isIdle = true;
      this.#options.onChange?.();
      return;
    }
    if (this.#kernel?.isAlive !== true) {
      const isNew = this.#kernel === undefined;
      this.#kernel = new Kernel(
        this.#file,
        this.#options.arguments ?? [],
        (event) => this.#hear(event),
        this.#options,
      );
      if (!isNew && first > 0) {
        this.#options.onChange?.(restarted);
        this.#wait();
        first = 0;
      }
    }
    const globals = this.#entries.flatMap(({ unit }) => unit.globals);
    this.#kernel.forget(this.#globals.filter((name) => !globals.includes(name)));
    this.#globals = globals;
    for (let i = first; i < this.#entries.length && isCurrent(); i++) {
      const entry = this.#entries[i]!;
      if (entry.unit.isEmpty) continue;
      if (entry.unit.error !== undefined) {
        const { name, message, line } = entry.unit.error;
        entry.status = "failed";
        const stack = `${name}: ${message}\n    at ${this.#file}:${line}`;
        this.#hear({ kind: "failed", cell: i, line, name, message, stack });
        this.#print(`${stack}\n`);
        break;
      }
      entry.version = ++this.#version;
      entry.url = moduleUrl(this.#file, i, entry.version);
      entry.status = "running";
      entry.runs++;
      this.#place();
      const urls = this.#entries.map(({ url }) => url);
      const source = entry.unit.module(urls);
      const outcome = await this.#kernel.run({ version: entry.version, cell: i, url: entry.url, source });
      entry.status = outcome === "well" ? "well" : "failed";
      if ((outcome === "ended" || outcome === "killed") && !this.#isClosed)
        this.#lose(i, outcome, this.#kernel.end);
      this.#options.onChange?.();
      if (outcome !== "well") break;
    }
    if (isCurrent()) this.#isIdle = true;
    this.#options.onChange?.();
  }

  /** The process ended under a cell. */
  #lose(cell: number, outcome: "ended" | "killed", end: string): void {
    const next = "at the next change all cells run again from the top";
    const [name, message] =
      outcome === "killed"
        ? [
            "Interrupted",
            `interrupted; what it had begun could only be stopped by ending the script's process: ${next}`,
          ]
        : ["Ended", `the script's process ended here (${end}): ${next}`];
    this.#hear({ kind: "failed", cell, line: null, name, message, stack: "" });
    this.#print(`${message}\n`);
  }

  #print(text: string): void {
    if (this.#options.onOutput) this.#options.onOutput(text);
    else process.stderr.write(text);
  }

  #hear({ version, ...event }: Sent): void {
    let heard: ScriptEvent = event;
    if (event.kind === "fact") this.#entries.find(({ status }) => status === "running")?.events.push(event);
    else if ("cell" in event) {
      // While the event was on its way, the cell may have moved, or been taken out.
      const cell =
        version === undefined ? event.cell : this.#entries.findIndex((each) => each.version === version);
      const entry = this.#entries[cell];
      if (entry === undefined) return;
      heard = event.kind === "failed" ? explained({ ...event, cell }, entry.unit.later) : { ...event, cell };
      if (event.kind === "begin") entry.events = [];
      entry.events.push(heard);
    }
    this.#options.onEvent?.(heard);
    this.#options.onChange?.();
  }
}

/** An error about a name, where the reason is that its cell has not run yet. */
function explained(
  event: Extract<ScriptEvent, { kind: "failed" }>,
  later: ReadonlyMap<string, number>,
): ScriptEvent {
  const [, name] = /^(\S+) is not defined$/.exec(event.message) ?? [];
  const line = name === undefined ? undefined : later.get(name);
  if (event.name !== "ReferenceError" || line === undefined) return event;
  const message = `${name} is declared in a later cell (line ${line}); move it up to watch this script`;
  return { ...event, message, stack: event.stack.replace(event.message, message) };
}

/** Brings a cell's events to where it is now: its place among the cells, and its lines. */
function moveEvents(events: ScriptEvent[], cell: number, before: Unit, after: Unit): void {
  const isSame = before.cell.from === after.cell.from && before.map === after.map;
  const moves = isSame
    ? new Map<number, number>()
    : movesOf(after.code, new Lines(before.map, before.cell.from), new Lines(after.map, after.cell.from));
  events.forEach((event, i) => {
    if ("line" in event)
      events[i] = {
        ...event,
        cell,
        line: event.line === null ? null : (moves.get(event.line) ?? event.line),
      };
    else if ("cell" in event) events[i] = { ...event, cell };
  });
}
