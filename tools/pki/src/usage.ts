import { COMMANDS } from "./commands/index.js";
import type { PkiCommand } from "./commands/command.js";
import { optionsOf } from "./options/common.js";

const NAME = "cygnet pki";

/** All commands. */
export function commandsUsage(): string {
  const rows = COMMANDS.map(({ name, letter, description }) => `  --${name.padEnd(8)} (-${letter})  ${description}\n`).join("");
  return `usage:\n  ${NAME} COMMAND [OPTIONS]\ncommands:\n${rows}  --${"help".padEnd(8)} (-h)  show usage information\n\n${NAME} COMMAND --help lists the options.\n`;
}

/** One command with its options. */
export function commandUsage(command: PkiCommand): string {
  const head = `  ${NAME} --${command.name} `;
  const rows = optionsOf(command).map(
    ({ name, letter, description }) => `    --${name.padEnd(15)} (-${letter})  ${description}\n`,
  );
  return `usage:\n${head}${command.usage.join(`\n${" ".repeat(head.length)}`)}\n${rows.join("")}`;
}
