import { useStorage } from "@vueuse/core";
import type { XAxis } from "@/runs/curves";

/** How charts are looked at, kept for the next run one opens. */
export function useChartLook() {
  return {
    smoothing: useStorage("trainwright.charts.smoothing", 0),
    logScale: useStorage("trainwright.charts.log", false),
    xAxis: useStorage<XAxis>("trainwright.charts.x", "step"),
  };
}
