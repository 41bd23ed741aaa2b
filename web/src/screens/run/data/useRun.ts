/** The run a page is about: loaded once, then kept up to date by its stream. */

import { inject, onScopeDispose, provide, shallowRef, type InjectionKey, type ShallowRef } from "vue";
import { useDebounceFn, useThrottleFn } from "@vueuse/core";
import { useAnswer } from "@/api/answers";
import type { RunDetail, RunEvent } from "@/api/types";
import { useRunStream } from "@/live/use-run-stream";
import { needsReload, withEvent } from "@/runs/run-state";
import { ownSource, type RunSource } from "./source";

type Listener = (events: readonly RunEvent[]) => void;

interface RunContext {
  run: ShallowRef<RunDetail>;
  source: RunSource;
  /** Takes the run as a request answered it. */
  take: (run: RunDetail) => void;
  listeners: Set<Listener>;
}

const contextKey: InjectionKey<RunContext> = Symbol("run");

/** Progress is shown no more often than it can be read. */
const SHOWN_MS = 200;
/** Several changes of status that come together are asked for once. */
const SETTLED_MS = 250;

/** Loads a run by id or name, follows its stream, and gives it to all parts of the page. */
export function provideRun(ref: string, source: RunSource = ownSource(ref)) {
  const run = shallowRef<RunDetail>();
  const isGone = shallowRef(false);
  const listeners = new Set<Listener>();
  let latest: RunDetail | undefined;

  const { fault, isLoading, reload } = useAnswer(async (signal) => {
    take(await source.run(signal));
  });
  const reloadSoon = useDebounceFn(reload, SETTLED_MS);
  const show = useThrottleFn(() => (run.value = latest), SHOWN_MS, true);

  function take(next: RunDetail): void {
    const old = latest;
    // what came while it was asked for is newer than the answer
    const isOlder = old !== undefined && old.last_seq > next.last_seq;
    latest = isOlder
      ? { ...next, last_seq: old.last_seq, progress: old.progress, metrics: { ...next.metrics, ...old.metrics } }
      : // only one run by itself says where it came from
        { ...next, origin: Object.keys(next.origin).length > 0 ? next.origin : (old?.origin ?? {}) };
    run.value = latest;
  }

  function hear(events: readonly RunEvent[]): void {
    for (const event of events) if (latest) latest = withEvent(latest, event);
    if (events.some(needsReload)) {
      run.value = latest;
      void reloadSoon();
    } else {
      void show();
    }
    for (const listen of listeners) listen(events);
  }

  useRunStream(
    () => run.value?.id ?? ref,
    () => run.value?.last_seq,
    { place: source.place(ref), onEvents: hear, onGone: () => (isGone.value = true) },
  );
  // parts are only made when the run is there
  provide(contextKey, { run: run as ShallowRef<RunDetail>, source, take, listeners });

  const onEvents = (listen: Listener) => void listeners.add(listen);
  return { run, fault, isLoading, isGone, reload, onEvents };
}

/** The run of the page. */
export function useRun() {
  const context = inject(contextKey);
  if (!context) throw new Error("useRun: no page provides a run");

  /** Hears of the run's events as long as the component lives. */
  function onEvents(listen: Listener): void {
    context?.listeners.add(listen);
    onScopeDispose(() => context?.listeners.delete(listen));
  }

  return { run: context.run, source: context.source, take: context.take, onEvents };
}
