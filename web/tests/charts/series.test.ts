import { describe, expect, it } from "vitest";
import { paretoFront, ticks } from "@/charts/pareto";
import { align, ema, nearest, summarize, type LineSeries } from "@/charts/series";
import { panned, scaled } from "@/charts/useNavigation";

const one = (x: number[], y: (number | null)[], more: Partial<LineSeries> = {}): LineSeries => ({ id: "a", label: "a", x, y, ...more });
const plain = { smoothing: 0, log: false };

describe("laying series over one x", () => {
  it("tells a gap (null) from an x of another series (undefined)", () => {
    const frame = align([one([0, 2, 4], [1, null, 3]), one([1, 2], [5, 6])], plain);
    expect(frame.x).toEqual([0, 1, 2, 4]);
    expect(frame.columns[0]?.y).toEqual([1, undefined, null, 3]);
    expect(frame.columns[1]?.y).toEqual([undefined, 5, 6, undefined]);
  });
  it("takes NaN and infinities for gaps", () => {
    expect(align([one([0, 1, 2], [Number.NaN, Infinity, 1])], plain).columns[0]?.y).toEqual([null, null, 1]);
  });
  it("lets a step that was logged twice count by its last value", () => {
    const frame = align([one([0, 1, 1, 2], [1, 2, 3, 4])], plain);
    expect(frame.x).toEqual([0, 1, 2]);
    expect(frame.columns[0]?.y).toEqual([1, 3, 4]);
  });
  it("leaves out what a log scale cannot show", () => {
    expect(align([one([0, 1, 2], [0, -1, 2])], { smoothing: 0, log: true }).columns[0]?.y).toEqual([null, null, 2]);
  });
  it("carries the band of buckets", () => {
    const frame = align([one([0, 1], [2, 2], { min: [1, 1], max: [3, 4] })], plain);
    expect(frame.columns[0]).toMatchObject({ min: [1, 1], max: [3, 4] });
  });
  it("is nothing without series", () => expect(align([], plain)).toEqual({ x: [], columns: [] }));
  it("lays ten series of 2,000 points within a frame or two", () => {
    const series = Array.from({ length: 10 }, (_, at) => {
      const x = Float64Array.from({ length: 2000 }, (_value, place) => place * 10 + at);
      return { id: `${at}`, label: `${at}`, x, y: x };
    });
    const start = performance.now();
    const frame = align(series, { smoothing: 0.6, log: false });
    expect(frame.x).toHaveLength(20_000);
    expect(performance.now() - start).toBeLessThan(400);
  });
});

describe("smoothing", () => {
  it("begins at the first value", () => expect(ema([4, 4, 4], 0.9).map((value) => value?.toFixed(6))).toEqual(["4.000000", "4.000000", "4.000000"]));
  it("leaves gaps as gaps and goes on after them", () => {
    const smooth = ema([1, null, 3], 0.5);
    expect(smooth[1]).toBeNull();
    expect(smooth[2]).toBeCloseTo((1 * 0.25 + 3 * 0.5) / 0.75, 10);
  });
});

describe("a summary", () => {
  it("finds the extremes of buckets, not of their means", () => {
    expect(summarize(one([0, 10], [2, 3], { min: [0.5, 2], max: [3, 9] }))).toMatchObject({
      points: 2, first: 2, last: 3, min: 0.5, minAt: 0, max: 9, maxAt: 10,
    });
  });
  it("is empty of an empty series", () => expect(summarize(one([], []))).toMatchObject({ points: 0, min: null }));
});

it("the reading under the cursor is the nearest point there is", () => {
  expect(nearest([1, undefined, null, undefined, 5], 1)).toBe(0);
  expect(nearest([undefined, null, undefined, 5], 1)).toBe(3);
  expect(nearest([null, undefined], 0)).toBeNull();
});

describe("moving over x", () => {
  const whole = { from: 0, to: 100 };
  it("pans within what there is", () => {
    expect(panned({ from: 80, to: 100 }, 0.5, whole)).toEqual({ from: 80, to: 100 });
    expect(panned({ from: 40, to: 60 }, -0.5, whole)).toEqual({ from: 30, to: 50 });
  });
  it("zooms around a point, and out to everything", () => {
    expect(scaled({ from: 0, to: 100 }, 25, 0.5, whole)).toEqual({ from: 12.5, to: 62.5 });
    expect(scaled({ from: 20, to: 80 }, 50, 2, whole)).toBeNull();
  });
});

describe("the Pareto front", () => {
  const at = (x: number, y: number) => ({ x, y });
  it("keeps what nothing beats in both", () => {
    expect(paretoFront([at(1, 1), at(2, 3), at(3, 2), at(4, 4)], "min", "max")).toEqual([at(1, 1), at(2, 3), at(4, 4)]);
  });
  it("keeps one of two at the same x", () => {
    expect(paretoFront([at(1, 1), at(1, 2)], "min", "max")).toEqual([at(1, 2)]);
  });
  it("follows each direction", () => {
    expect(paretoFront([at(1, 1), at(2, 2)], "max", "min")).toEqual([at(1, 1), at(2, 2)]);
    expect(paretoFront([at(1, 2), at(2, 1)], "max", "min")).toEqual([at(2, 1)]);
  });
});

it("ticks are round and inside", () => {
  expect(ticks(0.63, 0.97, 4)).toEqual([0.7, 0.8, 0.9]);
  expect(ticks(0, 1000, 5)).toEqual([0, 200, 400, 600, 800, 1000]);
  expect(ticks(-0.3, 0.3, 3)).toEqual([-0.2, 0, 0.2]);
});
