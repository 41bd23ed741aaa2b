import { useThrottleFn } from "@vueuse/core";
import { shallowRef, watch } from "vue";
import type { LineSeries } from "@/charts/series";

interface Tail {
  x: number[];
  y: number[];
}

/** The eye follows no more than this; between, points only gather. */
const PATIENCE = 50;
/** A tail longer than this loses every other point of its older half. */
const MOST = 4000;

function joined(one: LineSeries, tail: Tail | undefined): LineSeries {
  if (!tail || tail.x.length === 0) return one;
  const extend = (values: LineSeries["x"] | LineSeries["y"], more: number[]) => {
    const all = new Float64Array(one.x.length + more.length);
    for (let at = 0; at < one.x.length; at += 1) all[at] = values[at] ?? Number.NaN;
    all.set(more, one.x.length);
    return all;
  };
  const band = one.min && one.max && { min: extend(one.min, tail.y), max: extend(one.max, tail.y) };
  return { ...one, x: extend(one.x, tail.x), y: extend(one.y, tail.y), ...band };
}

function thin(values: number[]): number[] {
  const half = values.length / 2;
  return values.filter((_, at) => at >= half || at % 2 === 0);
}

/** Points that came since the owner handed over its series; new series make them old. */
export function useLivePoints(series: () => readonly LineSeries[]) {
  const tails = new Map<string, Tail>();
  const all = shallowRef(series());

  watch(series, (next) => {
    tails.clear();
    all.value = next;
  });

  const flush = useThrottleFn(
    () => {
      if (tails.size > 0) all.value = series().map((one) => joined(one, tails.get(one.id)));
    },
    PATIENCE,
    true,
    false,
  );

  function append(id: string, x: number, y: number) {
    const tail = tails.get(id) ?? { x: [], y: [] };
    const own = series().find((one) => one.id === id)?.x;
    // A point sent again, or one the series already has, is not drawn twice.
    if (x <= (tail.x.at(-1) ?? own?.at(-1) ?? -Infinity)) return;
    tail.x.push(x);
    tail.y.push(y);
    if (tail.x.length > MOST) Object.assign(tail, { x: thin(tail.x), y: thin(tail.y) });
    tails.set(id, tail);
    void flush();
  }

  return { all, append };
}
