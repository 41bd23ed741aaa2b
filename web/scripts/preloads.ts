import { basename, dirname, resolve } from "node:path";
import type { Plugin, Rolldown } from "vite";
import { createRouterMatcher, type RouteRecordRaw } from "vue-router";

const SCREEN = /\/src\/screens\/[^/]+\/route\.ts$/;
const MESSAGES = /\/src\/i18n\/(en|ko)\/([^/]+)\.json$/;
const SHELL = /\/src\/i18n\/shell-(en|ko)\.ts$/;

/** A route as it stands in a screen's `route.ts`. */
interface Route {
  path: string;
  /** Those of its component and of the parts that come with it. */
  modules: string[];
  children: Route[];
}

interface Page {
  /** A regular expression of its address. */
  path: string;
  /** What it shows, from the outside in. */
  modules: string[];
  /** Of its messages. */
  area: string;
}

type Node = Record<string, unknown>;

/**
 * Writes `preloads.json`: which files each page needs, so that the server can name them with the
 * page and the browser loads them at once, not when the router has begun and asks for each.
 */
export function preloads(): Plugin {
  const screens = new Map<string, Route[]>();
  return {
    name: "preloads",
    apply: "build",
    enforce: "post",
    transform(code, id) {
      if (SCREEN.test(id)) screens.set(areaOf(id), routesIn(this.parse(code), dirname(id)));
    },
    generateBundle(_, bundle) {
      const chunks = Object.values(bundle).filter((file) => file.type === "chunk");
      const entry = chunks.find(({ isEntry }) => isEntry);
      const begun = new Set(entry ? filesOf(entry, chunks) : []);
      const pages = pagesOf(screens).map(({ path, modules, area }) => {
        const parts = chunks.filter(({ moduleIds }) => modules.some((module) => moduleIds.includes(module)));
        const needed = new Set(parts.flatMap((chunk) => filesOf(chunk, chunks)));
        const files = [...needed].filter((file) => !begun.has(file));
        return { path, files, words: { en: wordsOf(chunks, area, "en"), ko: wordsOf(chunks, area, "ko") } };
      });
      this.emitFile({ type: "asset", fileName: "preloads.json", source: JSON.stringify(pages) });
    },
  };
}

const areaOf = (id: string) => basename(dirname(id));

/** The chunk, what it imports, and their styles. */
function filesOf(from: Rolldown.OutputChunk, chunks: Rolldown.OutputChunk[]): string[] {
  const found = new Set([from]);
  for (const chunk of found)
    for (const other of chunks) if (chunk.imports.includes(other.fileName)) found.add(other);
  return [...found].flatMap(({ fileName, viteMetadata }) => [fileName, ...(viteMetadata?.importedCss ?? [])]);
}

function wordsOf(chunks: Rolldown.OutputChunk[], area: string, language: string): string[] {
  const holds = (id: string) => {
    const [, inLanguage, ofArea] = MESSAGES.exec(id) ?? SHELL.exec(id) ?? [];
    return inLanguage === language && (ofArea === undefined || ofArea === area);
  };
  return chunks.filter(({ moduleIds }) => moduleIds.some(holds)).map(({ fileName }) => fileName);
}

/** The most exact address first. */
function pagesOf(screens: ReadonlyMap<string, Route[]>): Page[] {
  const records = (routes: Route[], area: string, above: string[]): RouteRecordRaw[] =>
    routes.map(({ path, modules: own, children }) => {
      const modules = [...above, ...own];
      return { path, component: {}, meta: { area, modules }, children: records(children, area, modules) };
    });
  const areas = [...screens.keys()].toSorted();
  const all = areas.flatMap((area) => records(screens.get(area) ?? [], area, []));
  return createRouterMatcher(all, {})
    .getRoutes()
    .map(({ re, record }) => ({ path: re.source, ...(record.meta as Omit<Page, "path">) }));
}

/** The objects of a syntax tree that have a `path` and a `component` which is imported. */
function routesIn(tree: unknown, folder: string): Route[] {
  if (Array.isArray(tree)) return tree.flatMap((part) => routesIn(part, folder));
  if (!isNode(tree)) return [];
  const fields = tree["type"] === "ObjectExpression" ? fieldsOf(tree) : new Map<string, Node>();
  const path = fields.get("path")?.["value"];
  const component = importsIn(fields.get("component"));
  if (typeof path !== "string" || component.length === 0)
    return Object.values(tree).flatMap((part) => routesIn(part, folder));
  const modules = [...component, ...importsIn(fields.get("meta"))].map((module) => resolve(folder, module));
  return [{ path, modules, children: routesIn(fields.get("children"), folder) }];
}

function fieldsOf(object: Node): Map<string, Node> {
  const properties = (object["properties"] as Node[]).filter(({ type }) => type === "Property");
  return new Map(properties.map(({ key, value }) => [String((key as Node)["name"]), value as Node]));
}

function importsIn(tree: unknown): string[] {
  if (Array.isArray(tree)) return tree.flatMap(importsIn);
  if (!isNode(tree)) return [];
  if (tree["type"] === "ImportExpression") return [String((tree["source"] as Node)["value"])];
  return Object.values(tree).flatMap(importsIn);
}

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null;
