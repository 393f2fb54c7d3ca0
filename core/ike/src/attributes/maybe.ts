import type { MaybePromise } from "@cygnet/plugin-api";

/**
 * Goes over `list` until `accept` takes a result of `ask`. Stays synchronous, and makes no promise, as long as no result is one.
 * @returns the result that was taken, undefined for none
 */
export function firstAccepted<T, R>(
  list: readonly T[],
  ask: (item: T) => MaybePromise<R>,
  accept: (result: R, item: T) => boolean,
): MaybePromise<R | undefined> {
  for (let i = 0; i < list.length; i++) {
    const item = list[i]!;
    const result = ask(item);
    if (result instanceof Promise) return restAccepted(list, i, result, ask, accept);
    if (accept(result, item)) return result;
  }
  return undefined;
}

async function restAccepted<T, R>(
  list: readonly T[],
  from: number,
  pending: Promise<R>,
  ask: (item: T) => MaybePromise<R>,
  accept: (result: R, item: T) => boolean,
): Promise<R | undefined> {
  const first = await pending;
  if (accept(first, list[from]!)) return first;
  for (let i = from + 1; i < list.length; i++) {
    const result = await ask(list[i]!);
    if (accept(result, list[i]!)) return result;
  }
  return undefined;
}
