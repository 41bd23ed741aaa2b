import { describe, expect, it } from "vitest";
import { eachLine } from "@/api/lines";
import { streamOf } from "./streams";

async function linesOf(text: string, size: number): Promise<string[]> {
  const found: string[] = [];
  await eachLine(streamOf(text, size), (lines) => found.push(...lines));
  return found;
}

describe("the lines of a body", () => {
  it.each([1, 2, 3, 5, 8, 1000])("are whole when it comes in pieces of %i bytes", async (size) => {
    expect(await linesOf('{"a":"안녕"}\n\n{"b":"🙂"}\n', size)).toEqual(['{"a":"안녕"}', '{"b":"🙂"}']);
  });

  it.each([1, 4, 1000])("are no halves where it is cut, in pieces of %i bytes", async (size) => {
    expect(await linesOf("one\ntw", size)).toEqual(["one"]);
  });

  it("are none in an empty body", async () => {
    expect(await linesOf("", 1)).toEqual([]);
  });

  it("come together when they came together", async () => {
    const told: string[][] = [];
    await eachLine(streamOf("a\nb\nc\n", 4), (lines) => told.push(lines));
    expect(told).toEqual([["a", "b"], ["c"]]);
  });

  it("are read no further after a failure", async () => {
    let isCancelled = false;
    const stream = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new TextEncoder().encode("x\n")),
      cancel: () => {
        isCancelled = true;
      },
    });
    const failing = eachLine(stream, () => {
      throw new Error("enough");
    });
    await expect(failing).rejects.toThrow("enough");
    expect(isCancelled).toBe(true);
  });
});
