/** The run's alerts, asked for anew when the stream tells of one. */

import { useDebounceFn } from "@vueuse/core";
import { computed, inject, onScopeDispose, provide, shallowRef, watch, type InjectionKey, type ShallowRef } from "vue";
import { answer, api } from "@/api/client";
import { asFault, type ApiFault } from "@/api/errors";
import type { AlertView, RunDetail } from "@/api/types";

type Alerts = ReturnType<typeof makeAlerts>;
const contextKey: InjectionKey<Alerts> = Symbol("alerts");

function makeAlerts(ref: string, run: ShallowRef<RunDetail | undefined>) {
  const alerts = shallowRef<AlertView[]>();
  const fault = shallowRef<ApiFault | null>(null);
  const abort = new AbortController();
  const params = { path: { run_id: ref }, query: { limit: 200 } };

  async function reload(): Promise<void> {
    try {
      alerts.value = (await answer(api.GET("/monitoring/{run_id}/alerts", { params, signal: abort.signal }))).items;
      fault.value = null;
    } catch (error) {
      const found = asFault(error);
      if (!found.isAborted) fault.value = found;
    }
  }

  async function acknowledge(alert: AlertView): Promise<void> {
    const path = { run_id: alert.run_id, alert_id: alert.id };
    const url = "/monitoring/{run_id}/alerts/{alert_id}/acknowledge";
    const seen = await answer(api.POST(url, { params: { path } }));
    alerts.value = alerts.value?.map((one) => (one.id === seen.id ? seen : one));
  }

  const reloadSoon = useDebounceFn(reload, 250);
  onScopeDispose(() => abort.abort());
  watch(
    () => run.value && run.value.trashed_at === null,
    (isThere) => {
      if (isThere) void reload();
    },
    { immediate: true },
  );

  return {
    alerts,
    fault,
    reload,
    reloadSoon,
    acknowledge,
    open: computed(() => alerts.value?.filter(isOpen).length ?? 0),
  };
}

/** Not over, and seen by nobody. */
export function isOpen(alert: AlertView): boolean {
  return alert.resolved_at === null && alert.acknowledged_at === null;
}

export function provideAlerts(ref: string, run: ShallowRef<RunDetail | undefined>): Alerts {
  const made = makeAlerts(ref, run);
  provide(contextKey, made);
  return made;
}

export function useAlerts(): Alerts {
  const made = inject(contextKey);
  if (!made) throw new Error("useAlerts: no page provides alerts");
  return made;
}
