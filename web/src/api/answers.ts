/** One answer of the API as the state of a view. */

import { onScopeDispose, ref, shallowRef, watch, type WatchSource } from "vue";
import { ApiFault, asFault } from "@/api/errors";

interface Options<T> {
  /** Asks again whenever one of these changes. */
  on?: WatchSource | WatchSource[];
  /** Shown until the first answer. */
  initial?: T;
  /** Ask at once; otherwise at the first `reload`. */
  immediate?: boolean;
}

/**
 * What `ask` answers, with the states a view shows while it waits and when it fails.
 *
 * While it is asked again the old data stays; an answer that was overtaken is dropped.
 */
export function useAnswer<T>(ask: (signal: AbortSignal) => Promise<T>, options: Options<T> = {}) {
  const data = shallowRef<T | undefined>(options.initial);
  const fault = shallowRef<ApiFault | null>(null);
  const isLoading = ref(false);
  let asking: AbortController | null = null;

  async function reload(): Promise<void> {
    asking?.abort();
    const mine = new AbortController();
    asking = mine;
    isLoading.value = true;
    try {
      const found = await ask(mine.signal);
      if (asking !== mine) return;
      data.value = found;
      fault.value = null;
    } catch (error) {
      const found = asFault(error);
      if (asking === mine && !found.isAborted) fault.value = found;
    } finally {
      if (asking === mine) {
        asking = null;
        isLoading.value = false;
      }
    }
  }

  if (options.on) watch(options.on, reload);
  if (options.immediate !== false) void reload();
  onScopeDispose(() => asking?.abort());

  return { data, fault, isLoading, reload };
}

/**
 * Something a person does, such as stopping a run: busy while it lasts, its fault kept.
 *
 * `run` answers undefined where it failed; a second call while one lasts is ignored.
 */
export function useAction<Args extends unknown[], T>(act: (...args: Args) => Promise<T>) {
  const fault = shallowRef<ApiFault | null>(null);
  const isBusy = ref(false);

  async function run(...args: Args): Promise<T | undefined> {
    if (isBusy.value) return undefined;
    isBusy.value = true;
    fault.value = null;
    try {
      return await act(...args);
    } catch (error) {
      const found = asFault(error);
      if (!found.isAborted) fault.value = found;
      return undefined;
    } finally {
      isBusy.value = false;
    }
  }

  return { run, fault, isBusy };
}
