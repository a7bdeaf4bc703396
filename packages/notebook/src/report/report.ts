import type { ScriptEvent } from "../run/events.ts";
import type { Cell } from "../script/cell.ts";
export interface ReportInput { name: string; source: string; cells: readonly Cell[]; events: readonly ScriptEvent[]; facts: readonly { name: string; value: string }[] }
export async function reportOf({ name, events, facts }: ReportInput, { live = false }: { live?: boolean } = {}): Promise<string> {
  return `<!doctype html><title>${name}</title><pre>${JSON.stringify({ facts, events, live }, null, 1)}</pre><script>if (${live}) new EventSource("/events").onmessage = () => location.reload()</script>`;
}
