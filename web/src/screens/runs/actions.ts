/** What is done to many runs at once. */

import { useI18n } from "vue-i18n";
import { answer, api } from "@/api/client";
import { asFault, type ApiFault } from "@/api/errors";
import { useToasts } from "@/ui/toasts";

type Act = (runId: string) => Promise<unknown>;

const AT_ONCE = 8;

const path = (run_id: string) => ({ params: { path: { run_id } } });
const stopOne: Act = (id) => answer(api.POST("/runs/{run_id}/stop", { ...path(id), body: { now: false } }));
const deleteOne: Act = (id) => answer(api.DELETE("/runs/{run_id}", path(id)));
const restoreOne: Act = (id) => answer(api.POST("/runs/{run_id}/restore", path(id)));

/** Does something to each, a few at a time; answers with those it was done to, and a first fault. */
export async function toEach(ids: readonly string[], act: Act) {
  const done: string[] = [];
  let fault: ApiFault | null = null;
  const waiting = [...ids];

  async function work(): Promise<void> {
    for (let id = waiting.shift(); id !== undefined; id = waiting.shift()) {
      try {
        // oxlint-disable-next-line no-await-in-loop -- each worker does one at a time
        await act(id);
        done.push(id);
      } catch (error) {
        fault ??= asFault(error);
      }
    }
  }

  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { done, fault: fault as ApiFault | null };
}

/** Stops, deletes and restores runs, and says what came of it. `changed` is told afterwards. */
export function useRunActions(changed: () => unknown) {
  const { t } = useI18n();
  const toasts = useToasts();

  async function act(ids: readonly string[], one: Act, word: string, undo?: Act): Promise<void> {
    const { done, fault } = await toEach(ids, one);
    await changed();
    if (fault) {
      const failed = ids.length - done.length;
      toasts.show({ tone: "error", text: t("runs.failed", { count: failed, why: fault.message }) });
    }
    if (!done.length) return;
    const text = t(`runs.did.${word}`, { count: done.length });
    const back = undo && (() => void act(done, undo, "restored"));
    toasts.show({ text, undo: back });
  }

  return {
    stop: (ids: readonly string[]) => act(ids, stopOne, "stopped"),
    remove: (ids: readonly string[]) => act(ids, deleteOne, "deleted", restoreOne),
    restore: (ids: readonly string[]) => act(ids, restoreOne, "restored", deleteOne),
  };
}
