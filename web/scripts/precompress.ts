import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import type { Plugin } from "vite";

const PACKS_WELL = /\.(css|js|svg)$/;
const WORTH_IT = 1024;

/** Puts `.br` and `.gz` files beside what packs well, so that the server need not pack. */
export function precompress(): Plugin {
  return {
    name: "precompress",
    apply: "build",
    generateBundle: {
      order: "post",
      handler(_, bundle) {
        for (const [name, file] of Object.entries(bundle)) {
          const content = Buffer.from(file.type === "chunk" ? file.code : file.source);
          if (!PACKS_WELL.test(name) || content.length < WORTH_IT) continue;
          this.emitFile({ type: "asset", fileName: `${name}.br`, source: brotli(content) });
          this.emitFile({ type: "asset", fileName: `${name}.gz`, source: gzipSync(content) });
        }
      },
    },
  };
}

function brotli(content: Buffer): Buffer {
  return brotliCompressSync(content, {
    params: {
      [constants.BROTLI_PARAM_MODE]: constants.BROTLI_MODE_TEXT,
      [constants.BROTLI_PARAM_SIZE_HINT]: content.length,
    },
  });
}
