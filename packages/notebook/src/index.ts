// The public names of @adjoint/notebook.

export type { Alignment, Axis, Layer, Pass, View } from "./views/view.ts";
