/** What happens on the platform, live: one link for all who look. */

import { defineStore } from "pinia";
import { computed, onScopeDispose, shallowRef, triggerRef } from "vue";
import { probe } from "@/api/client";
import type { Dashboard, Run } from "@/api/types";
import { useConnection } from "@/live/connection";
import { HEARTBEAT_SECONDS, liveUrl, type Link } from "@/live/socket";

/** What the dashboard's stream says. */
export type DashboardMessage =
  | ({ type: "dashboard" } & Dashboard)
  | { type: "run"; run: Run }
  | { type: "run_gone"; run_id: string }
  | { type: "heartbeat" };

type Listener = (message: DashboardMessage) => void;

/** Statuses of runs that hold, or wait for, a slot. */
const ACTIVE: ReadonlySet<string> = new Set([
  "created",
  "validating",
  "preparing",
  "queued",
  "allocating",
  "running",
  "pausing",
  "lost",
]);

export const useDashboardStore = defineStore("dashboard", () => {
  /** The last whole dashboard; undefined until it came. */
  const board = shallowRef<Dashboard>();
  /** Runs that changed since, and those of the dashboard, by id: the newest view of each. */
  const runs = shallowRef(new Map<string, Run>());
  const listeners = new Set<Listener>();
  const { makeLink } = useConnection();
  let link: Link | null = null;
  let viewers = 0;

  const activeRuns = computed(() => [...runs.value.values()].filter((run) => ACTIVE.has(run.status)));

  function take(message: DashboardMessage): void {
    if (message.type === "dashboard") {
      const { type: _, ...whole } = message;
      board.value = whole;
      for (const run of [...whole.recent, ...whole.active]) runs.value.set(run.id, run);
      triggerRef(runs);
    } else if (message.type === "run") {
      runs.value.set(message.run.id, message.run);
      triggerRef(runs);
    } else if (message.type === "run_gone") {
      runs.value.delete(message.run_id);
      triggerRef(runs);
    }
    for (const listen of listeners) listen(message);
  }

  function enter(listen: Listener | undefined): void {
    viewers += 1;
    if (listen) listeners.add(listen);
    if (link) return;
    link = makeLink({
      url: () => liveUrl("/dashboard", { heartbeat: HEARTBEAT_SECONDS }),
      onMessage: (text) => take(JSON.parse(text) as DashboardMessage),
      judge: async () => ((await probe("/auth/me")) === 401 ? "signed-out" : "retry"),
    });
    link.open();
  }

  function leave(listen: Listener | undefined): void {
    viewers -= 1;
    if (listen) listeners.delete(listen);
    if (viewers > 0) return;
    link?.close();
    link = null;
    board.value = undefined;
    runs.value = new Map();
  }

  return { board, runs, activeRuns, enter, leave };
});

/**
 * The live dashboard, as long as the component lives.
 *
 * `listen` hears each message: `run` with the newest view of a run that changed, `run_gone`, and
 * `dashboard` with the whole, which also comes after each break.
 */
export function useDashboard(listen?: Listener) {
  const store = useDashboardStore();
  store.enter(listen);
  onScopeDispose(() => store.leave(listen));
  return store;
}
