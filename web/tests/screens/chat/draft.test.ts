import { describe, expect, it } from "vitest";
import { changeOf, draftFields, missingFields } from "@/screens/chat/draft";
import type { ChatReply } from "@/screens/chat/streamed";

const spec = {
  task: "sft",
  model: "trl/Qwen/Qwen2.5-0.5B",
  dataset: "./a.jsonl",
  epochs: 3,
  max_length: 1024,
  peft: { method: "lora", r: 8, alpha: 32, dropout: 0 },
  early_stopping: { patience: 4, metric: null, min_delta: 0 },
  resources: { target: "local", gpus: 0, cpus: null, memory_gb: null, max_hours: 24, priority: 0 },
} as unknown as ChatReply["spec"];

function replyWith(parts: Partial<ChatReply>): ChatReply {
  return {
    status: "complete", language: "en", intent: {}, provenance: {}, reasons: {}, questions: [],
    spec: null, reply: "", reader: "rules", reader_note: null, session_id: "c", topic: null,
    wording: null, tables: [], runs: [], suggestions: [], actions: [], done: [], run_id: null,
    ...parts,
  } as ChatReply;
}

describe("the settings of a draft", () => {
  it("show groups of the spec as fields of their own, and who chose them", () => {
    const reply = replyWith({ spec, provenance: { epochs: "user", target: "default" }, reasons: { target: "here" } });
    const fields = new Map(draftFields(reply).map((field) => [field.name, field]));
    expect(fields.get("r")?.value).toBe(8);
    expect(fields.get("early_stopping")?.value).toBe(4);
    expect(fields.get("gpus")?.value).toBe(0);
    expect(fields.get("epochs")?.chosen).toBe("user");
    expect(fields.get("target")?.reason).toBe("here");
    expect(fields.has("memory_gb")).toBe(false);
  });

  it("name what is asked about before there is a spec", () => {
    const questions = [{ field: "dataset", question: "Which data?", suggestions: ["mnist"] }];
    const reply = replyWith({ status: "needs_clarification", intent: { epochs: 5 }, questions });
    const asked = draftFields(reply);
    expect(asked.map((field) => [field.name, field.isAsked])).toEqual([["dataset", true], ["epochs", false]]);
  });

  it("offer no image settings to a language model", () => {
    const offered = missingFields(replyWith({ spec }));
    expect(offered).toContain("batch_size");
    expect(offered).not.toContain("image_size");
    expect(offered).not.toContain("epochs");
  });
});

describe("a change", () => {
  it("of an adapter's part keeps its other parts", () => {
    expect(changeOf(spec, "r", 32)).toEqual({ peft: { method: "lora", r: 32, alpha: 32, dropout: 0 } });
    expect(changeOf(spec, "r", null)).toEqual({ peft: { method: "lora", alpha: 32, dropout: 0 } });
  });

  it("of patience is one of early stopping, and null takes it back", () => {
    expect(changeOf(spec, "early_stopping", 7)).toEqual({ early_stopping: { patience: 7 } });
    expect(changeOf(spec, "early_stopping", null)).toEqual({ early_stopping: null });
    expect(changeOf(spec, "epochs", 9)).toEqual({ epochs: 9 });
  });
});
