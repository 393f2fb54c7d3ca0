/** What was asked for cannot be done, for one line to the user. Exit code 1. */
export class PkiError extends Error {}

/** Runs what throws an `Error` of any kind, as libraries do. @throws {PkiError} with `what` in front of the reason */
export function attempt<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (error instanceof PkiError) throw error;
    throw new PkiError(`${what}: ${(error as Error).message}`, { cause: error });
  }
}
