// The public names of @adjoint/notebook.

/**
 * Views of values, for notebooks and reports.
 *
 * What holds for every function is not repeated in its entry: it throws TypeError for an argument of another kind than its
 * type says, and for an option of another name.
 *
 * @packageDocumentation
 */

export { type FindingOptions, fast, finding } from "./finding.ts";
export { type Progress, progress } from "./progress.ts";
export { seed } from "./seed.ts";
export { group, type Shown, show, view } from "./show.ts";
export type { Style } from "./text/style.ts";
export { textOf } from "./text/text.ts";
export type { Form, ShowOptions } from "./values/kind.ts";
export {
  type ChartOptions,
  type CurvesOptions,
  chart,
  curves,
  type LayerLike,
  overSeeds,
} from "./views/chart.ts";
export type { AxisLike, Numbers } from "./views/check.ts";
export { type EdgeLike, type GraphOptions, graph, type NodeLike } from "./views/graph.ts";
export { type HeatMapOptions, heatMap, type ImageOptions, image } from "./views/grid.ts";
export type { GroupOptions } from "./views/group.ts";
export { type HistogramOptions, histogram } from "./views/histogram.ts";
export { markdown } from "./views/markdown.ts";
export type { Matrix } from "./views/matrix.ts";
export { type LayerLike as NetworkLayerLike, type NetworkOptions, network } from "./views/network.ts";
export { svg } from "./views/svg.ts";
export { type TableOptions, table } from "./views/table.ts";
export type { Alignment, Axis, Layer, Pass, View } from "./views/view.ts";
