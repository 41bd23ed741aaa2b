/** Where a run came from, read from what the platform noted when it began. */

export interface GitState {
  commit: string;
  branch: string;
  dirty: boolean;
  diff: string;
  diffCut: boolean;
  untracked: string[];
}

export interface Origin {
  version: string | null;
  python: string | null;
  platform: string | null;
  seed: number | null;
  dataHash: string | null;
  command: string | null;
  trainerCommand: string | null;
  cwd: string | null;
  hardware: Record<string, string | number>;
  git: GitState | null;
  packages: [name: string, version: string][];
}

type Kept = Readonly<Record<string, unknown>>;

export function originOf(kept: Kept): Origin {
  return {
    version: text(kept.trainwright),
    python: text(kept.python),
    platform: text(kept.platform),
    seed: typeof kept.seed === "number" ? kept.seed : null,
    dataHash: text(kept.data_hash),
    command: commandOf(kept.command),
    trainerCommand: commandOf(kept.trainer_command),
    cwd: text(kept.cwd),
    hardware: hardwareOf(record(kept.hardware)),
    git: gitOf(record(kept.git)),
    packages: Object.entries(record(kept.packages)).map(([name, version]) => [name, String(version)]),
  };
}

function gitOf(kept: Kept): GitState | null {
  const commit = text(kept.commit);
  if (!commit) return null;
  return {
    commit,
    branch: text(kept.branch) ?? "",
    dirty: kept.dirty === true,
    diff: text(kept.diff) ?? "",
    diffCut: kept.diff_cut === true,
    untracked: Array.isArray(kept.untracked) ? kept.untracked.map(String) : [],
  };
}

/** Of the target only what the machine itself does not say. */
function hardwareOf(kept: Kept): Record<string, string | number> {
  const plain = Object.entries(kept).filter(
    (entry): entry is [string, string | number] =>
      typeof entry[1] === "string" || typeof entry[1] === "number",
  );
  return Object.fromEntries(plain);
}

function commandOf(argv: unknown): string | null {
  if (!Array.isArray(argv) || argv.length === 0) return null;
  return argv.map((word) => quoted(String(word))).join(" ");
}

/** A word as a shell takes it for itself. */
function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'"'"'`)}'`;
}

function record(value: unknown): Kept {
  return typeof value === "object" && value !== null ? (value as Kept) : {};
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
