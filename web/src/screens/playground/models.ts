/** The runs whose models are tried, and what each can answer. */

import { computed, onScopeDispose, shallowReactive, watch } from "vue";
import { answer, api } from "@/api/client";
import { asFault, type ApiFault } from "@/api/errors";
import type { Run, Schema } from "@/api/types";

export type Abilities = Schema<"Abilities">;

/** What a model is asked with: pictures, which it labels, or words. */
export const KINDS = ["labels", "text"] as const;
export type Kind = (typeof KINDS)[number];

/** So many answers can be read beside each other. */
export const MOST_MODELS = 4;

/** A model that can be asked. */
export interface Model {
  kind: Kind;
  run: Run;
  abilities: Abilities;
}

export type Choice =
  | { id: string; state: "waiting" }
  | { id: string; state: "there"; run: Run; abilities: Abilities }
  | { id: string; state: "failed"; fault: ApiFault };

/** What is known of the runs by these ids; each is asked about once. */
export function useModels(ids: () => readonly string[]) {
  const known = shallowReactive(new Map<string, Choice>());
  const abort = new AbortController();

  async function ask(id: string): Promise<void> {
    known.set(id, { id, state: "waiting" });
    const asked = { params: { path: { run_id: id } }, signal: abort.signal };
    try {
      const [run, abilities] = await Promise.all([
        answer(api.GET("/runs/{run_id}", asked)),
        answer(api.GET("/inference/{run_id}", asked)),
      ]);
      known.set(id, { id, state: "there", run, abilities });
    } catch (error) {
      known.set(id, { id, state: "failed", fault: asFault(error) });
    }
  }

  watch(
    ids,
    (wanted) => {
      for (const id of wanted) if (!known.has(id)) void ask(id);
    },
    { immediate: true },
  );
  onScopeDispose(() => abort.abort());

  const choices = computed(() => ids().flatMap((id) => known.get(id) ?? []));
  const models = computed(() =>
    choices.value.flatMap((choice): Model[] => {
      if (choice.state !== "there" || !choice.abilities.answers) return [];
      return [{ kind: choice.abilities.answers, run: choice.run, abilities: choice.abilities }];
    }),
  );
  const isWaiting = computed(() => choices.value.some(({ state }) => state === "waiting"));

  return { choices, models, isWaiting, ask };
}
