import { readFileSync } from "node:fs";
import { basename, dirname, extname } from "node:path";
import type { Verdict } from "../check/verdict.js";
import { ANDROID } from "./android.js";
import { parseKeyfile } from "./keyfile.js";
import { NETWORK_MANAGER, isStrongswanConnection } from "./network-manager.js";
import { UnusableValue } from "./profile-draft.js";
import type { ProfileDraft, ProfileFormat, ProfileKeys } from "./profile-draft.js";
import { ProfileError } from "./profile-error.js";
import type { ProfileEntry, ProfileFile } from "./profile-file.js";
import { parseSswan } from "./sswan.js";

/** Where NetworkManager keeps keyfiles, in older versions without `.nmconnection`. */
export const KEYFILE_FOLDER = "NetworkManager/system-connections";

/** The profile of a client: a keyfile of NetworkManager or one of the app for Android. */
export class ClientProfile {
  readonly source: ProfileFile;
  readonly #format: ProfileFormat;
  readonly #keys: ProfileKeys;

  private constructor(source: ProfileFile, format: ProfileFormat) {
    this.source = source;
    this.#format = format;
    this.#keys = new Map(source.entries.map(({ key, value }) => [key, value]));
  }

  /**
   * Reads a file that has the name of one.
   * @throws {ProfileError} for what cannot be parsed, and for connections of others than strongSwan's plugin
   * @throws {Error} of the file system
   */
  static read(file: string): ClientProfile {
    const text = readFileSync(file, "utf8");
    if (file.endsWith(".sswan")) return new ClientProfile(parseSswan(text, file), ANDROID);
    const source = parseKeyfile(text, file);
    if (!isStrongswanConnection(source)) throw new ProfileError(file, 1, "no connection of NetworkManager's strongSwan plugin");
    return new ClientProfile(source, NETWORK_MANAGER);
  }

  /** A draft without any of its keys, named after the file. */
  start(): ProfileDraft {
    const { file } = this.source;
    return this.#format.start(basename(file, extname(file)));
  }

  /** Takes one key. @returns what is to be said of it; undefined where the connection tells @throws {ProfileError} */
  take(draft: ProfileDraft, { key, value, line }: ProfileEntry): Verdict | undefined {
    const rule = this.#format.rule(key);
    if (rule === undefined) return { class: "unsupported", why: `unknown key '${key}'` };
    try {
      return rule(draft, value, this.#keys);
    } catch (error) {
      if (!(error instanceof UnusableValue)) throw error;
      throw new ProfileError(this.source.file, line, `${key}: ${error.message}`, { cause: error });
    }
  }

  /** Adds what depends on several keys, once all are taken. */
  finish(draft: ProfileDraft): void {
    this.#format.finish(draft, this.#keys);
  }
}

/** Whether a file is a client's profile, by its name. */
export function isClientProfile(file: string): boolean {
  return /\.(sswan|nmconnection)$/.test(file) || basename(dirname(file)) === basename(KEYFILE_FOLDER);
}

/** Whether a keyfile is of another kind of connection, such as a wireless network, so that a search goes past it. @throws of the file system */
export function isForeignKeyfile(file: string): boolean {
  if (file.endsWith(".sswan")) return false;
  try {
    return !isStrongswanConnection(parseKeyfile(readFileSync(file, "utf8"), file));
  } catch (error) {
    if (error instanceof ProfileError) return true;
    throw error;
  }
}
