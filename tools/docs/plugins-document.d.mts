/** The text of docs/plugins.md, from the definitions of the plugins. */
export function pluginsDocument(): Promise<string>;
