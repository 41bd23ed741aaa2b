import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { computed, effectScope, type EffectScope } from "vue";
import { useConversation } from "@/screens/playground/chat/conversation";
import { DEFAULTS } from "@/screens/playground/chat/settings";
import {
  addReply,
  addTurn,
  emptyThread,
  messagesFor,
  pathOf,
  replyOf,
  siblingsOf,
  toLines,
  type Turn,
} from "@/screens/playground/chat/thread";
import { models, type Asked } from "./answers";

let asked: Asked[];
let scope: EffectScope;
let talk: ReturnType<typeof useConversation>;
const ended = vi.fn<(runId: string) => void>();
const settings = { ...DEFAULTS, system: "Be kind.", max_tokens: 64 };

beforeEach(() => {
  asked = models();
  scope = effectScope();
  talk = scope.run(() => useConversation({ settings: () => settings, onEnd: ended })) as typeof talk;
});
afterEach(() => {
  scope.stop();
  ended.mockReset();
  vi.unstubAllGlobals();
});

const turn = (at: number) => {
  const found = talk.path.value.at(at);
  if (!found) throw new Error(`no turn ${at}`);
  return found;
};
const reply = (at: number, runId = "a") => replyOf(turn(at), runId);
const questions = () => talk.path.value.map(({ text }) => text);

/** The question that was asked last, when it has arrived. */
async function next(count: number): Promise<Asked> {
  await vi.waitFor(() => expect(asked).toHaveLength(count));
  return asked[count - 1] as Asked;
}

/** Says something to `a`, and has it answered. */
async function exchange(question: string, answer: string): Promise<void> {
  const count = asked.length + 1;
  const sent = talk.send(question, ["a"]);
  (await next(count)).end(answer);
  await sent;
}

