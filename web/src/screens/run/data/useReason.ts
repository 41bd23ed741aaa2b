/** Why a run is in its status, where the status does not say it. */

import { computed, type ComputedRef, type Ref } from "vue";
import { useI18n } from "vue-i18n";
import type { RunDetail } from "@/api/types";

/** What the platform gives as a reason, and the words for it; null: the status says as much. */
const REASONS: readonly (readonly [RegExp, string | null])[] = [
  [/^(?:stopped|paused|resumed|seen again)$/, null],
  [/^fetching (?<what>.+)$/, "run.reason.fetching"],
  [/^resumed from (?<what>.+)$/, "run.reason.resumedFrom"],
  [/^resumed automatically$/, "run.reason.again"],
  [/^stopped while paused$/, "run.reason.whilePaused"],
  [/^stopped during (?:fetch|validate|prepare|enqueue)$/, "run.reason.beforeTraining"],
  [/^its last events could not be read$/, "run.reason.unread"],
];

/** A target's own words, of a run that is out of sight, stay as they are. */
export function useReason(run: Ref<RunDetail>): ComputedRef<string | null> {
  const { t } = useI18n();
  return computed(() => {
    const { reason, error } = run.value;
    if (!reason || error) return null;
    for (const [pattern, key] of REASONS) {
      const found = pattern.exec(reason);
      if (found) return key && t(key, { ...found.groups });
    }
    return reason;
  });
}
