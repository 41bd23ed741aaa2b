/** Pictures shown to trained models, and what each model says of them. */

import { onScopeDispose, shallowRef } from "vue";
import { answer, api } from "@/api/client";
import { asFault, type ApiFault } from "@/api/errors";
import type { Schema } from "@/api/types";

export type Prediction = Schema<"Prediction">;
export type Label = Schema<"LabelPrediction">;

export interface Picture {
  id: number;
  name: string;
  file: File;
  /** Address of the picture in this browser's memory. */
  url: string;
}

export type Answer =
  | { state: "waiting" }
  | { state: "there"; prediction: Prediction }
  | { state: "failed"; fault: ApiFault };

const TOP = 5;

/** The labels among predictions, best first; a text is none. */
export function labelsOf(prediction: Prediction): Label[] {
  return prediction.predictions.filter((one): one is Label => "class" in one);
}

export function usePredictions() {
  const pictures = shallowRef<readonly Picture[]>([]);
  const answers = shallowRef<ReadonlyMap<string, Answer>>(new Map());
  const abort = new AbortController();
  let last = 0;

  const keyOf = (picture: Picture, runId: string) => `${picture.id} ${runId}`;
  const answerOf = (picture: Picture, runId: string) => answers.value.get(keyOf(picture, runId));

  function note(picture: Picture, runId: string, found: Answer): void {
    answers.value = new Map(answers.value).set(keyOf(picture, runId), found);
  }

  function add(files: readonly File[]): Picture[] {
    const made = files.map((file) => {
      last += 1;
      return { id: last, name: file.name, file, url: URL.createObjectURL(file) };
    });
    pictures.value = [...made, ...pictures.value];
    return made;
  }

  function remove(picture: Picture): void {
    URL.revokeObjectURL(picture.url);
    pictures.value = pictures.value.filter((one) => one.id !== picture.id);
  }

  /** Asks a model about pictures it has not seen, all in one request. */
  async function ask(shown: readonly Picture[], runId: string): Promise<void> {
    const unseen = shown.filter((picture) => {
      const known = answerOf(picture, runId);
      return !known || known.state === "failed";
    });
    if (!unseen.length) return;
    for (const picture of unseen) note(picture, runId, { state: "waiting" });
    const form = new FormData();
    for (const { file, name } of unseen) form.append("files", file, name);
    const asked = {
      params: { path: { run_id: runId }, query: { top_k: TOP } },
      body: {},
      bodySerializer: () => form, // whose fields openapi-fetch does not know as files
      signal: abort.signal,
    };
    try {
      const { results } = await answer(api.POST("/inference/{run_id}/predict", asked));
      unseen.forEach((picture, place) => {
        const prediction = results[place];
        if (prediction) note(picture, runId, { state: "there", prediction });
      });
    } catch (error) {
      const fault = asFault(error);
      for (const picture of unseen) note(picture, runId, { state: "failed", fault });
    }
  }

  onScopeDispose(() => {
    abort.abort();
    for (const { url } of pictures.value) URL.revokeObjectURL(url);
  });

  return { pictures, add, remove, ask, answerOf };
}
