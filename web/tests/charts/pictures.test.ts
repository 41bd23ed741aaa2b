import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { nextTick, shallowRef } from "vue";
import BarList from "@/charts/BarList.vue";
import ChartLegend from "@/charts/ChartLegend.vue";
import ConfusionMatrix from "@/charts/ConfusionMatrix.vue";
import { joinGroup, type XRange } from "@/charts/group";
import Sparkline from "@/charts/Sparkline.vue";
import type { LineSeries } from "@/charts/series";
import { useLivePoints } from "@/charts/useLivePoints";
import { mounted } from "../ui/mounting";

describe("ConfusionMatrix", () => {
  const matrix = { matrix: [[8, 2], [0, 0]], classes: ["cat", "dog"], label: "Confusion", selectable: true };
  it("is a table that says rows, columns and counts", () => {
    const part = mounted(ConfusionMatrix, { props: matrix });
    expect(part.find("table").attributes("aria-label")).toBe("Confusion");
    expect(part.find("td button").attributes("aria-label")).toBe("cat → cat: 8");
  });
  it("shows shares of each true class, and no NaN for a class nobody saw", async () => {
    const part = mounted(ConfusionMatrix, { props: { ...matrix, normalised: true } });
    expect(part.findAll("td button").map((cell) => cell.text())).toEqual(["80%", "20%", "0%", "0%"]);
  });
  it("tells which cell was picked", async () => {
    const part = mounted(ConfusionMatrix, { props: matrix });
    await part.findAll("td button")[1]?.trigger("click");
    expect(part.emitted("select")).toEqual([[{ actual: 0, predicted: 1 }]]);
  });
});

describe("Sparkline", () => {
  it("lifts the pen over a gap", () => {
    const path = mounted(Sparkline, { props: { values: [1, 2, null, 3], label: "loss" } }).find("path").attributes("d") ?? "";
    expect(path.match(/M/g)).toHaveLength(2);
  });
  it("draws nothing of nothing, and one value as a dot", () => {
    expect(mounted(Sparkline, { props: { values: [], label: "x" } }).find("circle").exists()).toBe(false);
    const dot = mounted(Sparkline, { props: { values: [5], label: "x" } });
    expect(dot.find("circle").exists()).toBe(true);
    expect(dot.html()).not.toContain("NaN");
  });
  it("ends at the last value however many there are", () => {
    const values = Array.from({ length: 5000 }, (_, at) => at);
    const part = mounted(Sparkline, { props: { values, label: "x", width: 100, height: 20 } });
    expect(part.find("circle").attributes("cy")).toBe("2");
    expect(part.find("path").attributes("d")?.length).toBeLessThan(3000);
  });
});

it("BarList keeps bars within their track", () => {
  const part = mounted(BarList, { props: { label: "x", max: 1, items: [{ id: "a", label: "a", value: 1.4 }, { id: "b", label: "b", value: -1 }] } });
  expect(part.findAll("[style]").map((bar) => bar.attributes("style"))).toEqual(["width: 100%;", "width: 0%;"]);
});

it("a legend's button says whether its series is shown, and Shift asks for it alone", async () => {
  const series = [{ id: "a", label: "a", color: "red", hidden: true }];
  const part = mounted(ChartLegend, { props: { series, readings: [{ id: "a", text: "0.5" }] } });
  expect(part.find("button").attributes("aria-pressed")).toBe("false");
  expect(part.text()).toContain("0.5");
  await part.find("button").trigger("click", { shiftKey: true });
  expect(part.emitted("toggle")).toEqual([["a", true]]);
});

it("charts of a group tell each other, not themselves, and no one after they left", () => {
  const heard: [string, XRange | null][] = [];
  const one = joinGroup("g", (range) => heard.push(["one", range]));
  const two = joinGroup("g", (range) => heard.push(["two", range]));
  one.tell({ from: 1, to: 2 });
  two.leave();
  one.tell(null);
  expect(heard).toEqual([["two", { from: 1, to: 2 }]]);
});

describe("live points", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const base: LineSeries = { id: "a", label: "a", x: [0, 1], y: [5, 4] };

  it("are joined once for many, without repeats", () => {
    const { all, append } = useLivePoints(() => [base]);
    append("a", 1, 9);
    append("a", 2, 3);
    append("a", 2, 3);
    append("a", 3, 2);
    expect(all.value[0]?.x).toHaveLength(2);
    vi.advanceTimersByTime(60);
    expect([...(all.value[0]?.x ?? [])]).toEqual([0, 1, 2, 3]);
    expect([...(all.value[0]?.y ?? [])]).toEqual([5, 4, 3, 2]);
  });
  it("give way to the owner's new series", async () => {
    const own = shallowRef([base]);
    const { all, append } = useLivePoints(() => own.value);
    append("a", 2, 3);
    own.value = [{ ...base, x: [0, 1, 2], y: [5, 4, 3] }];
    await nextTick();
    vi.advanceTimersByTime(60);
    expect(all.value[0]?.x).toHaveLength(3);
  });
  it("do not gather for ever", () => {
    const { all, append } = useLivePoints(() => [base]);
    for (let x = 2; x < 50_000; x += 1) append("a", x, x);
    vi.advanceTimersByTime(60);
    const length = all.value[0]?.x.length ?? 0;
    expect(length).toBeLessThan(4100);
    expect(all.value[0]?.x.at(-1)).toBe(49_999);
  });
});
