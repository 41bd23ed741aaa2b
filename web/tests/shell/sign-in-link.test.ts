import { describe, expect, it } from "vitest";
import { codeOf, nextOf } from "@/app/sign-in-link";

const CODE = "a1qHV-15CrvtrjgMpScSR9VjH0fFbaZ6ugqwTKTLmjw";

describe("a sign-in link", () => {
  it.each([
    `http://127.0.0.1:8000/sign-in#code=${CODE}`,
    `  https://box.example/sign-in?next=/runs#code=${CODE}&x=1 `,
    `#code=${CODE}`,
    CODE,
  ])("%s holds its code", (pasted) => expect(codeOf(pasted)).toBe(CODE));

  it.each(["", "http://127.0.0.1:8000/sign-in", "#code=", "#code=<b>", "two words", "short"])(
    "%s holds none",
    (pasted) => expect(codeOf(pasted)).toBeNull(),
  );
});

describe("where somebody goes on", () => {
  it.each([
    ["/runs?q=a#b", "/runs?q=a#b"],
    ["//evil.example", "/"],
    ["/\\evil.example", "/"],
    ["https://evil.example", "/"],
    ["javascript:alert(1)", "/"],
    [undefined, "/"],
    [["/a", "/b"], "/"],
  ])("%s is %s", (next, path) => expect(nextOf(next)).toBe(path));
});
