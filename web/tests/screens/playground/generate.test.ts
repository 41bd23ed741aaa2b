import { describe, expect, it } from "vitest";
import { ApiFault } from "@/api/errors";
import { read } from "@/screens/playground/chat/generate";
import { streamOf } from "../../api/streams";
import { generated } from "./answers";

const line = (value: unknown) => `${JSON.stringify(value)}\n`;

describe("an answer that is told while it is made", () => {
  const stream = line({ delta: "안" }) + line({ delta: "녕 🙂" }) + line({ answer: generated("안녕 🙂") });

  it.each([1, 2, 3, 7, 1000])("is read whole when it comes in pieces of %i bytes", async (size) => {
    const told: string[] = [];
    expect(await read(streamOf(stream, size), (piece) => told.push(piece))).toEqual(generated("안녕 🙂"));
    expect(told.join("")).toBe("안녕 🙂");
  });

  it("is told once for all words that come together", async () => {
    const told: string[] = [];
    await read(streamOf(stream, 1000), (piece) => told.push(piece));
    expect(told).toEqual(["안녕 🙂"]);
  });

  it("may be empty", async () => {
    const told: string[] = [];
    await read(streamOf(line({ answer: generated("") }), 9), (piece) => told.push(piece));
    expect(told).toEqual([]);
  });

  it.each([1, 6, 1000])("is the fault that its last line tells of, in pieces of %i bytes", async (size) => {
    const error = { code: "overloaded", message: "not now", details: { mend: "trainwright up" }, request_id: "r" };
    const told: string[] = [];
    const broken = read(streamOf(line({ delta: "so" }) + line({ error }), size), (piece) => told.push(piece));
    await expect(broken).rejects.toMatchObject({
      code: "overloaded", message: "not now", mend: "trainwright up", requestId: "r",
    });
  });

  it.each(['{"delta":"so"}\n', '{"delta":"so"}\n{"ans', ""])("is a fault when it ends early: %j", async (text) => {
    await expect(read(streamOf(text, 4), () => undefined)).rejects.toBeInstanceOf(ApiFault);
  });
});
