import { describe, expect, it } from "vitest";
import {
  formatBytes,
  formatCompact,
  formatDuration,
  formatList,
  formatMetric,
  formatPercent,
  formatRelative,
  formatTime,
  NOTHING,
} from "@/i18n/format";

describe("a measured value", () => {
  it.each([
    [0.031234, "0.03123"],
    [97.41666, "97.42"],
    [0, "0"],
    [0.000012, "1.2e-5"],
    [34_000_000, "3.4e+7"],
    [-0.5, "-0.5"],
    [Infinity, "∞"],
  ])("%f is written %s", (value, text) => expect(formatMetric(value, "en")).toBe(text));

  it("is a dash when there is none", () => {
    expect(formatMetric(null, "en")).toBe(NOTHING);
    expect(formatMetric(Number.NaN, "en")).toBe(NOTHING);
    expect(formatBytes(undefined, "ko")).toBe(NOTHING);
    expect(formatTime("no date", "en")).toBe(NOTHING);
  });
});

describe("a span of time", () => {
  it.each([
    [0.08, "80ms"],
    [2.34, "2.3s"],
    [59, "59s"],
    [60, "1m"],
    [3 * 3600 + 62, "3h 1m"],
    [90_000, "1d 1h"],
    [0, "0s"],
  ])("%f s is %s", (seconds, text) => expect(formatDuration(seconds, "en")).toBe(text));

  it("speaks Korean", () => expect(formatDuration(3724, "ko")).toBe("1시간 2분"));
  it("leaves out a part that is nothing", () => expect(formatDuration(3605, "en")).toBe("1h"));
});

it("counts bytes in thousands", () => {
  expect(formatBytes(512, "en")).toBe("512 B");
  expect(formatBytes(1_234_567, "en")).toBe("1.2 MB");
  expect(formatBytes(250_000_000_000, "en")).toBe("250 GB");
});

it("shortens large numbers each language's way", () => {
  expect(formatCompact(12_345, "en")).toBe("12.3K");
  expect(formatCompact(12_345, "ko")).toBe("1.2만");
});

it("writes shares as percentages", () => expect(formatPercent(0.1234, "en")).toBe("12.3%"));

it("says how long ago, and how soon", () => {
  const now = Date.UTC(2026, 0, 2, 12);
  expect(formatRelative(now - 3 * 60_000, "en", now)).toBe("3 minutes ago");
  expect(formatRelative(now + 2 * 3_600_000, "ko", now)).toBe("2시간 후");
  expect(formatRelative(now - 5000, "en", now)).toBe("now");
});

it("joins words the language's way", () => {
  expect(formatList(["a", "b", "c"], "en")).toBe("a, b, and c");
  expect(formatList(["가", "나"], "ko")).toBe("가 및 나");
});
