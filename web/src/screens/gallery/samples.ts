import type { LogLine } from "@/ui/log";
import { runStatuses, type RunStatus } from "@/ui/status";

export interface SampleRun {
  id: string;
  name: string;
  status: RunStatus;
  dataset: string;
  accuracy: number | null;
  seconds: number;
  created: string;
  trend: number[];
}

/** The same numbers on every visit, so that two looks at the gallery can be compared. */
export function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
}

const models = ["resnet50", "vit-base", "yolo11n", "lenet5", "convnext-tiny", "qwen2.5-0.5b"];
const datasets = ["cifar10", "mnist", "digits", "fashion_mnist"];

export function sampleRuns(count: number): SampleRun[] {
  const next = chance(7);
  const pick = <Item>(items: readonly Item[], fallback: Item): Item =>
    items[Math.floor(next() * items.length)] ?? fallback;
  const start = Date.now();
  return Array.from({ length: count }, (_, at) => {
    const status = pick(runStatuses, "completed");
    const dataset = pick(datasets, "digits");
    return {
      id: `run_${at}`,
      name: `${pick(models, "lenet5")}-${dataset}-${at + 1}`,
      status,
      dataset,
      accuracy: status === "queued" || status === "created" ? null : 0.6 + next() * 0.39,
      seconds: Math.floor(next() * 40_000),
      created: new Date(start - at * 1_100_000).toISOString(),
      trend: Array.from({ length: 16 }, (_point, step) => 1 - Math.exp(-step / 5) + next() * 0.2),
    };
  });
}

/** A wandering curve that falls to a floor. */
export function sampleCurve(points: number, seed: number, floor: number, noise = 0.12) {
  const next = chance(seed);
  const x = Float64Array.from({ length: points }, (_, at) => at * 10);
  const y = Float64Array.from({ length: points }, (_, at) => {
    const fall = floor + 2.2 * Math.exp((-4 * at) / points);
    return fall * (1 + (next() - 0.5) * noise);
  });
  return { x, y };
}

const ESC = "\u001B[";

export function sampleLine(index: number): LogLine {
  const clock = new Date(Date.UTC(2026, 0, 1) + index * 400).toISOString().slice(11, 23);
  if (index % 97 === 96) {
    return { level: "error", text: `${clock} ${ESC}1;31mERROR${ESC}0m cuda out of memory: tried to allocate 1.20 GiB` };
  }
  if (index % 23 === 22) {
    return { level: "warning", text: `${clock} ${ESC}33mWARN${ESC}0m  loader waited ${index % 400} ms for a batch` };
  }
  const loss = (2.3 * Math.exp(-index / 30_000) + 0.1).toFixed(4);
  return {
    level: "info",
    text: `${clock} ${ESC}32mINFO${ESC}0m  step ${ESC}36m${index}${ESC}0m train/loss=${ESC}1m${loss}${ESC}0m lr=${ESC}2m3e-4${ESC}0m`,
  };
}
