// What a script tells those who run it, message by message, as plain data over the channel between two processes.

import type { View } from "../views/view.ts";

/** A place in the script: the line, from 1, or null where it isn't known. */
type Line = number | null;

export type ScriptEvent =
  /** A cell begins: its place among the script's cells, from 0. */
  | { readonly kind: "begin"; readonly cell: number }
  /** It has ended after so many milliseconds, well or by an error. */
  | { readonly kind: "end"; readonly cell: number; readonly milliseconds: number }
  /** Something was shown. */
  | { readonly kind: "shown"; readonly cell: number; readonly line: Line; readonly view: View }
  /** Something was printed by console or to the standard streams. */
  | {
      readonly kind: "printed";
      readonly cell: number;
      readonly stream: "out" | "error";
      readonly text: string;
    }
  /** How far long work is: done of total, or null where the total isn't known. `id` names one bar; `isOver` takes it away. */
  | {
      readonly kind: "progress";
      readonly cell: number;
      readonly id: number;
      readonly label: string;
      readonly done: number;
      readonly total: number | null;
      readonly isOver: boolean;
    }
  /** An error ended the cell. `stack` has places in the script's own lines. */
  | {
      readonly kind: "failed";
      readonly cell: number;
      readonly line: Line;
      readonly name: string;
      readonly message: string;
      readonly stack: string;
    }
  /** A fact about the run for the head of the report, such as the seed. */
  | { readonly kind: "fact"; readonly name: string; readonly value: string }
  /** All cells have run. */
  | { readonly kind: "over" };

/** An event as a watched script's process sends it: with the version of its cell, which stays where cells move. */
export type Sent = ScriptEvent & { readonly version?: number };

const kinds: readonly unknown[] = ["begin", "end", "shown", "printed", "progress", "failed", "fact", "over"];

/** Whether a message is one of ours: a script may send some of its own to whoever started it. */
export const isEvent = (message: unknown): message is ScriptEvent =>
  typeof message === "object" &&
  message !== null &&
  "kind" in message &&
  kinds.includes(message.kind) &&
  (message.kind === "over" ||
    message.kind === "fact" ||
    ("cell" in message && typeof message.cell === "number"));
