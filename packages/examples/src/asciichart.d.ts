// The part of asciichart 1.5.25 that the examples use; it ships without types and none are published.

declare module "asciichart" {
  interface PlotOptions {
    /** Rows of the chart. */
    readonly height?: number;
    readonly min?: number;
    readonly max?: number;
    /** The label beside a row. */
    readonly format?: (y: number) => string;
  }
  /** A line chart of equally spaced values, one column each. */
  export function plot(series: readonly number[], options?: PlotOptions): string;
}
