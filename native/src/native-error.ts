/**
 * The operating system refused what the addon asked of it.
 *
 * `code` is always `CYG_NATIVE_SYSTEM`; `syscall` and `errno` (`EADDRINUSE`, `EACCES`, ...) say what and why, for the caller to turn into an
 * error that names address and remedy.
 */
export class NativeError extends Error {
  readonly code = "CYG_NATIVE_SYSTEM";

  constructor(
    readonly syscall: string,
    readonly errno: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = "NativeError";
  }
}

/** Makes a `NativeError` of what the addon threw for a failed system call; a TypeError and all else stay as they are. */
function asNativeError(error: unknown): unknown {
  const { code, syscall } = (error ?? {}) as { code?: unknown; syscall?: unknown };
  if (!(error instanceof Error) || typeof code !== "string" || typeof syscall !== "string") return error;
  return new NativeError(syscall, code, error.message, { cause: error });
}

/** Runs what calls the addon. @throws {NativeError} instead of what the addon threw for a failed system call */
export function attempt<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw asNativeError(error);
  }
}
