import { UsageError } from "@cygnet/command";

/** The result of `parseArgs`. @throws {UsageError} for options that it does not know */
export function argumentsOf<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}
