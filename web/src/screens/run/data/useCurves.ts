/** All curves of a run: folded by the server, appended to live, refined where one zooms in. */

import { useThrottleFn } from "@vueuse/core";
import { onScopeDispose, ref, shallowRef, watch } from "vue";
import { asFault, type ApiFault } from "@/api/errors";
import type { RunEvent, Schema } from "@/api/types";
import { appendPoint, curveOf, emptyCurve, isFolded, refined, type Curve, type StepRange } from "@/runs/curves";
import { curvesAhead, stateOf, WHOLE } from "./ahead";
import { useRun } from "./useRun";

/** So many live points later the whole is folded anew. */
const MOST_APPENDED = 20_000;
/** New points are handed to the charts together. */
const DRAWN_MS = 200;

export function useCurves() {
  const { run, source, onEvents } = useRun();
  const version = ref(0);
  const fault = shallowRef<ApiFault | null>(null);
  const isLoading = ref(true);
  const isRefining = ref(false);
  /** Of one attempt alone, what a later one has done again included; null is the run as it counts. */
  const attempt = ref<number | null>(null);
  let curves = new Map<string, Curve>();
  let fine = new Map<string, { curve: Curve; range: StepRange }>();
  /** What comes while the curves are read: some of it is in the answer, some is not. */
  let held: RunEvent[] = [];
  let appended = 0;
  let asking: AbortController | null = null;
  let closer: AbortController | null = null;

  const draw = useThrottleFn(() => (version.value += 1), DRAWN_MS, true);

  async function reload(): Promise<void> {
    asking?.abort();
    const mine = new AbortController();
    asking = mine;
    held = [];
    try {
      const ahead = attempt.value === null ? curvesAhead.take(stateOf(run.value)) : null;
      const found = await read({}, mine.signal, ahead);
      if (asking !== mine) return;
      asking = null;
      curves = found;
      fine = new Map();
      appended = 0;
      fault.value = null;
      take(held);
      held = [];
      version.value += 1;
    } catch (error) {
      if (asking !== mine) return;
      asking = null;
      const found = asFault(error);
      if (!found.isAborted) fault.value = found;
    } finally {
      if (!asking) isLoading.value = false;
    }
  }

  /** Reads a range of steps closer; null is the whole, as it was. */
  async function refine(range: StepRange | null): Promise<void> {
    closer?.abort();
    closer = null;
    isRefining.value = false;
    if (!range) {
      fine = new Map();
      version.value += 1;
      return;
    }
    if (![...curves.values()].some(isFolded)) return;
    const mine = new AbortController();
    closer = mine;
    isRefining.value = true;
    try {
      const found = await read({ from_step: range.from, to_step: range.to }, mine.signal);
      if (closer !== mine) return;
      fine = new Map([...found].map(([name, curve]) => [name, { curve, range }]));
      version.value += 1;
    } catch (error) {
      const problem = asFault(error);
      if (closer === mine && !problem.isAborted) fault.value = problem;
    } finally {
      if (closer === mine) isRefining.value = false;
    }
  }

  async function read(
    steps: { from_step?: number; to_step?: number },
    signal: AbortSignal,
    first: Promise<Schema<"MetricsView">> | null = null,
  ): Promise<Map<string, Curve>> {
    const found = new Map<string, Curve>();
    let cursor: string | undefined;
    let begun = first;
    do {
      const query = {
        ...WHOLE,
        ...steps,
        ...(cursor ? { cursor } : {}),
        ...(attempt.value === null ? {} : { attempt: attempt.value }),
      };
      // oxlint-disable-next-line no-await-in-loop -- one page names the next
      const page = await (begun ?? source.metrics(run.value.id, query, signal));
      begun = null;
      for (const series of page.series) {
        const curve = curveOf(series);
        const before = found.get(curve.name);
        found.set(curve.name, before ? refined(before, curve, { from: curve.step[0] ?? 0, to: curve.step.at(-1) ?? 0 }) : curve);
      }
      cursor = page.next_cursor ?? undefined;
    } while (cursor);
    return found;
  }

  function take(events: readonly RunEvent[]): void {
    let isBehind = false;
    for (const event of events) {
      if (event.type !== "metrics" || (attempt.value !== null && event.attempt !== attempt.value)) continue;
      for (const point of event.data.points) {
        const curve = curves.get(point.name) ?? emptyCurve(point.name);
        curves.set(point.name, curve);
        isBehind ||= !appendPoint(curve, point, event.attempt, event.timestamp);
        appended += 1;
      }
    }
    if (isBehind || appended > MOST_APPENDED) void reload();
  }

  onEvents((events) => {
    if (!events.some((event) => event.type === "metrics")) return;
    if (asking) held.push(...events);
    else {
      take(events);
      void draw();
    }
  });
  onScopeDispose(() => {
    asking?.abort();
    closer?.abort();
  });
  void reload();
  watch(attempt, () => void reload());

  /** A curve as it is known best; asked anew when `version` changes. */
  function curveNow(name: string): Curve {
    const whole = curves.get(name) ?? emptyCurve(name);
    const part = fine.get(name);
    return part ? refined(whole, part.curve, part.range) : whole;
  }

  return {
    version,
    names: () => [...curves.keys()],
    all: (): ReadonlyMap<string, Curve> => curves,
    curve: curveNow,
    fault,
    isLoading,
    isRefining,
    attempt,
    reload,
    refine,
  };
}
