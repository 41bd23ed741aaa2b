/** Curves as columns of numbers: read folded, appended to live, refined where one looks closer. */

import { toNumber, type Schema } from "@/api/types";

export type XAxis = "step" | "epoch" | "time" | "elapsed";

export interface Curve {
  name: string;
  step: number[];
  epoch: number[];
  /** Milliseconds since 1970. */
  time: number[];
  value: number[];
  /** Least and greatest of what a point stands for: the value itself where that is one. */
  min: number[];
  max: number[];
  /** The attempt that measured the last point. */
  attempt: number;
  /** Points it stands for. */
  total: number;
}

/** A step's range, both ends included. */
export interface StepRange {
  from: number;
  to: number;
}

type SeriesPoint = Schema<"SeriesPoint">;
type MetricPoint = Schema<"MetricPoint">;
type Column = "step" | "epoch" | "time" | "value" | "min" | "max";

const COLUMNS: readonly Column[] = ["step", "epoch", "time", "value", "min", "max"];

export function emptyCurve(name: string): Curve {
  return { name, step: [], epoch: [], time: [], value: [], min: [], max: [], attempt: 1, total: 0 };
}

/** A curve as the API answers it. */
export function curveOf(series: Schema<"MetricSeries">): Curve {
  const curve = emptyCurve(series.name);
  for (const point of series.points) {
    const isBucket = point.count > 1;
    const value = toNumber(point.value) ?? Number.NaN;
    push(curve, {
      step: point.step ?? nextStep(curve, point.count),
      epoch: point.epoch ?? Number.NaN,
      time: timeOf(point),
      value,
      min: isBucket ? (toNumber(point.min) ?? Number.NaN) : value,
      max: isBucket ? (toNumber(point.max) ?? Number.NaN) : value,
    });
    curve.attempt = point.attempt;
  }
  curve.total = series.total;
  return curve;
}

/**
 * Appends a live point; answers whether the curve could take it.
 *
 * A point that is not beyond the last one belongs to an attempt that went back: what it replaces is
 * known to the server alone. One that is there already is taken as it is.
 */
export function appendPoint(
  curve: Curve,
  point: MetricPoint,
  attempt: number,
  timestamp: string,
): boolean {
  const time = Date.parse(point.timestamp ?? timestamp);
  const lastTime = curve.time.at(-1);
  const lastStep = curve.step.at(-1);
  if (attempt < curve.attempt) return true;
  if (attempt === curve.attempt && lastTime !== undefined && time <= lastTime) return true;
  const step = point.step ?? nextStep(curve, 1);
  if (lastStep !== undefined && step < lastStep) return false;
  const value = toNumber(point.value) ?? Number.NaN;
  push(curve, { step, epoch: point.epoch ?? Number.NaN, time, value, min: value, max: value });
  curve.attempt = attempt;
  curve.total += 1;
  return true;
}

/** The curve with the finer points of a range in the place of its own there. */
export function refined(curve: Curve, fine: Curve, range: StepRange): Curve {
  const before = lowerBound(curve.step, range.from);
  const after = lowerBound(curve.step, range.to + 1);
  const result = emptyCurve(curve.name);
  for (const column of COLUMNS) {
    result[column] = [
      ...curve[column].slice(0, before),
      ...fine[column],
      ...curve[column].slice(after),
    ];
  }
  result.attempt = curve.attempt;
  result.total = curve.total;
  return result;
}

/** Where the points stand on an axis; NaN where that is not known. `start`: milliseconds. */
export function positions(curve: Curve, axis: XAxis, start: number): number[] {
  switch (axis) {
    case "step":
      return curve.step;
    case "epoch":
      return curve.epoch;
    case "time":
      return curve.time.map((time) => time / 1000);
    case "elapsed":
      return curve.time.map((time) => (time - start) / 1000);
  }
}

/** The steps that an axis shows between two places, over all curves; null where there are none. */
export function stepsBetween(
  curves: readonly Curve[],
  axis: XAxis,
  start: number,
  range: { from: number; to: number },
): StepRange | null {
  let from = Number.POSITIVE_INFINITY;
  let to = Number.NEGATIVE_INFINITY;
  if (axis === "step") return { from: Math.floor(range.from), to: Math.ceil(range.to) };
  for (const curve of curves) {
    const places = positions(curve, axis, start);
    places.forEach((place, index) => {
      const step = curve.step[index];
      if (step === undefined || !(place >= range.from && place <= range.to)) return;
      from = Math.min(from, step);
      to = Math.max(to, step);
    });
  }
  return from <= to ? { from, to } : null;
}

/** Whether some points stand for several, so that a closer look would show more. */
export function isFolded(curve: Curve): boolean {
  return curve.total > curve.step.length;
}

export function lastValue(curve: Curve): number | null {
  return curve.value.at(-1) ?? null;
}

/** The first index whose value is not below `wanted`, in a list that never falls. */
function lowerBound(sorted: readonly number[], wanted: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}

function push(curve: Curve, point: Record<Column, number>): void {
  for (const column of COLUMNS) curve[column].push(point[column]);
}

/** What has no step is counted. */
function nextStep(curve: Curve, points: number): number {
  return (curve.step.at(-1) ?? 0) + points;
}

function timeOf(point: SeriesPoint): number {
  return point.timestamp ? Date.parse(point.timestamp) : Number.NaN;
}
