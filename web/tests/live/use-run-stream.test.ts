import { createPinia, setActivePinia } from "pinia";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { effectScope, nextTick, ref } from "vue";
import { useRunStream } from "@/live/use-run-stream";

const opened: string[] = [];

class Silent {
  onopen = null;
  onmessage = null;
  onclose = null;
  constructor(url: string) {
    opened.push(url);
  }
  close(): void {}
}

beforeEach(() => {
  opened.length = 0;
  setActivePinia(createPinia());
  vi.stubGlobal("WebSocket", Silent);
});
afterEach(() => vi.unstubAllGlobals());

describe("the stream of a run", () => {
  it("is opened once, however far the run gets, and anew for another run", async () => {
    const run = ref("one");
    const seq = ref<number>();
    const scope = effectScope();
    scope.run(() => useRunStream(run, seq, { onEvents: () => undefined }));
    expect(opened).toEqual([]);
    for (const next of [7, 8, 9]) {
      seq.value = next;
      // oxlint-disable-next-line no-await-in-loop -- each change is seen by itself
      await nextTick();
    }
    expect(opened).toHaveLength(1);
    expect(opened[0]).toContain("/ws/runs/one?after=7");
    run.value = "two";
    await nextTick();
    expect(opened).toHaveLength(2);
    scope.stop();
  });
});
