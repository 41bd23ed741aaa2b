import { describe, expect, it } from "vitest";
import { effectScope, ref } from "vue";
import { matches, offeredCommands, useCommands, type Command } from "@/app/commands";

const command = (label: string, more: Partial<Command> = {}): Command => ({
  id: label,
  label,
  run: () => undefined,
  ...more,
});

describe("the palette", () => {
  it("finds by any words, in any order, in any script", () => {
    const stop = command("Stop run", { keywords: "end kill", group: "Runs" });
    for (const text of ["", "stop", "RUN st", "kill", "runs stop"]) {
      expect(matches(stop, text), text).toBe(true);
    }
    expect(matches(stop, "start")).toBe(false);
    expect(matches(command("학습 중지"), "중지")).toBe(true);
  });

  it("offers what lives, what came last first", () => {
    const shell = effectScope();
    const screen = effectScope();
    const isRunning = ref(true);
    shell.run(() => useCommands([command("theme")]));
    screen.run(() => useCommands(() => (isRunning.value ? [command("stop")] : [])));
    expect(offeredCommands().map(({ id }) => id)).toEqual(["stop", "theme"]);
    isRunning.value = false;
    expect(offeredCommands().map(({ id }) => id)).toEqual(["theme"]);
    screen.stop();
    shell.stop();
    expect(offeredCommands()).toEqual([]);
  });
});
