/** A place where two values are not the same. */
export interface Difference {
  /** As in `children.0.localTs.1`. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

/** All leaves in which two plain values differ. */
export function differences(before: unknown, after: unknown, path: readonly string[] = []): Difference[] {
  if (!isTree(before) || !isTree(after)) {
    return Object.is(before, after) ? [] : [{ path: path.join("."), before, after }];
  }
  const names = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...names].flatMap((name) => differences(before[name], after[name], [...path, name]));
}

/** A difference as a line for people. */
export function differenceText({ path, before, after }: Difference): string {
  return `${path}: ${JSON.stringify(before) ?? "unset"} in the source, ${JSON.stringify(after) ?? "unset"} in swanctl.conf`;
}

function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null;
}
