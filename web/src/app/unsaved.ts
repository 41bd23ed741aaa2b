/** Keeps what was typed and not saved from being lost by leaving. */

import {
  onScopeDispose,
  shallowReactive,
  shallowRef,
  toValue,
  watchEffect,
  type MaybeRefOrGetter,
} from "vue";

/** The question whether to leave, while it is open; the shell asks it. */
export const leaving = shallowRef<{ answer: (leave: boolean) => void } | null>(null);

const guards = shallowReactive(new Set<symbol>());

/** Asks before the page is left, as long as `isUnsaved` says so. */
export function useUnsavedGuard(isUnsaved: MaybeRefOrGetter<boolean>): void {
  const mine = Symbol("unsaved");
  watchEffect(() => {
    if (toValue(isUnsaved)) guards.add(mine);
    else guards.delete(mine);
  });
  onScopeDispose(() => guards.delete(mine));
}

/** Whether the page may be left: nothing is unsaved, or the person says so. */
export async function mayLeave(): Promise<boolean> {
  if (guards.size === 0) return true;
  leaving.value?.answer(false);
  return new Promise((resolve) => {
    const question = {
      answer: (leave: boolean) => {
        if (leaving.value === question) leaving.value = null;
        resolve(leave);
      },
    };
    leaving.value = question;
  });
}

/** Has the browser ask before the tab is closed or loaded anew. */
export function guardTab(): void {
  addEventListener("beforeunload", (event) => {
    if (guards.size > 0) event.preventDefault();
  });
}
