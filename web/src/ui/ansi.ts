/** A stretch of a terminal line with one look. Text only: it is never put in as HTML. */
export interface Span {
  text: string;
  classes: string;
  /** A colour outside the sixteen named ones. */
  color?: string | undefined;
}

interface Look {
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  named: number | null;
  exact: string | null;
}

// Terminals' sixteen, as inks that are legible on both themes' grounds.
const named = [
  "text-ink",
  "text-error-ink",
  "text-success-ink",
  "text-warning-ink",
  "text-info-ink",
  "text-brand-ink",
  "text-info-ink",
  "text-muted",
];

const plain: Look = {
  bold: false,
  dim: false,
  italic: false,
  underline: false,
  named: null,
  exact: null,
};

// Control sequences, operating-system commands (titles, links), and single escapes.
// oxlint-disable-next-line no-control-regex
const ESCAPE = /\x1b(?:\[([0-9;:]*)([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[@-Z\\-_])/g;
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f]/g;

function cube(index: number): string {
  if (index >= 232) {
    const grey = (index - 232) * 10 + 8;
    return `rgb(${grey} ${grey} ${grey})`;
  }
  const level = (value: number) => (value === 0 ? 0 : value * 40 + 55);
  const place = index - 16;
  const parts = [Math.floor(place / 36), Math.floor(place / 6) % 6, place % 6].map(level);
  return `rgb(${parts.join(" ")})`;
}

/** Reads `38;5;n` and `38;2;r;g;b`; gives how many codes belong to it. */
function extended(codes: number[], at: number, look: Look): number {
  const [kind, first = 0, second = 0, third = 0] = codes.slice(at + 1);
  const foreground = codes[at] === 38;
  if (kind === 5) {
    if (foreground) {
      look.named = first < 16 ? first % 8 : null;
      look.exact = first < 16 ? null : cube(Math.min(255, first));
    }
    return 2;
  }
  if (kind !== 2) return codes.length;
  if (foreground) look.exact = `rgb(${[first, second, third].map((part) => Math.min(255, part)).join(" ")})`;
  return 4;
}

function apply(codes: number[], look: Look): Look {
  const next = { ...look };
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0;
    if (code === 0) Object.assign(next, plain);
    else if (code === 1) next.bold = true;
    else if (code === 2) next.dim = true;
    else if (code === 3) next.italic = true;
    else if (code === 4) next.underline = true;
    else if (code === 22) next.bold = next.dim = false;
    else if (code === 23) next.italic = false;
    else if (code === 24) next.underline = false;
    else if (code === 38 || code === 48) at += extended(codes, at, next);
    else if (code === 39) next.named = next.exact = null;
    else if ((code >= 30 && code <= 37) || (code >= 90 && code <= 97)) {
      next.named = code % 10;
      next.exact = null;
    }
  }
  return next;
}

function span(text: string, look: Look): Span {
  const classes = [
    look.exact === null && look.named !== null && (named[look.named] ?? ""),
    look.exact === null && look.named === null && look.dim && "text-faint",
    look.bold && "font-semibold",
    look.italic && "italic",
    look.underline && "underline",
  ];
  return {
    text,
    classes: classes.filter(Boolean).join(" "),
    ...(look.exact === null ? {} : { color: look.exact }),
  };
}

/** A terminal's line in spans: colours kept, every other control left out. */
export function ansiSpans(line: string): Span[] {
  // A progress bar writes over itself: what stands after the last return is what one saw.
  const written = line.replace(/\r+$/, "");
  const seen = written.slice(written.lastIndexOf("\r") + 1);
  const spans: Span[] = [];
  let look = plain;
  let from = 0;
  const put = (text: string) => {
    const clean = text.replace(CONTROL, "");
    if (clean) spans.push(span(clean, look));
  };
  for (const match of seen.matchAll(ESCAPE)) {
    put(seen.slice(from, match.index));
    from = match.index + match[0].length;
    if (match[2] === "m") look = apply((match[1] || "0").split(/[;:]/).map(Number), look);
  }
  put(seen.slice(from));
  return spans;
}

export function plainText(line: string): string {
  return ansiSpans(line)
    .map(({ text }) => text)
    .join("");
}

/** Spans cut where a search hits, so that hits can be marked across changes of colour. */
export function markSpans(spans: readonly Span[], query: string): (Span & { hit: boolean })[] {
  const text = spans.map((part) => part.text).join("");
  const wanted = query.toLowerCase();
  if (!wanted) return spans.map((part) => ({ ...part, hit: false }));
  const low = text.toLowerCase();
  const cuts: number[] = [];
  // Lower case may be longer than the text (İ): then places do not match, and nothing is marked.
  for (let at = low.length === text.length ? low.indexOf(wanted) : -1; at >= 0; ) {
    cuts.push(at, at + wanted.length);
    at = low.indexOf(wanted, at + wanted.length);
  }
  const pieces: (Span & { hit: boolean })[] = [];
  let start = 0;
  for (const part of spans) {
    const end = start + part.text.length;
    const inside = cuts.filter((cut) => cut > start && cut < end);
    // Two hits side by side share an edge.
    const edges = [...new Set([start, ...inside, end])];
    for (let place = 1; place < edges.length; place += 1) {
      const from = edges[place - 1] ?? start;
      const to = edges[place] ?? end;
      const before = cuts.filter((cut) => cut <= from).length;
      pieces.push({ ...part, text: text.slice(from, to), hit: before % 2 === 1 });
    }
    start = end;
  }
  return pieces;
}
