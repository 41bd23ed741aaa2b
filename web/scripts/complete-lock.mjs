// Completes package-lock.json after npm wrote it: optional packages of other platforms that npm's
// registry of the day did not have are missing from it, and `npm ci` then refuses the whole lock.
import { readFileSync, writeFileSync } from "node:fs";

const file = new URL("../package-lock.json", import.meta.url);
const lock = JSON.parse(readFileSync(file, "utf8"));

const SYSTEMS = ["android", "darwin", "freebsd", "linux", "openharmony", "win32"];
const PROCESSORS = ["arm64", "arm", "ia32", "ppc64", "riscv64", "s390x", "wasm32", "x64"];
const LIBRARIES = { gnu: "glibc", gnueabihf: "glibc", musl: "musl", musleabihf: "musl" };

for (const [path, parent] of Object.entries(lock.packages)) {
  for (const [name, version] of Object.entries(parent.optionalDependencies ?? {})) {
    const place = `node_modules/${name}`;
    if (lock.packages[place] || lock.packages[`${path}/${place}`]) continue;
    lock.packages[place] = { version, ...(parent.dev && { dev: true }), ...platformOf(name) };
    process.stdout.write(`added ${name} ${version}\n`);
  }
}
const root = lock.packages[""];
delete lock.packages[""];
const sorted = Object.entries(lock.packages).sort(([a], [b]) => a.localeCompare(b, "en"));
lock.packages = { "": root, ...Object.fromEntries(sorted) };
writeFileSync(file, `${JSON.stringify(lock, null, 2)}\n`);

/** What keeps npm from installing a package elsewhere than on the platform in its name. */
function platformOf(name) {
  const words = name.split("/").at(-1).split("-");
  const cpu = PROCESSORS.filter((word) => words.includes(word));
  if (cpu.length === 0) throw new Error(`${name} names no processor: add it by hand`);
  const os = SYSTEMS.filter((word) => words.includes(word));
  const libc = words.map((word) => LIBRARIES[word]).filter(Boolean);
  return {
    cpu,
    optional: true,
    ...(os.length > 0 && { os }),
    ...(os.includes("linux") && libc.length > 0 && { libc }),
  };
}
