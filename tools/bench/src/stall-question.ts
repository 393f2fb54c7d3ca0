/** What a parent writes to the IPC channel of a process with `stall-watch.ts` in it. */
export const STALL_QUESTION = "stall";
