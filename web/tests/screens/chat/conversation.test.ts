import { afterEach, describe, expect, it, vi } from "vitest";
import { effectScope } from "vue";
import { useConversation } from "@/screens/chat/conversation";
import { serve } from "../../api/server";

afterEach(() => vi.unstubAllGlobals());

describe("what was not answered", () => {
  it.each([
    ["epochs 8", ["epochs 8"]],
    ["epochs 9", ["epochs 8", "epochs 9"]],
  ])("is said again as %s, and both stand as they were said", async (again, shown) => {
    serve({ "POST /chat/message": "no network" });
    const talk = effectScope().run(() => useConversation(() => {}));
    await talk?.send("epochs 8");
    await talk?.send(again);
    expect(talk?.turns.value.map(({ text }) => text)).toEqual(shown);
    expect(talk?.unanswered.value).toBe(again);
  });
});
