import { accessSync, constants, existsSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { UsageError } from "./usage-error.js";

/** The number that an option has. @throws {UsageError} unless it is a whole one from `min` to `max` */
export function integer(option: string, text: string, min: number, max: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : NaN;
  if (!(value >= min && value <= max)) throw new UsageError(`${option}: '${text}' is not a number from ${min} to ${max}`);
  return value;
}

/** A file that is written when all is over, which is too late to notice that it cannot be. @throws {UsageError} */
export function writable(option: string, path: string): string {
  try {
    const isThere = existsSync(path);
    if (isThere && statSync(path).isDirectory()) throw new UsageError(`${option}: '${path}' is a folder`);
    accessSync(isThere ? path : dirname(resolve(path)), constants.W_OK);
    return path;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(`${option}: '${path}' cannot be written: ${(error as Error).message}`, { cause: error });
  }
}
