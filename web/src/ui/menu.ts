import type { Component } from "vue";
import type { RouteLocationRaw } from "vue-router";

export interface MenuItem {
  id: string;
  label: string;
  icon?: Component | undefined;
  /** Keys that do the same, shown at the right. */
  keys?: string | undefined;
  danger?: boolean | undefined;
  disabled?: boolean | undefined;
  to?: RouteLocationRaw | undefined;
  /** Makes the item a choice that is on or off. */
  checked?: boolean | undefined;
  /** Items of another group stand below a line. */
  group?: string | undefined;
}
