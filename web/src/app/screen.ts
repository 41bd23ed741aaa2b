/** What a screen tells the app of itself, in the `route.ts` of its folder. */

import type { Component } from "vue";
import type { RouteLocationNormalized, RouteRecordRaw } from "vue-router";

declare module "vue-router" {
  interface RouteMeta {
    /** Key of the page's title. */
    title?: string;
    /** Open to those who are not signed in. */
    public?: boolean;
    /** What one must be allowed to: others are told so instead of seeing the screen. */
    needs?: "write" | "admin";
    /** Without navigation and top bar. */
    bare?: boolean;
    /** Asks for what the screen will show, while its parts are loaded. */
    askAhead?: (to: RouteLocationNormalized) => void;
    /** Loads what the component shows as soon as it can, and which is a chunk of its own. */
    parts?: () => Promise<unknown>;
    /** Areas of messages the screen speaks with, beside that of its folder. */
    areas?: readonly string[];
  }
}

/** A screen's place in the navigation. */
export interface NavigationEntry {
  /** Name of the route it leads to. */
  to: string;
  /** Key of its label: `shell.nav.<name>`. */
  label: string;
  icon: Component;
  /** Entries stand in this order; the first four are those of the bar on a phone. */
  order: number;
  group: "work" | "library" | "system";
  /** Hidden from those who may not. */
  needs?: "write" | "admin";
  /** Keys that lead there: `g r`. */
  keys?: string;
}

export interface Screen {
  routes: readonly RouteRecordRaw[];
  navigation?: readonly NavigationEntry[];
}

/** Checks a screen's description; every `route.ts` exports one as its default. */
export function defineScreen(screen: Screen): Screen {
  return screen;
}
