import { describe, expect, it } from "vitest";
import { axesOf, axisBetter, bestOf, csvOf, valueOn, type Comparison } from "@/screens/compare/table";

const comparison = {
  runs: [
    { id: "a", name: '=cmd("x"), one', model: "m", dataset: null, status: "completed" },
    { id: "b", name: "two", model: "m", dataset: null, status: "failed" },
  ],
  settings: { epochs: [5, 9], optimizer: ["adam", null] },
  metrics: { "val/loss": [0.2, 0.4], "val/accuracy": [0.9, null] },
  provenance: {},
} as Comparison;

describe("the best of a metric", () => {
  it.each([
    [[0.2, 0.4], "min", [0]],
    [[0.2, 0.4, 0.4], "max", [1, 2]],
    [[0.4, 0.4], "max", []],
    [[0.4, null], "max", []],
    [[1, 2], null, []],
    [[Number.NaN, 2, 3], "min", [1]],
  ] as const)("of %j, %s is better: %j", (values, better, best) => {
    expect([...bestOf(values, better)]).toEqual(best);
  });
});

describe("axes", () => {
  it("are metrics and settings that are numbers", () => {
    expect(axesOf(comparison)).toEqual(["val/loss", "val/accuracy", "epochs"]);
    expect(valueOn(comparison, "epochs", 1)).toBe(9);
    expect(valueOn(comparison, "val/accuracy", 1)).toBeNull();
    expect(axisBetter(comparison, "val/loss")).toBe("min");
    expect(axisBetter(comparison, "epochs")).toBeUndefined();
  });
});

describe("the saved table", () => {
  it("is quoted, and nothing in it is a formula", () => {
    const [head, , , epochs] = csvOf(comparison).split("\r\n");
    expect(head).toBe(',"\'=cmd(""x""), one",two');
    expect(epochs).toBe("epochs,5,9");
  });
});
