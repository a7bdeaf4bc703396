// Several views under one title.

import type { GroupView, View } from "./view.ts";

/** Views under one title, one under the other unless it is said that they stand in a row. */
export const groupOf = (
  parts: readonly View[],
  { title = "", arrangement = "column" }: Partial<Pick<GroupView, "title" | "arrangement">> = {},
): GroupView => ({ kind: "group", title, parts, arrangement });
