/** Columns that names are right-aligned in. */
const NAME_COLUMNS = 12;

/** `     net-net`: what lines of connections and SAs begin with. */
export const alignName = (name: string): string => name.padStart(NAME_COLUMNS);

/** `     net-net[1]`, the start of an IKE_SA's lines. */
export const ikeSaLabel = (name: string, id: number): string => `${alignName(name)}[${id}]`;

/** `     net-net{1}`, the start of a CHILD_SA's lines. */
export const childSaLabel = (name: string, id: number): string => `${alignName(name)}{${id}}`;
