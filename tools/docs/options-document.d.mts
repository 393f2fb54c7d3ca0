/** The text of docs/options.md, from the option tables in the code. */
export function optionsDocument(): Promise<string>;
