import { describe, expect, it } from "vitest";
import { chartsOf, colourIndex, headlines, mainMetric, sectionsOf } from "@/runs/charts";
import { betterOf, sectionOf, splitOf, stemOf } from "@/runs/metric-names";

describe("a metric's name", () => {
  it.each([
    ["val/loss", "min"], ["train/f1_macro", "max"], ["val/map50_95", "max"], ["top5", "max"],
    ["actor/kl", "min"], ["val/loss_of/accuracy", "max"], ["lr", null], ["train/grad_norm", null],
    ["Val/Accuracy", "max"], ["rewards/chosen", "max"], ["perplexity", "min"],
  ])("%s is best at %s", (name, better) => expect(betterOf(name)).toBe(better));

  it("is split only where it has one", () => {
    expect([splitOf("train/loss"), stemOf("train/loss")]).toEqual(["train", "loss"]);
    expect([splitOf("actor/kl"), stemOf("actor/kl")]).toEqual([null, "actor/kl"]);
    expect([splitOf("lr"), stemOf("lr")]).toEqual([null, "lr"]);
    expect(stemOf("val/box/loss")).toBe("box/loss");
  });

  it("says where its chart stands", () => {
    expect(sectionOf("lr", false)).toBe("optimisation");
    expect(sectionOf("grad_norm", true)).toBe("optimisation");
    expect(sectionOf("samples_per_second", true)).toBe("speed");
    expect(sectionOf("loss", true)).toBe("measured");
    expect(sectionOf("actor/foo", false)).toBe("other");
  });
});

describe("charts", () => {
  const names = ["val/loss", "lr", "train/loss", "test/accuracy", "val/accuracy", "train/samples_per_second"];

  it("overlay the splits of a metric, losses first", () => {
    expect(chartsOf(names).map(({ id }) => id)).toEqual(["loss", "accuracy", "lr", "samples_per_second"]);
    expect(chartsOf(names)[0]?.names).toEqual(["train/loss", "val/loss"]);
  });

  it("stand under headings that hold some", () => {
    expect(sectionsOf(chartsOf(names)).map(({ section }) => section)).toEqual(["measured", "optimisation", "speed"]);
  });

  it("give a split one colour everywhere", () => {
    expect(colourIndex("val/loss", 0)).toBe(1);
    expect(colourIndex("train/loss", 5)).toBe(0);
    expect(colourIndex("lr", 3)).toBe(3);
  });

  it("are headed by what is measured on held-out data", () => {
    expect(headlines(names, 2)).toEqual(["val/loss", "val/accuracy"]);
    expect(headlines(["foo"], 2)).toEqual(["foo"]);
  });

  it.each([
    [{ "val/loss": 1, "train/accuracy": 0.9, "val/accuracy": 0.8, lr: 1 }, "val/accuracy"],
    [{ "train/accuracy": 0.9, "val/loss": 1 }, "val/loss"],
    [{ lr: 1, "train/loss": 2 }, "train/loss"],
    [{ lr: 1 }, null],
    [{}, null],
  ])("of %j the table shows %s", (metrics, name) => {
    expect(mainMetric(metrics)?.[0] ?? null).toBe(name);
  });
});
