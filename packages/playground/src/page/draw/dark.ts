// Whether the reader's system asks for dark colours.

import { type Signal, signal } from "@preact/signals";

const query = matchMedia("(prefers-color-scheme: dark)");
export const isDark: Signal<boolean> = signal(query.matches);
query.addEventListener("change", () => {
  isDark.value = query.matches;
});
