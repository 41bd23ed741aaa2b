/** Archives that are sent one after the other, whatever page is looked at meanwhile. */

import { useEventListener } from "@vueuse/core";
import { defineStore } from "pinia";
import { computed, reactive, ref } from "vue";
import { answer, api } from "@/api/client";
import { asFault, type ApiFault } from "@/api/errors";
import type { Schema } from "@/api/types";
import { Pace } from "./pace";
import { announce, discard, fingerprintOf, send, type View } from "./sending";

type Dataset = Schema<"DatasetView">;

/** `unpacking`: all of it is there, and looked at; `waiting`: nothing gets through at the moment. */
export type State = "chosen" | "queued" | "sending" | "waiting" | "paused" | "unpacking" | "done" | "failed";

export interface Item {
  key: number;
  file: File;
  /** What the dataset is to be called; nothing: as the file. */
  name: string;
  state: State;
  /** The platform's own name for it, once it was announced. */
  id: string | null;
  sent: number;
  speed: number | null;
  fault: ApiFault | null;
  dataset: Dataset | null;
}

const BUSY = new Set<State>(["sending", "waiting", "unpacking"]);

export const useUploads = defineStore("uploads", () => {
  const items = ref<Item[]>([]);
  /** What the platform has of files that are not at hand: of an earlier page, or another browser. */
  const left = ref<View[]>([]);
  const stops = new Map<number, AbortController>();
  let last = 0;

  const current = computed(() => items.value.find((one) => BUSY.has(one.state)) ?? null);
  const waiting = computed(() => items.value.filter((one) => one.state === "queued"));
  const isBusy = computed(() => current.value !== null || waiting.value.length > 0);

  /** Takes files in; one whose beginning the platform has already goes on from there. */
  function choose(files: File[]): void {
    for (const file of files) {
      const known = left.value.find((one) => one.fingerprint === fingerprintOf(file));
      const name = known ? (known.name ?? "") : "";
      if (known) left.value = left.value.filter((one) => one.id !== known.id);
      last += 1;
      items.value.push(
        reactive<Item>({
          key: last, file, name, state: "chosen", id: known?.id ?? null, sent: known?.offset ?? 0,
          speed: null, fault: null, dataset: null,
        }),
      );
    }
  }

  /** Sends these, in their order, after those that wait already. */
  function start(chosen: Item[]): void {
    for (const item of chosen) {
      item.fault = null;
      item.state = "queued";
    }
    next();
  }

  function pause(item: Item): void {
    item.state = "paused";
    item.speed = null;
    stops.get(item.key)?.abort();
    next();
  }

  /** Takes a file out of the list; what has come of it on the platform goes, too. */
  async function remove(item: Item): Promise<void> {
    items.value = items.value.filter((one) => one.key !== item.key);
    stops.get(item.key)?.abort();
    next();
    if (item.id && item.state !== "done" && item.state !== "failed") await forget(item.id);
  }

  /** Asks what the platform has of files that were begun and not ended. */
  async function look(): Promise<void> {
    const { items: found } = await answer(api.GET("/datasets/uploads"));
    const ours = new Set(items.value.map((one) => one.id));
    left.value = found.filter((one) => one.state !== "done" && !ours.has(one.id));
  }

  async function forget(id: string): Promise<void> {
    left.value = left.value.filter((one) => one.id !== id);
    await discard(id).catch(() => undefined); // it goes by itself after a day
  }

  function next(): void {
    const [item] = waiting.value;
    if (item && !current.value) void run(item);
  }

  async function run(item: Item): Promise<void> {
    const stop = new AbortController();
    const pace = new Pace();
    stops.set(item.key, stop);
    item.state = "sending";
    try {
      item.id ??= (await announce(item.file, item.name.trim())).id;
      item.dataset = await send(item.file, item.id, {
        signal: stop.signal,
        onProgress(sent) {
          if (stop.signal.aborted) return;
          pace.note(sent);
          item.sent = sent;
          item.speed = pace.speed;
          item.state = sent === item.file.size ? "unpacking" : "sending";
        },
        onWaiting(isWaiting) {
          if (stop.signal.aborted || isWaiting === (item.state === "waiting")) return;
          pace.reset();
          item.speed = null;
          item.state = isWaiting ? "waiting" : "sending";
        },
      });
      item.state = "done";
    } catch (error) {
      fail(item, asFault(error));
    } finally {
      if (stops.get(item.key) === stop) stops.delete(item.key);
      next();
    }
  }

  function fail(item: Item, fault: ApiFault): void {
    if (fault.isAborted) return;
    // an archive that was refused is forgotten, and one that nothing came of for a day
    if (fault.status === 422 || fault.status === 404) {
      item.id = null;
      item.sent = 0;
    }
    item.fault = fault;
    item.state = "failed";
  }

  useEventListener(window, "beforeunload", (event) => {
    if (isBusy.value) event.preventDefault();
  });

  return { items, left, current, isBusy, choose, start, pause, remove, look, forget };
});
