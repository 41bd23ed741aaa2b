import { beforeEach, describe, expect, it } from "vitest";
import { ApiFault } from "@/api/errors";
import { keep, restore } from "@/screens/playground/chat/kept";
import { DEFAULTS } from "@/screens/playground/chat/settings";
import { addReply, addTurn, emptyThread, pathOf, replyOf } from "@/screens/playground/chat/thread";
import { generated } from "./answers";

beforeEach(() => sessionStorage.clear());

function spoken() {
  const thread = emptyThread();
  const turn = addTurn(thread, null, "hello");
  Object.assign(addReply(thread, turn, "a", 8), { state: "there", text: "hi", generated: generated("hi") });
  Object.assign(addReply(thread, turn, "b", 8), { state: "coming", text: "so far" });
  const fault = new ApiFault("overloaded", "not now", { mend: "trainwright up", requestId: "r" });
  Object.assign(addReply(thread, turn, "c", 8), { state: "failed", fault });
  return thread;
}

describe("a conversation that is kept", () => {
  it("comes back as it was; what was coming has been stopped", () => {
    const thread = spoken();
    keep("kim", { thread, settings: { ...DEFAULTS, seed: 3 } });
    const found = restore("kim");
    expect(found?.settings).toEqual({ ...DEFAULTS, seed: 3 });
    const [turn] = pathOf(found?.thread ?? emptyThread());
    if (!turn) throw new Error("no turn");
    expect(replyOf(turn, "a")).toEqual(replyOf(thread.turns[0] ?? turn, "a"));
    expect(replyOf(turn, "b")).toMatchObject({ state: "stopped", text: "so far" });
    const fault = replyOf(turn, "c")?.fault;
    expect(fault).toBeInstanceOf(ApiFault);
    expect(fault).toMatchObject({ code: "overloaded", message: "not now", mend: "trainwright up" });
    expect(found?.thread.last).toBe(thread.last);
  });

  it("is nobody else's", () => {
    keep("kim", { thread: spoken(), settings: DEFAULTS });
    expect(restore("lee")).toBeNull();
  });

  it.each(["", "{", "null", "[]", '{"version":0}', '{"version":1}', '{"version":1,"thread":{"turns":[{}]}}'])(
    "is none where something else is kept: %s",
    (text) => {
      sessionStorage.setItem("trainwright.playground.chat.kim", text);
      expect(restore("kim")).toBeNull();
    },
  );
});
