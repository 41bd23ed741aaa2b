/** What is done to many runs at once. */

import { useI18n } from "vue-i18n";
import { answer, api } from "@/api/client";
import { asFault, type ApiFault } from "@/api/errors";
import type { Schema } from "@/api/types";
import { useFaultText } from "@/app/faults";
import { useToasts } from "@/ui/toasts";

type Act = (runId: string) => Promise<unknown>;

const AT_ONCE = 8;

const path = (run_id: string) => ({ params: { path: { run_id } } });
const stopOne: Act = (id) => answer(api.POST("/runs/{run_id}/stop", { ...path(id), body: { now: false } }));
const deleteOne: Act = (id) => answer(api.DELETE("/runs/{run_id}", path(id)));
const restoreOne: Act = (id) => answer(api.POST("/runs/{run_id}/restore", path(id)));

type Edit = Schema<"RunsEdit">;
type Before = Schema<"RunBefore">;

/** Requests that take a change back: runs that were alike before go together. */
export function undoing(before: readonly Before[], { add_tags, remove_tags, ...rest }: Omit<Edit, "runs">): Edit[] {
  const moved = "project_id" in rest;
  const groups = new Map<string, Edit>();
  for (const { id, tags, project_id } of before) {
    const gone = (add_tags ?? []).filter((tag) => !tags.includes(tag));
    const back = (remove_tags ?? []).filter((tag) => tags.includes(tag));
    const key = JSON.stringify([gone, back, project_id]);
    const group = groups.get(key) ?? { runs: [], add_tags: back, remove_tags: gone, ...(moved ? { project_id } : {}) };
    group.runs.push(id);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** Does something to each, a few at a time; answers with those it was done to, and a first fault. */
export async function eachOf<T>(ids: readonly T[], act: (one: T) => Promise<unknown>) {
  const done: T[] = [];
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
  const faults = useFaultText();

  async function act(ids: readonly string[], one: Act, word: string, undo?: Act): Promise<void> {
    const { done, fault } = await eachOf(ids, one);
    await changed();
    if (fault) {
      const failed = ids.length - done.length;
      toasts.show({ tone: "error", text: t("runs.failed", { count: failed, why: faults.line(fault) }) });
    }
    if (!done.length) return;
    const text = t(`runs.did.${word}`, { count: done.length });
    const back = undo && (() => void act(done, undo, "restored"));
    toasts.show({ text, undo: back });
  }

  /** Changes all or none, in one request; what was there before is what undoes it. */
  async function edit(body: Omit<Edit, "runs">, ids: readonly string[], word: string): Promise<void> {
    const changes = { add_tags: [], remove_tags: [], ...body, runs: [...ids] };
    try {
      const { before } = await answer(api.POST("/runs/edit", { body: changes }));
      await changed();
      const undo = () => void takeBack(before, body);
      toasts.show({ text: t(`runs.did.${word}`, { count: before.length }), ...(before.length > 0 ? { undo } : {}) });
    } catch (error) {
      const why = faults.line(asFault(error));
      toasts.show({ tone: "error", text: t("runs.failed", { count: ids.length, why }) });
    }
  }

  async function takeBack(before: readonly Before[], body: Omit<Edit, "runs">): Promise<void> {
    const { fault } = await eachOf(undoing(before, body), (one) => answer(api.POST("/runs/edit", { body: one })));
    await changed();
    toasts.show(fault ? { tone: "error", text: faults.line(fault) } : { text: t("runs.did.undone") });
  }

  return {
    tag: (ids: readonly string[], add_tags: string[], remove_tags: string[]) =>
      edit({ add_tags, remove_tags }, ids, "tagged"),
    move: (ids: readonly string[], project_id: string | null) => edit({ project_id }, ids, "moved"),
    stop: (ids: readonly string[]) => act(ids, stopOne, "stopped"),
    remove: (ids: readonly string[]) => act(ids, deleteOne, "deleted", restoreOne),
    restore: (ids: readonly string[]) => act(ids, restoreOne, "restored", deleteOne),
  };
}
