/** A NetworkManager keyfile or .sswan profile that cannot be used. `CYG_MIGRATE_PROFILE`; the message begins with file and line. */
export class ProfileError extends Error {
  override readonly name = "ProfileError";
  readonly code = "CYG_MIGRATE_PROFILE";

  /** @param line from 1 */
  constructor(
    readonly file: string,
    readonly line: number,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`${file}:${line}: ${reason}`, options);
  }
}
