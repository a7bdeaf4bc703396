// The weather of Seattle, day by day, 2012 to 2015.
//
// Source: `seattle-weather.csv` of the npm package `vega-datasets` 3.2.1, which took it from NOAA's National Climatic Data
// Center; a work of the United States government, in the public domain.

import { readFileSync } from "node:fs";

/** A day's weather. */
export interface Day {
  /** Year, month and day: "2012-01-31". */
  readonly date: string;
  /** Days since the year began, from 0. */
  readonly ofYear: number;
  /** In mm. */
  readonly precipitation: number;
  /** The greatest and the least temperature, in °C. */
  readonly high: number;
  readonly low: number;
  /** Mean speed, in the unit of the source. */
  readonly wind: number;
}

/** All 1,461 days, none left out, in their order. Throws Error where the file has something else. */
export function loadWeather(): readonly Day[] {
  const [head, ...lines] = readFileSync(new URL("seattle-weather.csv", import.meta.url), "utf8")
    .trim()
    .split(/\r?\n/);
  if (head !== "date,precipitation,temp_max,temp_min,wind,weather")
    throw new Error(`seattle-weather.csv: its columns are ${head}`);
  return lines.map((line) => {
    const [date = "", ...numbers] = line.split(",");
    const [precipitation, high, low, wind] = numbers.slice(0, 4).map(Number) as [
      number,
      number,
      number,
      number,
    ];
    const ofYear = (Date.parse(date) - Date.parse(`${date.slice(0, 4)}-01-01`)) / 86_400_000;
    return { date, ofYear, precipitation, high, low, wind };
  });
}
