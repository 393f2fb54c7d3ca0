import type { Option, OptionTable } from "@cygnet/plugin-api";

/** Options that live below one section, for the documentation. */
export interface OptionGroup {
  /** The section, for example `charon.plugins.attr`. */
  readonly section: string;
  /** A sentence under the heading. */
  readonly description?: string;
  readonly options: OptionTable;
}

/** The reference of options as Markdown: one heading and one table per group, in the given order, options by name. */
export function describeOptions(groups: Iterable<OptionGroup>): string {
  const parts: string[] = [];
  for (const { section, description, options } of groups) {
    const rows = Object.entries(options).sort(([a], [b]) => (a < b ? -1 : 1));
    if (rows.length === 0) continue;
    parts.push(`## ${section}\n`);
    if (description !== undefined) parts.push(`${description}\n`);
    const table = rows.map(([key, option]) => describeOption(key, option));
    parts.push(["| option | type | default | reload | meaning |", "| --- | --- | --- | --- | --- |", ...table].join("\n") + "\n");
  }
  return parts.join("\n");
}

function describeOption(key: string, option: Option<unknown>): string {
  const cells = [
    `\`${key}\``,
    describeType(option),
    describeDefault(option),
    option.reloadable ? "yes" : "no",
    option.description,
  ];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|").replaceAll("\n", " ")).join(" | ")} |`;
}

function describeType({ type, oneOf, min, max, orZero }: Option<unknown>): string {
  if (oneOf !== undefined) return oneOf.map((word) => `\`${word}\``).join(", ");
  if (min === undefined && max === undefined) return type;
  return `${type} ${orZero ? "0, " : ""}${min ?? ""}..${max ?? ""}`;
}

function describeDefault(option: Option<unknown>): string {
  return formatOptionValue(option, option.default) ?? "";
}

/** A value as strongswan.conf would say it; undefined for none, and for sections. */
export function formatOptionValue({ type }: Option<unknown>, value: unknown): string | undefined {
  if (value === undefined || value === "" || type === "section") return undefined;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (type === "time" && typeof value === "number") return `${value}s`;
  if (Array.isArray(value)) return value.join(" ");
  return String(value as string | number | bigint);
}
