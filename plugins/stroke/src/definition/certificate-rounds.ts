import { LogGroup } from "@cygnet/plugin-api";
import type { AuthRound, DefinitionNotation, Logger, PeerDefinition } from "@cygnet/plugin-api";
import type { EndEntity } from "../certificate-files.js";
import { SIGKEY } from "./auth-rounds.js";

/** What loads the certificates of connections. */
export interface RoundCertificates {
  loadEndEntity(name: string): Promise<EndEntity | undefined>;
  /** @param text of a `leftsigkey` @returns its fingerprint */
  loadSignatureKey(text: string): Promise<string | undefined>;
}

/**
 * Loads the certificates that the rounds of a connection name, and puts their fingerprints in place of the names. An identity that the
 * certificate does not vouch for gives way to its subject, as in strongSwan. One that cannot be loaded stays by name, which no certificate has:
 * the peer must not get in with another one.
 */
export async function withCertificates(
  peer: PeerDefinition,
  certificates: RoundCertificates,
  notation: DefinitionNotation,
  log: Logger,
): Promise<PeerDefinition> {
  const load = async (rounds: readonly AuthRound[]): Promise<AuthRound[]> => {
    const all: AuthRound[] = [];
    for (const round of rounds) all.push(await withOwn(round, certificates, notation, log));
    return all;
  };
  return { ...peer, local: await load(peer.local), remote: await load(peer.remote) };
}

async function withOwn(
  round: AuthRound,
  certificates: RoundCertificates,
  notation: DefinitionNotation,
  log: Logger,
): Promise<AuthRound> {
  if (round.certificates.length === 0) return round;
  const names: string[] = [];
  let { id } = round;
  for (const name of round.certificates) {
    if (name.startsWith(SIGKEY)) {
      names.push((await certificates.loadSignatureKey(name.slice(SIGKEY.length))) ?? name);
      continue;
    }
    const end = await certificates.loadEndEntity(name);
    names.push(end?.fingerprint ?? name);
    if (!end) continue;
    const own = id === undefined ? undefined : notation.identity(id);
    if (own !== undefined && (own === end.subject || end.altNames.includes(own))) continue;
    if (own !== undefined) log.log(LogGroup.CFG, 1, `  id '${own}' not confirmed by certificate, defaulting to '${end.subject}'`);
    ({ id } = end);
  }
  return { ...round, certificates: names, id };
}
