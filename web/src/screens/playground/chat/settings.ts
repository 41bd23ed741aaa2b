/** How models are asked. */

export interface ChatSettings {
  /** What every conversation begins with, unless it is empty. */
  system: string;
  temperature: number;
  top_p: number;
  max_tokens: number;
  /** Null: another one each time. */
  seed: number | null;
}

/** What the platform itself takes where nothing is said. */
export const DEFAULTS: Readonly<ChatSettings> = {
  system: "",
  temperature: 0.7,
  top_p: 0.95,
  max_tokens: 512,
  seed: null,
};

export const LIMITS = {
  temperature: { min: 0, max: 2, step: 0.05 },
  top_p: { min: 0.05, max: 1, step: 0.05 },
  max_tokens: { min: 1, max: 8192 },
  seed: { min: 0, max: 2 ** 32 - 1 },
} as const;

export function isDefault(settings: ChatSettings): boolean {
  return (Object.keys(DEFAULTS) as (keyof ChatSettings)[]).every((name) => settings[name] === DEFAULTS[name]);
}
