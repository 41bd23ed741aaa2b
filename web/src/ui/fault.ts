/** What went wrong, as far as a component shows it. */
export interface Fault {
  message: string;
  code?: string | undefined;
  /** The command that mends it. */
  mend?: string | undefined;
  requestId?: string | undefined;
}
