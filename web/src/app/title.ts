/** What the tab is called. */

import { onScopeDispose, shallowRef, toValue, watchEffect, type MaybeRefOrGetter } from "vue";

/** The title a screen gave itself; null where that of its route stands. */
export const screenTitle = shallowRef<string | null>(null);

/** Calls the page what it shows (a run's name), as long as the component lives. */
export function useTitle(title: MaybeRefOrGetter<string | null | undefined>): void {
  watchEffect(() => {
    screenTitle.value = toValue(title) ?? null;
  });
  onScopeDispose(() => {
    screenTitle.value = null;
  });
}
