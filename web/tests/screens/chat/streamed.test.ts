import { describe, expect, it } from "vitest";
import { ApiFault } from "@/api/errors";
import { read } from "@/screens/chat/streamed";
import { streamOf } from "../../api/streams";

const event = (name: string, data: unknown) => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
const reply = { session_id: "c1", reply: "학습을 시작했습니다" };

describe("a streamed answer", () => {
  it.each([1, 2, 3, 7, 1000])("is read whole when it comes in pieces of %i bytes", async (size) => {
    const told: string[] = [];
    const stream = event("words", { text: "학습을 " }) + event("words", { text: "시작" }) + event("reply", reply);
    expect(await read(streamOf(stream, size), (text) => told.push(text))).toEqual(reply);
    expect(told).toEqual(["학습을 ", "학습을 시작"]);
  });

  it("shows what replaces words that did not hold", async () => {
    const told: string[] = [];
    const stream = event("words", { text: "99 %" }) + event("instead", { text: "97 %" }) + event("reply", reply);
    await read(streamOf(stream, 64), (text) => told.push(text));
    expect(told.at(-1)).toBe("97 %");
  });

  it("is a fault when it ends early", async () => {
    const half = event("words", { text: "so" }) + "event: reply\ndata: {";
    await expect(read(streamOf(half, 16), () => {})).rejects.toBeInstanceOf(ApiFault);
  });
});
