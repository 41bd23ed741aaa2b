/** What a person may do with the run; what goes wrong is told by a notice. */

import { useI18n } from "vue-i18n";
import { useRouter } from "vue-router";
import { computed, ref } from "vue";
import { answer, api } from "@/api/client";
import { asFault } from "@/api/errors";
import { useSession } from "@/api/session";
import type { RunDetail, Schema } from "@/api/types";
import { useToasts } from "@/ui/toasts";
import { allowed } from "@/runs/run-state";
import { useRun } from "./useRun";

export type ActionName = "stop" | "stopNow" | "pause" | "resume" | "delete" | "restore" | "edit";

export function useRunActions() {
  const { run, source, take } = useRun();
  const { t } = useI18n();
  const router = useRouter();
  const toasts = useToasts();
  const session = useSession();
  const busy = ref<ActionName | null>(null);

  const mayWrite = computed(() => !source.isShared && session.can("write"));
  const may = computed(() => {
    if (!mayWrite.value || run.value.trashed_at) {
      return { stop: false, pause: false, resume: false, delete: false };
    }
    return allowed(run.value.status);
  });
  const params = () => ({ path: { run_id: run.value.id } });

  async function act<T>(name: ActionName, request: () => Promise<T>): Promise<T | undefined> {
    if (busy.value) return undefined;
    busy.value = name;
    try {
      return await request();
    } catch (error) {
      const { message, isAborted } = asFault(error);
      if (!isAborted) toasts.show({ tone: "error", title: t(`run.failed.${name}`), text: message });
      return undefined;
    } finally {
      busy.value = null;
    }
  }

  async function change(name: ActionName, request: () => Promise<RunDetail>): Promise<boolean> {
    const next = await act(name, request);
    if (next) take(next);
    return next !== undefined;
  }

  const stop = (now: boolean) =>
    change(now ? "stopNow" : "stop", () =>
      answer(api.POST("/runs/{run_id}/stop", { params: params(), body: { now } })),
    );
  const pause = () => change("pause", () => answer(api.POST("/runs/{run_id}/pause", { params: params() })));
  const resume = (checkpoint: number | string | null = null) =>
    change("resume", () => answer(api.POST("/runs/{run_id}/resume", { params: params(), body: { checkpoint } })));
  const restore = () => change("restore", () => answer(api.POST("/runs/{run_id}/restore", { params: params() })));
  const edit = (body: Schema<"RunPatch">) =>
    change("edit", () => answer(api.PATCH("/runs/{run_id}", { params: params(), body })));

  /** Puts the run into the trash, goes to the list, and offers to take it back. */
  async function remove(): Promise<void> {
    const { id, name } = run.value;
    const path = { run_id: id };
    const isDone = await act("delete", async () => {
      await answer(api.DELETE("/runs/{run_id}", { params: { path } }));
      return true;
    });
    if (!isDone) return;
    await router.push("/runs");
    toasts.show({
      text: t("run.deleted", { name }),
      undo: () => {
        void act("restore", async () => {
          await answer(api.POST("/runs/{run_id}/restore", { params: { path } }));
          await router.push({ name: "run", params: { id } });
        });
      },
    });
  }

  return { busy, mayWrite, may, stop, pause, resume, restore, edit, remove };
}
