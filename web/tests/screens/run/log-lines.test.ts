import { describe, expect, it } from "vitest";
import { LogLines, placeIn } from "@/screens/run/data/log-lines";

const bytes = (text: string) => new TextEncoder().encode(text).length;

function whole(text: string): LogLines {
  const log = new LogLines();
  log.put(1, text, bytes(text));
  return log;
}

describe("a log", () => {
  it("goes on where it stopped, in the middle of a line too", () => {
    const log = whole("one\ntw");
    expect(log.total).toBe(2);
    log.append("o\nthree\n", 14);
    expect([log.at(0), log.at(1), log.at(2)]).toEqual(["one", "two", "three"]);
    expect(log.total).toBe(3);
    log.append("four", 18);
    expect(log.total).toBe(4);
    expect(log.end).toBe(18);
  });

  it("is empty before anything came", () => {
    const log = new LogLines();
    expect(log.total).toBe(0);
    log.append("a\nb", 3);
    expect([log.total, log.at(0), log.at(1)]).toEqual([2, "a", "b"]);
  });

  it("knows what it lacks", () => {
    const log = new LogLines();
    log.put(1000, "last\n", 9000);
    expect(log.total).toBe(1000);
    expect(log.at(0)).toBeUndefined();
    expect(log.missing(0, 50)).toEqual({ from: 0, to: 50 });
    log.put(1, "a\nb\nc\n", 6);
    expect(log.missing(0, 5)).toEqual({ from: 3, to: 5 });
    expect(log.missing(0, 2)).toBeNull();
    expect(log.missing(990, 2000)).toEqual({ from: 990, to: 998 });
    expect(log.end).toBe(9000);
  });

  it("does not let a part that was cut off spoil a line that is known", () => {
    const log = whole("first\nsecond\n");
    log.put(1, "first\nsec", 9);
    expect(log.at(1)).toBe("second");
  });

  it("shows of a progress bar what it wrote last", () => {
    const log = whole("10%\r50%\r100%\r\ndone\n");
    expect([log.at(0), log.at(1)]).toEqual(["100%", "done"]);
  });

  it("leaves out what trainers tell the platform, also of what comes", () => {
    const report = '::trainwright:: {"kind": "metrics"}';
    const log = whole(`a\n${report}\nb\n`);
    expect(log.withoutReports()).toEqual([0, 2]);
    log.append(`${report.slice(0, 20)}`, 60);
    log.append(`${report.slice(20)}\nc\n`, 90);
    expect(log.withoutReports()).toEqual([0, 2, 4]);
    expect(log.at(4)).toBe("c");
  });

  it("finds the place of a line among those shown", () => {
    expect([0, 1, 4, 9].map((line) => placeIn([0, 2, 4], line))).toEqual([0, 1, 2, 2]);
    expect(placeIn([], 3)).toBe(0);
  });
});
