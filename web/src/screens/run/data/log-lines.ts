/** The lines of a log as far as they are known: parts of it read at need, its end appended live. */

/** What begins the lines by which a trainer speaks to the platform; people read none of them. */
const REPORT = "::trainwright:: ";

export class LogLines {
  /** Numbers (from 0) of lines that are known, or of which it is known that they are there. */
  private readonly lines: (string | undefined)[] = [];
  /** Places of the lines that people read; null as long as some lines are not known. */
  private shown: number[] | null = null;
  /** The byte behind what is known at the end. */
  end = 0;

  /** Lines that there are; the last one may be unfinished. */
  get total(): number {
    const { length } = this.lines;
    return this.lines.at(-1) === "" ? length - 1 : length;
  }

  /** Takes a part that starts with the beginning of line `first` (from 1) and ends at byte `end`. */
  put(first: number, text: string, end: number): void {
    const parts = text.split("\n");
    // what is cut off at the end is whole where it has been read before
    const last = parts.pop() ?? "";
    parts.forEach((part, index) => {
      this.lines[first - 1 + index] = part;
    });
    const place = first - 1 + parts.length;
    if (end > this.end) {
      this.lines.length = Math.max(this.lines.length, place + 1);
      this.lines[place] = last;
      this.end = end;
    } else if (last) {
      this.lines[place] ??= last;
    }
    this.shown = null;
  }

  /** Takes what was printed since, which ends at byte `end`. */
  append(text: string, end: number): void {
    const at = Math.max(this.lines.length - 1, 0);
    const [first = "", ...rest] = text.split("\n");
    const before = this.lines[at] ?? "";
    this.lines[at] = before + first;
    for (const line of rest) this.lines.push(line);
    this.end = end;
    if (this.shown) this.extendShown(at);
  }

  /** The text of a line (from 0) as a terminal would leave it; undefined where it is not known. */
  at(place: number): string | undefined {
    const line = this.lines[place];
    return line === undefined ? undefined : settled(line);
  }

  /** The first and last line (from 0) of a range that are not known; null where all are. */
  missing(from: number, to: number): { from: number; to: number } | null {
    let first = from;
    let last = Math.min(to, this.total - 1);
    while (first <= last && this.lines[first] !== undefined) first += 1;
    while (last >= first && this.lines[last] !== undefined) last -= 1;
    return first <= last ? { from: first, to: last } : null;
  }

  /** The places of all lines but reports; to be asked of a log that is known as a whole. */
  withoutReports(): readonly number[] {
    if (!this.shown) {
      this.shown = [];
      this.extendShown(0);
    }
    return this.shown;
  }

  private extendShown(from: number): void {
    const shown = this.shown;
    if (!shown) return;
    while ((shown.at(-1) ?? -1) >= from) shown.pop();
    for (let place = from; place < this.total; place += 1) {
      if (!isReport(this.lines[place] ?? "")) shown.push(place);
    }
  }
}

export function isReport(line: string): boolean {
  return line.startsWith(REPORT);
}

/** Where a number stands in a rising list, or would; the last place for one beyond it. */
export function placeIn(sorted: readonly number[], wanted: number): number {
  let low = 0;
  let high = sorted.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? 0) < wanted) low = middle + 1;
    else high = middle;
  }
  return Math.min(low, Math.max(sorted.length - 1, 0));
}

/** A progress bar writes over itself: what it wrote last stays. */
function settled(line: string): string {
  if (!line.includes("\r")) return line;
  return line.split("\r").findLast((part) => part !== "") ?? "";
}
