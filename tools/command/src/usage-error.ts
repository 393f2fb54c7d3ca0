/** Wrong use of the command line, or a file that it names cannot be used; the message is one line for the user. Exit code 2. */
export class UsageError extends Error {
  readonly code = "CYG_CLI_USAGE";
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = "UsageError";
  }
}
