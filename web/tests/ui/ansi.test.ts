import { describe, expect, it } from "vitest";
import { ansiSpans, markSpans, plainText } from "@/ui/ansi";

const ESC = "\u001B[";

describe("a terminal's line", () => {
  it("keeps colours as classes and loses the codes", () => {
    const spans = ansiSpans(`${ESC}1;31mERROR${ESC}0m out of memory`);
    expect(spans).toEqual([
      { text: "ERROR", classes: "text-error-ink font-semibold" },
      { text: " out of memory", classes: "" },
    ]);
  });

  it("reads 256 and true colours, and survives broken ones", () => {
    expect(ansiSpans(`${ESC}38;5;196mx`)[0]?.color).toBe("rgb(255 0 0)");
    expect(ansiSpans(`${ESC}38;5;244mx`)[0]?.color).toBe("rgb(128 128 128)");
    expect(ansiSpans(`${ESC}38;2;1;2;999mx`)[0]?.color).toBe("rgb(1 2 255)");
    expect(plainText(`${ESC}38mx${ESC}48;5my`)).toBe("xy");
  });

  it("lets a background's colour not be read as a foreground's", () => {
    expect(ansiSpans(`${ESC}48;5;196mx`)[0]?.color).toBeUndefined();
  });

  it("drops titles, cursor moves and bare controls", () => {
    expect(plainText(`\u001B]0;title\u0007a${ESC}2Kb\u0000c${ESC}10;5Hd`)).toBe("abcd");
  });

  it("shows what a progress bar wrote last", () => {
    expect(plainText(" 10%\r 50%\r100%\r")).toBe("100%");
  });

  it("leaves markup as the text it is", () => {
    expect(plainText('<img src=x onerror="alert(1)">')).toBe('<img src=x onerror="alert(1)">');
  });
});

describe("search hits", () => {
  const marked = (line: string, query: string) =>
    markSpans(ansiSpans(line), query).map(({ text, hit }) => (hit ? `[${text}]` : text)).join("");

  it("are found whatever the case", () => expect(marked("Loss loss", "LOSS")).toBe("[Loss] [loss]"));
  it("cross a change of colour", () => expect(marked(`tra${ESC}31min${ESC}0m/loss`, "train")).toBe("[tra][in]/loss"));
  it("stand side by side", () => expect(marked("aaaa", "aa")).toBe("[aa][aa]"));
  it("are none without a query", () => expect(marked("abc", "")).toBe("abc"));
  it("keep every letter", () => {
    const line = `x${ESC}1my${ESC}0mzxyz`;
    expect(markSpans(ansiSpans(line), "yz").map(({ text }) => text).join("")).toBe("xyzxyz");
  });
});
