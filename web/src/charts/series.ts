export type Values = readonly (number | null)[] | Float64Array | Float32Array;

export interface LineSeries {
  id: string;
  label: string;
  /** Ascending. */
  x: readonly number[] | Float64Array;
  /** As long as `x`; null or NaN is a gap. */
  y: Values;
  /** The lowest and highest value in each bucket, where `y` stands for many. */
  min?: Values | undefined;
  max?: Values | undefined;
  /** A colour of the palette, 1–10; else its place among the series. */
  hue?: number | undefined;
  dashed?: boolean | undefined;
}

/** A value, null for a gap, undefined where another series has an x and this one has not. */
export type Cell = number | null | undefined;

export interface Frame {
  x: number[];
  /** Per series: its values, its smoothed values, and its band, each as long as `x`. */
  columns: { y: Cell[]; smooth: Cell[] | null; min: Cell[] | null; max: Cell[] | null }[];
}

function clean(value: number | null | undefined, log: boolean): number | null {
  if (value === null || value === undefined || !Number.isFinite(value)) return null;
  return log && value <= 0 ? null : value;
}

/** A moving average that starts at the first value instead of being drawn to zero. */
export function ema(values: Values, weight: number): (number | null)[] {
  const smoothed: (number | null)[] = Array.from({ length: values.length });
  let sum = 0;
  let mass = 0;
  for (let at = 0; at < values.length; at += 1) {
    const value = clean(values[at], false);
    if (value === null) {
      smoothed[at] = null;
      continue;
    }
    sum = sum * weight + value * (1 - weight);
    mass = mass * weight + (1 - weight);
    smoothed[at] = sum / mass;
  }
  return smoothed;
}

function sameX(series: readonly LineSeries[]): boolean {
  const [first, ...others] = series;
  return others.every(({ x }) => {
    if (x === first?.x) return true;
    if (x.length !== first?.x.length) return false;
    for (let at = 0; at < x.length; at += 1) if (x[at] !== first.x[at]) return false;
    return true;
  });
}

function unionX(series: readonly LineSeries[]): number[] {
  const all = new Float64Array(series.reduce((sum, { x }) => sum + x.length, 0));
  let place = 0;
  for (const { x } of series) {
    all.set(x, place);
    place += x.length;
  }
  all.sort();
  const union: number[] = [];
  for (const value of all) if (value !== union.at(-1)) union.push(value);
  return union;
}

/** Spreads a series' values over the common x. */
function spread(values: Values, own: LineSeries["x"], x: number[], log: boolean): Cell[] {
  const cells: Cell[] = Array.from({ length: x.length });
  let at = 0;
  for (let place = 0; place < x.length; place += 1) {
    if (own[at] !== x[place]) continue;
    cells[place] = clean(values[at], log);
    // A step that was logged twice counts by its last value.
    while (own[at + 1] === own[at] && at + 1 < own.length) {
      at += 1;
      cells[place] = clean(values[at], log);
    }
    at += 1;
  }
  return cells;
}

/** Lays series with x of their own over one common x. */
export function align(
  series: readonly LineSeries[],
  options: { smoothing: number; log: boolean },
): Frame {
  const first = series[0];
  if (!first) return { x: [], columns: [] };
  const x = series.length === 1 || sameX(series) ? unionX([first]) : unionX(series);
  const columns = series.map((one) => {
    const put = (values: Values) => spread(values, one.x, x, options.log);
    return {
      y: put(one.y),
      smooth: options.smoothing > 0 ? put(ema(one.y, options.smoothing)) : null,
      min: one.min && one.max ? put(one.min) : null,
      max: one.min && one.max ? put(one.max) : null,
    };
  });
  return { x, columns };
}

export interface Summary {
  points: number;
  first: number | null;
  last: number | null;
  min: number | null;
  max: number | null;
  /** Where the lowest and the highest stand. */
  minAt: number | null;
  maxAt: number | null;
}

/** What a series says in a few numbers: for the table that is read out, and the best point. */
export function summarize({ x, y, min, max }: LineSeries): Summary {
  const sum: Summary = {
    points: 0,
    first: null,
    last: null,
    min: null,
    max: null,
    minAt: null,
    maxAt: null,
  };
  for (let at = 0; at < y.length; at += 1) {
    const value = clean(y[at], false);
    if (value === null) continue;
    const low = clean(min?.[at], false) ?? value;
    const high = clean(max?.[at], false) ?? value;
    sum.points += 1;
    sum.first ??= value;
    sum.last = value;
    if (sum.min === null || low < sum.min) {
      sum.min = low;
      sum.minAt = x[at] ?? null;
    }
    if (sum.max === null || high > sum.max) {
      sum.max = high;
      sum.maxAt = x[at] ?? null;
    }
  }
  return sum;
}

/** The place of the nearest x that has a value, around a place where the cursor stands. */
export function nearest(cells: readonly Cell[], place: number): number | null {
  for (let away = 0; away < cells.length; away += 1) {
    const left = cells[place - away];
    if (left !== null && left !== undefined) return place - away;
    const right = cells[place + away];
    if (right !== null && right !== undefined) return place + away;
    if (place - away < 0 && place + away >= cells.length) return null;
  }
  return null;
}
