// The part of asciichart 1.5.25 that is used here; it ships without types and none are published.

declare module "asciichart" {
  interface PlotOptions {
    /** Rows of the chart, less one. */
    readonly height?: number;
    readonly min?: number;
    readonly max?: number;
    /** The label beside a row; all must be equally long. */
    readonly format?: (y: number) => string;
  }
  /** A line chart of equally spaced values, one column each. */
  export function plot(series: readonly number[], options?: PlotOptions): string;
}
