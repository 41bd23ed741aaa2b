import { baseCompile } from "@intlify/message-compiler";
import type { Plugin } from "vite";

const MESSAGES = /\/src\/i18n\/(?:en|ko)\/[^/]+\.json$/;

type Messages = { [key: string]: string | Messages };

/**
 * Parses messages when the app is built, so that browsers need not load their parser.
 *
 * What `@intlify/unplugin-vue-i18n` does, too, which wants a newer Node than the app is built with.
 */
export function compiledMessages(): Plugin {
  return {
    name: "compiled-messages",
    apply: "build",
    enforce: "pre",
    transform(text, id) {
      if (!MESSAGES.test(id)) return null;
      return { code: JSON.stringify(compiled(JSON.parse(text) as Messages)), map: null };
    },
  };
}

function compiled(messages: Messages): object {
  return Object.fromEntries(
    Object.entries(messages).map(([key, value]) => [
      key,
      typeof value === "string"
        ? baseCompile(value, { jit: true, minify: true, location: false }).ast
        : compiled(value),
    ]),
  );
}