describe("a conversation", () => {
  it("shows words as they come, and then the whole answer", async () => {
    const sent = talk.send(" hello ", ["a"]);
    // as a view sees it, which is drawn anew only where it is told to
    const seen = scope.run(() => computed(() => ({ ...reply(0) })));
    expect(seen?.value).toMatchObject({ state: "waiting", text: "" });
    expect(talk.isBusy.value).toBe(true);
    const one = await next(1);
    one.tell({ delta: "He" });
    one.tell({ delta: "y" });
    await vi.waitFor(() => expect(seen?.value).toMatchObject({ state: "coming", text: "Hey" }));
    one.end("Hey there");
    await sent;
    expect(seen?.value).toMatchObject({ state: "there", text: "Hey there", generated: { tokens_per_second: 100 } });
    expect(talk.isBusy.value).toBe(false);
    expect(ended).toHaveBeenCalledOnce();
    expect(one.body).toEqual({
      messages: [{ role: "system", content: "Be kind." }, { role: "user", content: "hello" }],
      max_tokens: 64, temperature: 0.7, top_p: 0.95, seed: null,
    });
  });

  it("tells each model its own answers only", async () => {
    const sent = talk.send("hello", ["a", "b"]);
    await next(2);
    for (const one of asked) one.end(`I am ${one.runId}`);
    await sent;
    void talk.send("and?", ["a", "b", "c"]);
    await next(5);
    const told = asked.slice(2).map(({ runId, body }) => [runId, body.messages.slice(1).map(({ content }) => content)]);
    expect(Object.fromEntries(told)).toEqual({
      a: ["hello", "I am a", "and?"],
      b: ["hello", "I am b", "and?"],
      // it was not there when the first was asked
      c: ["and?"],
    });
  });

  it("goes on where one model fails", async () => {
    const sent = talk.send("hello", ["a", "b"]);
    await next(2);
    const [one, other] = asked;
    one?.tell({ delta: "He" });
    one?.tell({ error: { code: "worker_died", message: "it is gone", details: {}, request_id: "r" } });
    await vi.waitFor(() => expect(reply(0)?.state).toBe("failed"));
    expect(reply(0)).toMatchObject({ text: "He", fault: { code: "worker_died" } });
    expect(talk.isBusy.value).toBe(true);
    other?.end("Hey");
    await sent;
    expect(reply(0, "b")).toMatchObject({ state: "there", text: "Hey" });

    void talk.ask(turn(0), "a");
    (await next(3)).end("Back");
    await vi.waitFor(() => expect(reply(0)).toMatchObject({ state: "there", text: "Back" }));
    expect(turn(0).replies.a).toHaveLength(2);
  });

  it("keeps what came before it was stopped, and says it in the next question", async () => {
    const sent = talk.send("count", ["a", "b"]);
    await next(2);
    asked[0]?.tell({ delta: "one two" });
    await vi.waitFor(() => expect(reply(0)?.text).toBe("one two"));
    talk.stop();
    await sent;
    expect(asked.every(({ signal }) => signal.aborted)).toBe(true);
    expect(reply(0)).toMatchObject({ state: "stopped", text: "one two", fault: null });
    expect(reply(0, "b")).toMatchObject({ state: "stopped", text: "" });
    void talk.send("go on", ["a", "b"]);
    await next(4);
    expect(asked[2]?.body.messages.map(({ content }) => content)).toEqual(["Be kind.", "count", "one two", "go on"]);
    expect(asked[3]?.body.messages.map(({ content }) => content)).toEqual(["Be kind.", "go on"]);
  });

  it("stops one answer alone", async () => {
    void talk.send("hello", ["a", "b"]);
    await next(2);
    talk.stop({ runId: "a", turn: turn(0) });
    await vi.waitFor(() => expect(reply(0)?.state).toBe("stopped"));
    expect(reply(0, "b")?.state).toBe("waiting");
    talk.stop({ runId: "c" });
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([true, false]);
  });

  it("is caught up with by a model that came later, one question after the other", async () => {
    await exchange("one", "1");
    await exchange("two", "2");
    await exchange("three", "3");
    const caught = talk.catchUp(turn(1), "b");
    (await next(4)).end("I");
    (await next(5)).end("II");
    await caught;
    expect(asked[4]?.body.messages.map(({ content }) => content)).toEqual(["Be kind.", "one", "I", "two"]);
    expect(talk.path.value.map((one) => replyOf(one, "b")?.text)).toEqual(["I", "II", undefined]);
    const stopped = talk.catchUp(turn(2), "c");
    await next(6);
    talk.stop();
    await stopped;
    expect(asked).toHaveLength(6);
  });

  it("forgets an answer without a word when it is asked for again", async () => {
    void talk.send("one", ["a"]);
    await next(1);
    talk.stop();
    await vi.waitFor(() => expect(reply(0)?.state).toBe("stopped"));
    void talk.ask(turn(0), "a");
    expect(turn(0).replies.a).toHaveLength(1);
  });

  it("branches where a message is edited, and finds back", async () => {
    await exchange("one", "1");
    await exchange("two", "2");
    await exchange("three", "3");
    const edited = talk.edit(turn(1), "zwei", ["a"]);
    (await next(4)).end("II");
    await edited;
    expect(questions()).toEqual(["one", "zwei"]);
    expect(asked[3]?.body.messages.map(({ content }) => content)).toEqual(["Be kind.", "one", "1", "zwei"]);
    await exchange("drei", "III");
    expect(questions()).toEqual(["one", "zwei", "drei"]);

    expect(siblingsOf(talk.thread, turn(0).id).map(({ text }) => text)).toEqual(["two", "zwei"]);
    talk.turnTo(turn(1), -1);
    expect(questions()).toEqual(["one", "two", "three"]);
    talk.turnTo(turn(1), -1); // there is none before
    talk.turnTo(turn(1), 1);
    expect(questions()).toEqual(["one", "zwei", "drei"]);
  });

  it("begins in other words when its first message is edited", async () => {
    await exchange("one", "1");
    void talk.edit(turn(0), "eins", ["a"]);
    expect(questions()).toEqual(["eins"]);
    expect((await next(2)).body.messages).toHaveLength(2);
  });

  it("ends what is coming when a message is edited", async () => {
    void talk.send("one", ["a"]);
    const first = await next(1);
    void talk.edit(turn(0), "eins", ["a"]);
    expect(first.signal.aborted).toBe(true);
  });

  it("is told as far back as is read", () => {
    const thread = emptyThread();
    for (let at = 0, parent: number | null = null; at < 120; at += 1) {
      const added = addTurn(thread, parent, `${at}`);
      Object.assign(addReply(thread, added, "a", 8), { state: "there", text: `answer ${at}` });
      parent = added.id;
    }
    const path = pathOf(thread);
    const messages = messagesFor(path, path[119] as Turn, "a", "Be kind.");
    expect(messages).toHaveLength(200);
    expect(messages.slice(0, 2).map(({ content }) => content)).toEqual(["Be kind.", "20"]);
    expect(messages.at(-1)).toEqual({ role: "user", content: "119" });
  });

  it("begins anew, which can be taken back", async () => {
    await exchange("one", "1");
    const undo = talk.clear();
    expect(questions()).toEqual([]);
    undo();
    expect(questions()).toEqual(["one"]);
    await exchange("two", "2");
    expect(asked[1]?.body.messages).toHaveLength(4);
  });

  it("is ended by leaving", async () => {
    void talk.send("one", ["a"]);
    const one = await next(1);
    scope.stop();
    expect(one.signal.aborted).toBe(true);
  });

  it("is saved as lines to train on, one a model", async () => {
    const sent = talk.send("안녕\n?", ["a", "b"]);
    await next(2);
    asked[0]?.end('"hi"');
    asked[1]?.tell({ error: { code: "x", message: "y", details: {}, request_id: "r" } });
    await sent;
    const lines = toLines(talk.path.value, ["a", "b"], "Be kind.");
    expect(lines.endsWith("\n")).toBe(true);
    expect(lines.trim().split("\n").map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        messages: [
          { role: "system", content: "Be kind." },
          { role: "user", content: "안녕\n?" },
          { role: "assistant", content: '"hi"' },
        ],
      },
    ]);
  });
});
