/** Makes the system use DNS servers. Calls come one after the other; each resolves when the system has the change. */
export interface DnsInstaller {
  /** How log lines go on: `to /etc/resolv.conf`, `via resolvconf`. */
  readonly installingTo: string;
  readonly removingFrom: string;
  /**
   * @param servers all that are in use then, the newest first, which is `server`
   * @throws {SystemError} CYG_RESOLVE_FILE, CYG_RESOLVE_PROGRAM
   */
  install(server: string, servers: readonly string[]): Promise<void>;
  /**
   * @param servers all that are still in use
   * @throws {SystemError} CYG_RESOLVE_FILE, CYG_RESOLVE_PROGRAM
   */
  remove(server: string, servers: readonly string[]): Promise<void>;
}
