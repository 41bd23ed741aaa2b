/** The machine's vitals of the last minutes, as the dashboard's stream brings them. */

import { shallowRef } from "vue";
import type { Dashboard } from "@/api/types";

const MOST = 240;

export interface VitalsSample {
  cpu: number;
  memory: number;
  /** Of each GPU, percent. */
  gpus: (number | null)[];
}

/** Keeps the newest samples; `take` adds that of a dashboard. */
export function useVitalsHistory() {
  const samples = shallowRef<readonly VitalsSample[]>([]);

  function take({ vitals }: Dashboard): void {
    const sample = {
      cpu: vitals.cpu_percent,
      memory: vitals.memory_percent,
      gpus: vitals.gpus.map((gpu) => gpu.utilization ?? null),
    };
    samples.value = [...samples.value, sample].slice(-MOST);
  }

  return { samples, take };
}
