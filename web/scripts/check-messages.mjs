// Fails unless every message is there in both languages with the same placeholders, every key that
// is used exists, and every key that exists is used. Names of areas as arguments limit the report.
import { readdirSync, readFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

const root = process.env.WEB_ROOT ?? fileURLToPath(new URL("..", import.meta.url));
const [first, ...others] = ["en", "ko"];
const areas = process.argv.slice(2);
const problems = [];

const messages = Object.fromEntries([first, ...others].map((name) => [name, read(name)]));
for (const other of others) compare(messages[first], messages[other], other);
const used = findUses(messages[first]);
for (const key of messages[first].keys()) {
  if (!used.has(key)) report(key, `is used nowhere`);
}

if (problems.length > 0) {
  process.stderr.write(`${problems.toSorted().join("\n")}\n${problems.length} problems in messages\n`);
  process.exitCode = 1;
} else {
  process.stdout.write(`${messages[first].size} messages, complete in ${others.length + 1} languages\n`);
}

function report(key, what, where = "") {
  if (areas.length > 0 && !areas.includes(key.split(".")[0])) return;
  problems.push(`${key}: ${what}${where}`);
}

/** Every message of a language by its key. */
function read(language) {
  const folder = join(root, "src/i18n", language);
  const found = new Map();
  for (const file of readdirSync(folder).filter((name) => name.endsWith(".json"))) {
    flatten(JSON.parse(readFileSync(join(folder, file), "utf8")), basename(file, ".json"), found);
  }
  return found;
}

function flatten(node, key, found) {
  if (typeof node === "string") {
    found.set(key, node);
    return;
  }
  for (const [name, value] of Object.entries(node)) flatten(value, `${key}.${name}`, found);
}

function compare(one, other, language) {
  for (const [key, text] of one) {
    const same = other.get(key);
    if (same === undefined) report(key, `is missing in ${language}`);
    else if (placeholders(text) !== placeholders(same)) {
      report(key, `has other placeholders in ${language}: ${placeholders(same) || "none"}`);
    }
  }
  for (const key of other.keys()) {
    if (!one.has(key)) report(key, `is there in ${language} only`);
  }
  for (const [key, text] of [...one, ...other]) {
    // a bare @ begins a link to another message
    if (/@/.test(text.replaceAll("{'@'}", ""))) report(key, "has a bare @: write {'@'}");
    if (text.trim() === "") report(key, "is empty");
  }
}

function placeholders(text) {
  const names = [...text.matchAll(/\{\s*([A-Za-z0-9_]+)\s*\}/g)].map(([, name]) => name);
  return [...new Set(names)].toSorted().join(", ");
}

/** Keys that the sources name; reports those that do not exist. */
function findUses(known) {
  const found = new Set();
  const keys = [...known.keys()];
  for (const file of sources(join(root, "src"))) {
    const text = readFileSync(file, "utf8");
    for (const literal of literals(text)) {
      const pattern = patternOf(literal);
      if (typeof pattern === "string") {
        if (known.has(pattern)) found.add(pattern);
      } else if (pattern) {
        for (const key of keys.filter((one) => pattern.test(one))) found.add(key);
      }
    }
    const where = ` (${relative(root, file)})`;
    for (const literal of asked(text)) {
      const pattern = patternOf(literal);
      const exists =
        typeof pattern === "string" ? known.has(pattern) : keys.some((key) => pattern.test(key));
      if (!exists) report(literal.slice(1, -1), "does not exist", where);
    }
  }
  return found;
}

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && /\.(vue|ts)$/.test(entry.name))
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .filter((file) => !file.endsWith(".d.ts"));
}

/** All text literals, with their quotes. */
function literals(text) {
  return text.match(/"[^"\n]*"|'[^'\n]*'|`[^`]*`/g)?.flatMap(inner) ?? [];
}

/** A literal, and those inside an attribute of a template. */
function inner(literal) {
  return literal[0] === '"' ? [literal, ...(literal.slice(1, -1).match(/'[^']*'|`[^`]*`/g) ?? [])] : [literal];
}

/** The literals that are asked for as messages: those in the first argument of `t` and `te`. */
function asked(text) {
  const found = [];
  for (const { index, 0: call } of text.matchAll(/(?<![\w.$])(?:\$t|t|te|i18n\.global\.t)\(/g)) {
    const argument = firstArgument(text, index + call.length);
    found.push(...(argument.match(/"[a-z][\w-]*\.[^"\n]*"|'[a-z][\w-]*\.[^'\n]*'|`[a-z][\w-]*\.[^`]*`/g) ?? []));
  }
  for (const [, key] of text.matchAll(/\bkeypath="([^"]+)"/g)) found.push(`"${key}"`);
  // titles of pages and labels of places are translated where they are shown
  for (const [, key] of text.matchAll(/\b(?:title|label): ("shell\.[^"]+")/g)) found.push(key);
  return found;
}

function firstArgument(text, start) {
  let depth = 0;
  for (let place = start; place < text.length; place += 1) {
    const sign = text[place];
    if ("([{".includes(sign)) depth += 1;
    else if (")]}".includes(sign)) depth -= 1;
    if (depth < 0 || (depth === 0 && sign === ",")) return text.slice(start, place);
  }
  return text.slice(start);
}

/** A key, or for a template a pattern of keys; null for what can be none. */
function patternOf(literal) {
  const text = literal.slice(1, -1);
  if (literal[0] !== "`" || !text.includes("${")) return text;
  const [beginning] = text.split("${");
  if (!beginning.includes(".")) return /(?!)/;
  const parts = text.split(/\$\{(?:[^{}]|\{[^{}]*\})*\}/).map((part) => part.replace(/[.*+?^()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${parts.join("[\\w-]+(?:\\.[\\w-]+)*")}$`);
}
