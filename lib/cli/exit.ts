/** How the program ends: its exit codes, and the errors that lead to them. */

export const exitCodes = {
  ok: 0,
  /** verify and doctor found something, undo met conflicts, or the question was answered with no. */
  found: 1,
  /** The arguments are none that the verb takes, or name what does not exist. */
  usage: 2,
  /** Something failed: the application, the database, a write that is not possible. */
  failed: 3,
  /** Ctrl-C. */
  interrupted: 130,
  /** SIGTERM. */
  terminated: 143,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** An argument or option that is none: the program says so and ends with 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Work that was stopped by a signal at a place where nothing is half done. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted';
}

/** Nobody reads the output any more. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed';
}

/** The application could not be loaded; the cause says where. */
export class ApplicationError extends Error {
  override readonly name = 'ApplicationError';
}

/** @returns whether an error of the package, of whichever copy of it, blames the arguments */
export function isUsage(error: unknown): boolean {
  if (error instanceof UsageError) return true;
  const { name, code } = (error ?? {}) as { readonly name?: unknown; readonly code?: unknown };
  return name === 'AuditError' && code === 'ERR_AUDIT_HISTORY_INVALID';
}
