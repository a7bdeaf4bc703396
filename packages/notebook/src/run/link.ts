import type { ScriptEvent } from "./events.ts";
export interface Link { send(event: object): void; line(): number | null; print(text: string): void }
export const setLink = (link: Link): void => { (globalThis as Record<symbol, unknown>)[Symbol.for("@adjoint/notebook link")] = link; };
