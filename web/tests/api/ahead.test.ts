import { describe, expect, it, vi } from "vitest";
import { answerAhead } from "@/api/ahead";

describe("an answer that is asked for ahead", () => {
  it("is given once, to whoever asks by its name", async () => {
    const ask = vi.fn(async (name: string) => `of ${name}`);
    const ahead = answerAhead(ask);
    void ahead.begin("a");
    await expect(ahead.take("a")).resolves.toBe("of a");
    expect(ahead.take("a")).toBeNull();
    expect(ask).toHaveBeenCalledOnce();
  });

  it("is not another's, and is forgotten when another is asked for", () => {
    const ahead = answerAhead(async (name: string) => name);
    void ahead.begin("a");
    expect(ahead.take("b")).toBeNull();
    expect(ahead.take("a")).toBeNull();
  });

  it("fails only for whoever takes it", async () => {
    const ahead = answerAhead(() => Promise.reject(new Error("refused")));
    ahead.begin("a").catch(() => undefined);
    await expect(ahead.take("a")).rejects.toThrow("refused");
  });
});
