import { ExitCode, processTerminal } from "@cygnet/command";
import type { Terminal } from "@cygnet/command";
import { CLI_PATH } from "./cli-path.js";

const USAGE = `Usage: cygnet COMMAND [OPTIONS]

Commands:
  charon      run the IKE daemon in the foreground
  ipsec       start and stop the daemon with ipsec.conf, control its connections
  swanctl     load swanctl.conf into a daemon, list and control what it has
  pki         make keys, certificates, requests and CRLs, print and verify them
  migrate     tell what a configuration of strongSwan does here, turn ipsec.conf into swanctl.conf
  plugin      write a package to begin a plugin of your own with
  plugins     list plugins, explain what a configuration loads, switch them on and off
  load-test   set up IKE_SAs between two daemons and tell how fast that went
  bench       measure what setting up IKE_SAs costs, as rows that can be compared

  cygnet COMMAND --help tells more, cygnet --version the version.
`;

type Command = (argv: readonly string[], terminal: Terminal) => Promise<number>;

/** Each is imported only when it is called for, as the daemon is most of what there is to load. */
const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  charon: async () => (await import("./charon/charon-command.js")).charonCommand,
  ipsec: async () => (await import("./ipsec/ipsec-command.js")).ipsecCommand,
  swanctl: async () => {
    const [{ swanctlCommand }, { CYGNET_VERSION }] = await Promise.all([
      import("@cygnet/swanctl"),
      import("@cygnet/daemon/version"),
    ]);
    return (argv, terminal) => swanctlCommand(argv, terminal, CYGNET_VERSION);
  },
  pki: async () => (await import("@cygnet/pki")).pkiCommand,
  migrate: async () => {
    const [{ migrateCommand }, { optionSources }] = await Promise.all([import("@cygnet/migrate"), import("./option-sources.js")]);
    return (argv, terminal) => migrateCommand(argv, terminal, optionSources);
  },
  plugin: async () => {
    const [{ pluginCommand }, { CYGNET_VERSION }] = await Promise.all([
      import("@cygnet/create-plugin"),
      import("@cygnet/daemon/version"),
    ]);
    return async (argv, terminal) => pluginCommand(argv, terminal, CYGNET_VERSION);
  },
  plugins: async () => (await import("@cygnet/plugins")).pluginsCommand,
  "load-test": async () => {
    const { loadTestCommand } = await import("@cygnet/load-test");
    return (argv, terminal) => loadTestCommand(argv, terminal, CLI_PATH);
  },
  bench: async () => {
    const { benchCommand } = await import("@cygnet/bench");
    return (argv, terminal) => benchCommand(argv, terminal, CLI_PATH);
  },
};

/**
 * Runs `cygnet` with the arguments that follow its name.
 * @returns the exit code, see `ExitCode`
 */
export async function main(argv: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  const [name, ...rest] = argv;
  if (name === "--help" || name === "-h" || name === "help") {
    terminal.out(USAGE);
    return ExitCode.OK;
  }
  if (name === "--version" || name === "version") {
    const { CYGNET_VERSION } = await import("@cygnet/daemon/version");
    terminal.out(`cygnet ${CYGNET_VERSION}\n`);
    return ExitCode.OK;
  }
  const load = name !== undefined && Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load === undefined) {
    terminal.err(name === undefined ? USAGE : `cygnet: unknown command '${name}'\n${USAGE}`);
    return ExitCode.USAGE;
  }
  const command = await load();
  try {
    return await command(rest, terminal);
  } catch (error) {
    // By code, so that the class need not be loaded for commands that never throw it.
    if ((error as { code?: unknown }).code !== "CYG_CLI_USAGE") throw error;
    terminal.err(`cygnet ${name}: ${(error as Error).message}\n`);
    return ExitCode.USAGE;
  }
}
