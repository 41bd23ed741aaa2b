import { describe, expect, it } from "vitest";
import { effectScope, ref } from "vue";
import { leaving, mayLeave, useUnsavedGuard } from "@/app/unsaved";

describe("leaving", () => {
  it("is asked about while something is unsaved", async () => {
    const isDirty = ref(false);
    const scope = effectScope();
    scope.run(() => useUnsavedGuard(isDirty));
    expect(await mayLeave()).toBe(true);
    isDirty.value = true;
    await Promise.resolve();

    const staying = mayLeave();
    leaving.value?.answer(false);
    expect(await staying).toBe(false);

    const going = mayLeave();
    leaving.value?.answer(true);
    expect(await going).toBe(true);
    expect(leaving.value).toBeNull();

    scope.stop();
    expect(await mayLeave()).toBe(true);
  });

  it("once: who goes elsewhere meanwhile stays where they were before", async () => {
    const scope = effectScope();
    scope.run(() => useUnsavedGuard(true));
    const first = mayLeave();
    const second = mayLeave();
    expect(await first).toBe(false);
    leaving.value?.answer(true);
    expect(await second).toBe(true);
    scope.stop();
  });
});
