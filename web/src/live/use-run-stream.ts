import { onScopeDispose, toValue, watch, type MaybeRefOrGetter } from "vue";
import { useConnection } from "@/live/connection";
import { RunStream, type RunStreamOptions } from "@/live/run-stream";

/**
 * The events of a run as they come, as long as the component lives.
 *
 * Starts when `after` is known (not undefined) and anew when `runId` changes: load the run, show
 * it, and pass its `last_seq`.
 */
export function useRunStream(
  runId: MaybeRefOrGetter<string>,
  after: MaybeRefOrGetter<number | undefined>,
  options: Omit<RunStreamOptions, "after">,
): void {
  const { makeLink } = useConnection();
  let stream: RunStream | null = null;

  function end(): void {
    stream?.close();
    stream = null;
  }

  watch(
    // two sources: an array made by one would be another each time that `after` moves on
    [() => toValue(runId), () => toValue(after) !== undefined],
    ([id, isKnown]) => {
      end();
      if (!isKnown) return;
      stream = new RunStream(id, { ...options, after: toValue(after) ?? 0 }, makeLink);
      stream.open();
    },
    { immediate: true },
  );
  onScopeDispose(end);
}
