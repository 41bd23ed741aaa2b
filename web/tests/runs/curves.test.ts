import { describe, expect, it } from "vitest";
import {
  appendPoint,
  curveOf,
  isFolded,
  positions,
  refined,
  stepsBetween,
} from "@/runs/curves";

const START = Date.parse("2026-01-01T00:00:00Z");
const at = (seconds: number) => new Date(START + seconds * 1000).toISOString();

function point(step: number, value: number | string, more: object = {}) {
  return {
    step, value, epoch: step / 100, timestamp: at(step), attempt: 1, count: 1,
    min_step: null, min: null, max: null, first: null, last: null, nan: null, infinite: null, ...more,
  } as never;
}

function curve(...steps: number[]) {
  const points = steps.map((step) => point(step, step / 10));
  return curveOf({ name: "train/loss", points, total: steps.length });
}

describe("a curve", () => {
  it("keeps the band of a bucket, and NaN as NaN", () => {
    const read = curveOf({
      name: "loss",
      points: [point(10, 2, { count: 5, min: 1, max: 3 }), point(11, "NaN"), point(12, "Infinity")],
      total: 7,
    });
    expect(read.min).toEqual([1, Number.NaN, Number.POSITIVE_INFINITY]);
    expect(read.max[0]).toBe(3);
    expect(read.value[1]).toBeNaN();
    expect(isFolded(read)).toBe(true);
  });

  it("counts where the points have no step", () => {
    const bare = { step: null, timestamp: at(1) };
    const read = curveOf({
      name: "x",
      points: [point(0, 1, { ...bare, count: 4 }), point(0, 1, bare)],
      total: 5,
    });
    expect(read.step).toEqual([4, 5]);
  });

  it("takes a live point once", () => {
    const read = curve(1, 2, 3);
    const again = { name: "train/loss", value: 0.3, step: 3, epoch: null, timestamp: at(3) };
    const next = { name: "train/loss", value: 0.4, step: 4, epoch: null, timestamp: null };
    expect(appendPoint(read, again, 1, at(3))).toBe(true);
    expect(read.step).toEqual([1, 2, 3]);
    expect(appendPoint(read, next, 1, at(4))).toBe(true);
    expect(read.step).toEqual([1, 2, 3, 4]);
    expect(read.time.at(-1)).toBe(START + 4000);
  });

  it("says when a later attempt went back", () => {
    const read = curve(1, 2, 3);
    const back = { name: "train/loss", value: 9, step: 2, epoch: null, timestamp: at(100) };
    expect(appendPoint(read, back, 2, at(100))).toBe(false);
    expect(read.step).toEqual([1, 2, 3]);
  });

  it("leaves out what an attempt before sends late", () => {
    const read = curve(1, 2);
    read.attempt = 2;
    const late = { name: "train/loss", value: 9, step: 9, epoch: null, timestamp: at(200) };
    expect(appendPoint(read, late, 1, at(200))).toBe(true);
    expect(read.step).toEqual([1, 2]);
  });
});

describe("a closer look", () => {
  it("replaces the points of a range, and no others", () => {
    const whole = curve(10, 20, 30, 40, 50);
    const fine = curve(20, 22, 24, 26, 28, 30);
    const read = refined(whole, fine, { from: 20, to: 30 });
    expect(read.step).toEqual([10, 20, 22, 24, 26, 28, 30, 40, 50]);
    expect(read.value).toHaveLength(9);
  });

  it("finds the steps of what another axis shows", () => {
    const read = curve(10, 20, 30, 40);
    expect(stepsBetween([read], "step", START, { from: 10.4, to: 29.2 })).toEqual({ from: 10, to: 30 });
    expect(stepsBetween([read], "epoch", START, { from: 0.15, to: 0.32 })).toEqual({ from: 20, to: 30 });
    expect(stepsBetween([read], "elapsed", START, { from: 5, to: 35 })).toEqual({ from: 10, to: 30 });
    expect(stepsBetween([read], "elapsed", START, { from: 900, to: 950 })).toBeNull();
  });

  it("places points on each axis", () => {
    const read = curve(10, 20);
    expect(positions(read, "step", START)).toEqual([10, 20]);
    expect(positions(read, "epoch", START)).toEqual([0.1, 0.2]);
    expect(positions(read, "elapsed", START)).toEqual([10, 20]);
    expect(positions(read, "time", START)).toEqual([START / 1000 + 10, START / 1000 + 20]);
  });
});
