/** Plain values as YAML, as far as a spec has them: mappings, lists, text, numbers, truth. */

const PLAIN = /^[A-Za-z_/][\w/.@+-]*( [\w/.@+-]+)*$/;
const WORDS = /^(true|false|yes|no|on|off|null|y|n|nan|inf)$/i;

export function toYaml(value: Record<string, unknown>): string {
  return lines(value, 0).join("\n") + "\n";
}

function lines(value: object, depth: number): string[] {
  const pad = "  ".repeat(depth);
  if (Array.isArray(value)) return value.map((item) => `${pad}- ${inline(item)}`);
  return Object.entries(value).flatMap(([key, item]) => {
    const isNested = isFilled(item) && !(Array.isArray(item) && item.some((one) => typeof one === "object"));
    return isNested
      ? [`${pad}${text(key)}:`, ...lines(item, depth + 1)]
      : [`${pad}${text(key)}: ${inline(item)}`];
  });
}

/** JSON is YAML, too: what nests inside a list is written so. */
function inline(value: unknown): string {
  if (typeof value === "string") return text(value);
  // readers of YAML 1.1 take `1e-7` for text
  return JSON.stringify(value ?? null).replace(/^(-?\d+)e/, "$1.0e");
}

function text(value: string): string {
  return PLAIN.test(value) && !WORDS.test(value) ? value : JSON.stringify(value);
}

function isFilled(value: unknown): value is object {
  return typeof value === "object" && value !== null && Object.keys(value).length > 0;
}
