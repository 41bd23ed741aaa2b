import { describe, expect, it } from "vitest";
import { emptyCurve } from "@/runs/curves";
import { seriesOf } from "@/screens/compare/curves";

describe("lines of many runs", () => {
  it("look each like no other: those that come after the colours are dashed", () => {
    const runs = Array.from({ length: 20 }, (_, place) => ({
      id: `r${place}`,
      name: `run ${place}`,
      curves: new Map([["val/loss", emptyCurve("val/loss")]]),
    }));
    const looks = seriesOf(runs, "val/loss", "step").map(({ hue, dashed }) => `${hue} ${dashed}`);
    expect(new Set(looks).size).toBe(20);
  });
});
