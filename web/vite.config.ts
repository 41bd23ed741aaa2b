import { fileURLToPath } from "node:url";
import tailwindcss from "@tailwindcss/vite";
import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vitest/config";
import { compiledMessages } from "./scripts/compiled-messages.ts";
import { precompress } from "./scripts/precompress.ts";
import { preloads } from "./scripts/preloads.ts";

const server = process.env.TRAINWRIGHT_URL ?? "http://127.0.0.1:8000";

const SHARED = /src\/(?!screens|charts)|node_modules\//;
/** What opens over the page: no page needs it before somebody reaches for it. */
const OVER_THE_PAGE =
  /src\/ui\/molecules\/Dialog|node_modules\/(?:aria-hidden|defu|reka-ui\/dist\/(?:Dialog|DismissableLayer|FocusScope|Teleport))\/|reka-ui\/dist\/shared\/(?:useBodyScrollLock|useHideOthers|bodyPointerEvents)/;

export default defineConfig(({ command }) => ({
  plugins: [vue(), tailwindcss(), compiledMessages(), preloads(), precompress()],
  resolve: { alias: { "@": fileURLToPath(new URL("./src", import.meta.url)) } },
  define: {
    // parts that nothing here uses
    __VUE_OPTIONS_API__: false,
    __VUE_I18N_FULL_INSTALL__: false,
    __VUE_I18N_LEGACY_API__: false,
    __INTLIFY_PROD_DEVTOOLS__: false,
    __INTLIFY_DROP_MESSAGE_COMPILER__: command === "build",
  },
  // The server's content security policy allows no inline asset but images.
  build: {
    outDir: "dist",
    assetsDir: "assets",
    assetsInlineLimit: 0,
    sourcemap: false,
    rolldownOptions: {
      output: {
        codeSplitting: {
          // Else each icon and each small part is a file of its own: a hundred requests a screen.
          groups: [
            { name: "vendor", test: /node_modules\/(?:@?vue|vue-[^/]+|pinia|@intlify|openapi-fetch)\//, priority: 3 },
            { name: "icons", test: /node_modules\/@lucide\//, priority: 2 },
            { name: "common", test: (id) => SHARED.test(id) && !OVER_THE_PAGE.test(id), minShareCount: 10, priority: 1 },
            { name: "dialog", test: OVER_THE_PAGE, minShareCount: 4, priority: 0 },
          ],
        },
      },
    },
  },
  server: { proxy: { "/api": { target: server, ws: true }, "/docs": server, "/redoc": server } },
  test: { environment: "happy-dom", include: ["tests/**/*.test.ts"] },
}));
