import { COMMANDS } from "./commands.js";
import type { SwanctlCommand } from "./commands.js";

const NAME = "cygnet swanctl";

/** All commands. */
export function commandsUsage(): string {
  const rows = COMMANDS.map(({ name, letter, description }) => `  --${name.padEnd(16)} (-${letter})  ${description}\n`).join("");
  return `usage:\n  ${NAME} COMMAND [OPTIONS]\ncommands:\n${rows}  --${"help".padEnd(16)} (-h)  show usage information\n\n${NAME} COMMAND --help lists the options.\n`;
}

/** One command with its options. */
export function commandUsage({ name, usage, options }: SwanctlCommand): string {
  const head = `  ${NAME} --${name} `;
  const rows = options.map((option) => {
    const letter = option.letter === "" ? "    " : `(-${option.letter})`;
    return `    --${option.name.padEnd(12)} ${letter}  ${option.description}\n`;
  });
  return `usage:\n${head}${usage.join(`\n${" ".repeat(head.length)}`)}\n${rows.join("")}`;
}
