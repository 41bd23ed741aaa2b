/** What a run uses of its machine: read folded, appended to live. */

import { useThrottleFn } from "@vueuse/core";
import { ref } from "vue";
import { useAnswer } from "@/api/answers";
import { answer, api } from "@/api/client";
import type { Schema } from "@/api/types";
import { useRun } from "./useRun";

export interface Usage {
  /** Seconds since 1970. */
  at: number;
  cpu: number;
  memory: number;
  hostCpu: number | null;
  hostMemory: number | null;
  gpu: number | null;
  gpuMemory: number | null;
}

const POINTS = 600;
const DRAWN_MS = 1000;

export function useVitals() {
  const { run, onEvents } = useRun();
  const version = ref(0);
  let usages: Usage[] = [];
  const draw = useThrottleFn(() => (version.value += 1), DRAWN_MS, true);

  const { fault, isLoading, reload } = useAnswer(async (signal) => {
    const params = { path: { run_id: run.value.id }, query: { points: POINTS } };
    const { points } = await answer(api.GET("/monitoring/{run_id}/resources", { params, signal }));
    const read = points.map(usageOf);
    const last = read.at(-1)?.at ?? 0;
    usages = [...read, ...usages.filter(({ at }) => at > last)];
    version.value += 1;
  });

  onEvents((events) => {
    for (const event of events) {
      if (event.type !== "vitals") continue;
      const next = liveUsage(event.timestamp, event.data);
      if (next.at > (usages.at(-1)?.at ?? 0)) usages.push(next);
      void draw();
    }
  });

  return {
    fault,
    isLoading,
    reload,
    version,
    usages: () => usages,
  };
}

function usageOf(point: Schema<"ResourcePoint">): Usage {
  return {
    at: Date.parse(point.at) / 1000,
    cpu: point.cpu_percent,
    memory: point.memory_gb,
    hostCpu: point.host_cpu_percent,
    hostMemory: point.host_memory_percent,
    gpu: point.gpu_percent,
    gpuMemory: point.gpu_memory_gb,
  };
}

/** One sample, folded over its GPUs as the server does. */
function liveUsage(timestamp: string, vitals: Schema<"Vitals">): Usage {
  const busy = vitals.gpus.flatMap((gpu) => (gpu.utilization === null ? [] : [Number(gpu.utilization)]));
  const held = vitals.gpus.flatMap((gpu) => (gpu.memory_used_gb === null ? [] : [Number(gpu.memory_used_gb)]));
  return {
    at: Date.parse(timestamp) / 1000,
    cpu: vitals.cpu_percent,
    memory: vitals.memory_gb,
    hostCpu: vitals.host_cpu_percent,
    hostMemory: vitals.host_memory_percent,
    gpu: busy.length > 0 ? busy.reduce((sum, one) => sum + one, 0) / busy.length : null,
    gpuMemory: held.length > 0 ? Math.max(...held) : null,
  };
}
