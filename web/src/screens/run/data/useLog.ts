/** A run's log: its end is read first, the rest where one scrolls to; searched by the server. */

import { useThrottleFn } from "@vueuse/core";
import { computed, onScopeDispose, ref, shallowRef } from "vue";
import { asFault, type ApiFault } from "@/api/errors";
import type { RunEvent, Schema } from "@/api/types";
import { isReport, LogLines, placeIn } from "./log-lines";
import { useRun } from "./useRun";

/** A log of up to so many bytes is read as a whole, so that lines can be left out of it. */
const WHOLE_BYTES = 16 * 1024 * 1024;
const TAIL_LINES = 2000;
const PAGE_LINES = 1000;
const MOST_MATCHES = 5000;
const DRAWN_MS = 150;

export function useLog() {
  const { run, source, onEvents } = useRun();
  const log = new LogLines();
  const version = ref(0);
  const isLoading = ref(true);
  const isWhole = ref(false);
  const showsReports = ref(false);
  const fault = shallowRef<ApiFault | null>(null);
  const size = ref(0);
  const asked = new Set<number>();
  const abort = new AbortController();
  /** One request at a time moves the end on. */
  let reading: Promise<void> | null = null;
  /** Something came while the end was read. */
  let isBehind = false;

  const draw = useThrottleFn(() => (version.value += 1), DRAWN_MS, true);
  /** Whether lines are left out, so that places among those shown are not those of the log. */
  const isFiltered = computed(() => isWhole.value && !showsReports.value);

  async function read(query: { offset?: number; tail?: number; from?: number; lines?: number }) {
    // without `search` it is this kind of answer
    const part = (await source.logs(run.value.id, query, abort.signal)) as Schema<"LogChunk">;
    if (query.offset === undefined) log.put(part.line, part.text, part.next_offset);
    else if (part.offset === log.end) log.append(part.text, part.next_offset);
    size.value = Math.max(size.value, part.size);
    return part;
  }

  async function load(): Promise<void> {
    isLoading.value = true;
    fault.value = null;
    try {
      const first = await read({ tail: TAIL_LINES });
      isWhole.value = first.size <= WHOLE_BYTES;
      if (isWhole.value && first.offset > 0) await readUpTo(first.offset);
      await catchUp();
    } catch (error) {
      const found = asFault(error);
      if (!found.isAborted) fault.value = found;
    } finally {
      isLoading.value = false;
      version.value += 1;
    }
  }

  /** Reads the lines before `end` (a byte), each part from the beginning of a line. */
  async function readUpTo(end: number): Promise<void> {
    let from = 1;
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- each part begins where the last one ended
      const part = await read({ from });
      const ended = part.text.split("\n").length - 1;
      if (part.next_offset >= end || ended === 0) return;
      from = part.line + ended;
    }
  }

  /** Reads what the stream did not bring. */
  function catchUp(): Promise<void> {
    reading ??= (async () => {
      let before = -1;
      while (log.end > before || isBehind) {
        before = log.end;
        isBehind = false;
        // oxlint-disable-next-line no-await-in-loop -- each part begins where the last one ended
        await read({ offset: log.end });
      }
    })().finally(() => {
      reading = null;
      void draw();
    });
    return reading;
  }

  /** Reads lines that are looked at and not known, page by page. */
  async function want(from: number, to: number): Promise<void> {
    const missing = log.missing(from, to);
    if (!missing) return;
    const first = Math.floor(missing.from / PAGE_LINES);
    const last = Math.floor(missing.to / PAGE_LINES);
    const pages = Array.from({ length: last - first + 1 }, (_, index) => first + index);
    await Promise.all(pages.filter((page) => !asked.has(page)).map(readPage));
  }

  async function readPage(page: number): Promise<void> {
    asked.add(page);
    try {
      await read({ from: page * PAGE_LINES + 1, lines: PAGE_LINES });
      void draw();
    } catch (error) {
      const found = asFault(error);
      if (!found.isAborted) fault.value = found;
    } finally {
      // very long lines may leave some of the page unread
      asked.delete(page);
    }
  }

  function hear(events: readonly RunEvent[]): void {
    for (const event of events) {
      if (event.type !== "log") continue;
      const { text, offset, size: bytes } = event.data;
      if (offset + bytes <= log.end) continue;
      if (isLoading.value || reading) {
        isBehind = true;
      } else if (offset === log.end) {
        log.append(text, offset + bytes);
        size.value = Math.max(size.value, log.end);
        void draw();
      } else {
        catchUp().catch(() => undefined);
      }
    }
  }

  /** Places of the lines that hold `text`, among those that are shown. */
  async function search(text: string, signal: AbortSignal): Promise<number[]> {
    const places: number[] = [];
    let offset = 0;
    for (;;) {
      const query = { search: text, offset };
      // oxlint-disable-next-line no-await-in-loop -- each part begins where the last one ended
      const found = (await source.logs(run.value.id, query, signal)) as Schema<"LogMatches">;
      for (const match of found.matches) {
        if (!isFiltered.value || !isReport(match.text)) places.push(placeOf(match.line));
      }
      if (found.next_offset >= found.size || places.length >= MOST_MATCHES) break;
      offset = found.next_offset;
    }
    return [...new Set(places)];
  }

  /** All of the log as it was printed. */
  async function whole(): Promise<string> {
    const parts: string[] = [];
    let offset = 0;
    for (;;) {
      // oxlint-disable-next-line no-await-in-loop -- each part begins where the last one ended
      const part = (await source.logs(run.value.id, { offset }, abort.signal)) as Schema<"LogChunk">;
      parts.push(part.text);
      if (part.next_offset >= part.size || part.next_offset <= offset) return parts.join("");
      offset = part.next_offset;
    }
  }

  /** Where a line of the log (from 1) stands among those shown. */
  function placeOf(line: number): number {
    return isFiltered.value ? placeIn(log.withoutReports(), line - 1) : line - 1;
  }

  function lineOf(place: number): number {
    return isFiltered.value ? (log.withoutReports()[place] ?? place) : place;
  }

  const total = computed(() => {
    void version.value;
    // what is to be read as a whole is not shown before
    if (isLoading.value && isWhole.value) return 0;
    return isFiltered.value ? log.withoutReports().length : log.total;
  });

  onEvents(hear);
  onScopeDispose(() => abort.abort());
  void load();

  return {
    version,
    total,
    size,
    isLoading,
    isWhole,
    showsReports,
    fault,
    load,
    search,
    whole,
    /** The text at a place, and its number in the log. */
    at: (place: number) => dimmed(log.at(lineOf(place))),
    numberAt: (place: number) => lineOf(place) + 1,
    want: (from: number, to: number) => void want(lineOf(from), lineOf(to)),
  };
}

/** Report lines recede where they cannot be left out. */
function dimmed(text: string | undefined): string | undefined {
  return text !== undefined && isReport(text) ? `\u001B[2m${text}\u001B[0m` : text;
}
