export function buildXstate(folder: string): string;
