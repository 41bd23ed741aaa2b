export interface LogLine {
  text: string;
  /** Tints the line when it is a warning or worse. */
  level?: "debug" | "info" | "warning" | "error" | "critical" | undefined;
}
