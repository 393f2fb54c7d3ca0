/**
 * The root of cygnet's typed errors above the codec layers.
 *
 * `code` is stable (`CYG_<AREA>_<WHAT>`), listed with cause and remedy in docs/errors.md. `WireError` (@cygnet/wire) and `ConfigError`
 * (@cygnet/settings) carry a `code` of the same form without this base, because those packages depend on nothing.
 */
export class CygnetError extends Error {
  constructor(
    readonly code: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A plugin or one of its features cannot be used; whose packaging or configuration is at fault is in the message. */
export class PluginError extends CygnetError {
  constructor(
    code: string,
    readonly plugin: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}

/** A peer, child, pool or credential definition is not usable. `where` names the connection, child or option. */
export class DefinitionError extends CygnetError {
  constructor(
    code: string,
    readonly where: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}

/** The operating system refused something. `syscall` and `errno` (ENOENT, EADDRINUSE, ...) say what. */
export class SystemError extends CygnetError {
  constructor(
    code: string,
    readonly syscall: string,
    readonly errno: string,
    message: string,
    options?: ErrorOptions,
  ) {
    super(code, message, options);
  }
}

/** An invariant of our own is broken. The boundary logs it with its stack and destroys the IKE_SA concerned, no more. */
export class InternalError extends CygnetError {
  constructor(message: string, options?: ErrorOptions) {
    super("CYG_INTERNAL", message, options);
  }
}

/** The stable code of any error that has one, `CYG_INTERNAL` for all else. */
export function errorCode(error: unknown): string {
  const code = (error as { code?: unknown } | null | undefined)?.code;
  return typeof code === "string" ? code : "CYG_INTERNAL";
}
