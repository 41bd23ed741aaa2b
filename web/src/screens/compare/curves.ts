/** The curves of several runs, metric by metric. */

import { shallowRef, watch, type Ref } from "vue";
import { answer, api } from "@/api/client";
import { asFault, type ApiFault } from "@/api/errors";
import { curveOf, positions, type Curve, type XAxis } from "@/runs/curves";
import { HUES } from "@/charts/palette";
import type { LineSeries } from "@/charts/series";

const BUCKETS = 500;

export interface RunCurves {
  id: string;
  name: string;
  curves: Map<string, Curve>;
}

async function read(id: string, name: string, signal: AbortSignal): Promise<RunCurves> {
  const params = { path: { run_id: id }, query: { buckets: BUCKETS, limit: 100_000 } };
  const found = await answer(api.GET("/runs/{run_id}/metrics", { params, signal }));
  return { id, name, curves: new Map(found.series.map((series) => [series.name, curveOf(series)])) };
}

/** The curves of all runs that are compared. */
export function useRunCurves(runs: Readonly<Ref<readonly { id: string; name: string }[]>>) {
  const loaded = shallowRef<readonly RunCurves[]>([]);
  const fault = shallowRef<ApiFault | null>(null);
  let asking: AbortController | null = null;

  watch(
    runs,
    async (wanted) => {
      asking?.abort();
      const mine = new AbortController();
      asking = mine;
      try {
        loaded.value = await Promise.all(wanted.map(({ id, name }) => read(id, name, mine.signal)));
        fault.value = null;
      } catch (error) {
        const found = asFault(error);
        if (!found.isAborted) fault.value = found;
      }
    },
    { immediate: true },
  );

  return { loaded, fault };
}

/** Metrics that some run has, those that most of them have first. */
export function sharedNames(runs: readonly RunCurves[]): string[] {
  const counts = new Map<string, number>();
  for (const { curves } of runs) {
    for (const name of curves.keys()) counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts].toSorted((one, other) => other[1] - one[1] || one[0].localeCompare(other[0])).map(([name]) => name);
}

/** One metric of all runs, a line each, in the order they are compared in; once the colours are used up, dashed. */
export function seriesOf(runs: readonly RunCurves[], name: string, axis: XAxis): LineSeries[] {
  return runs.flatMap((run, place) => {
    const curve = run.curves.get(name);
    if (!curve) return [];
    const start = curve.time[0] ?? 0;
    return {
      id: run.id,
      label: run.name,
      hue: (place % HUES) + 1,
      dashed: place >= HUES,
      x: positions(curve, axis, start),
      y: curve.value,
    };
  });
}
