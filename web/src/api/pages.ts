/** Lists that come page by page. */

import { computed, onScopeDispose, ref, shallowRef } from "vue";
import { ApiFault, asFault } from "@/api/errors";
import type { Page } from "@/api/types";

/** Asks for the page that `cursor` names; without one for the first. */
export type FetchPage<T> = (cursor: string | undefined, signal: AbortSignal) => Promise<Page<T>>;

/** Every item of a list, pages asked for as they are needed. */
export async function* allOf<T>(
  fetchPage: FetchPage<T>,
  signal: AbortSignal = new AbortController().signal,
): AsyncGenerator<T, void> {
  let cursor: string | undefined;
  do {
    // one page names the next: they cannot be asked for together
    // oxlint-disable-next-line no-await-in-loop
    const page: Page<T> = await fetchPage(cursor, signal);
    yield* page.items;
    cursor = page.next_cursor ?? undefined;
  } while (cursor !== undefined);
}

/**
 * A list that grows by pages: `reload()` starts anew, `more()` appends the next page.
 *
 * While it is loaded anew the old items stay; an answer that was overtaken is dropped.
 */
export function usePages<T>(fetchPage: FetchPage<T>) {
  const items = shallowRef<T[]>([]);
  const total = ref<number | null>(null);
  const fault = shallowRef<ApiFault | null>(null);
  const isLoading = ref(false);
  const isLoaded = ref(false);
  const cursor = ref<string | undefined>();
  let asking: AbortController | null = null;

  async function ask(from: string | undefined): Promise<void> {
    asking?.abort();
    const mine = new AbortController();
    asking = mine;
    isLoading.value = true;
    try {
      const page = await fetchPage(from, mine.signal);
      if (asking !== mine) return;
      items.value = from === undefined ? page.items : [...items.value, ...page.items];
      cursor.value = page.next_cursor ?? undefined;
      total.value = page.total;
      fault.value = null;
      isLoaded.value = true;
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

  onScopeDispose(() => asking?.abort());

  return {
    items,
    total,
    fault,
    isLoading,
    isLoaded,
    hasMore: computed(() => cursor.value !== undefined),
    reload: () => ask(undefined),
    more: async () => {
      if (cursor.value !== undefined && !isLoading.value) await ask(cursor.value);
    },
  };
}
