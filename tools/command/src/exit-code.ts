/** Exit codes of `cygnet`. Those from 64 on are charon's own, which starter takes as "starting it again would not help". */
export enum ExitCode {
  OK = 0,
  /** A session of a load test failed, or a command had no success. */
  FAILED = 1,
  /** The command line or a configuration file is wrong; nothing was started. */
  USAGE = 2,
  /** `ipsec status` without a starter. */
  NO_STARTER = 3,
  /** `ipsec up` and the like without a daemon, `ipsec stop` and the like without a starter. */
  NOT_RUNNING = 7,
  /** The daemon could not start: a port in use, a missing privilege, a second instance, a critical plugin missing. */
  INITIALIZATION = 66,
  /** Ended by SIGINT while it was ending already. */
  INTERRUPTED = 130,
  /** The same by SIGTERM. */
  TERMINATED = 143,
  /** The stroke socket cannot be reached. */
  STROKE = 255,
}
