export const REPORT_FILE: string;
export function pluginApiReport(): string;
export function reportDigest(text: string): string;
export function changelogComplaint(text: string, changelog: string): string | undefined;
