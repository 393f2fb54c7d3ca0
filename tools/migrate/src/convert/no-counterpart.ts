import type { AuthRound, PeerDefinition } from "@cygnet/plugin-api";
import type { LoadedConn } from "./loaded-conn.js";

/** A public key in ipsec.conf itself. */
const INLINE_KEY = /^sigkey:(?:dns:|ssh:)?0[sx]/;

/** A name that files with OpenPGP keys have. */
const PGP_FILE = /\.(?:asc|gpg|pgp)$/i;

/** The keywords of a connection that swanctl.conf has no place for, and why. Such a connection is not converted. */
export function withoutCounterpart({ peer, pools, dns, ends }: LoadedConn): string[] {
  const found: string[] = [];
  const [first] = peer.local;
  if (peer.remote.some(({ idLoose }) => idLoose))
    found.push(`rightid=${ends.remote.id}: the peer's identity is a wish only, and swanctl.conf can only demand it`);
  if (peer.local.some(({ caNames }) => caNames.length > 0))
    found.push("leftca: swanctl.conf names the authority of the peer only; name the certificate with leftcert");
  if (first !== undefined && first.groups.length > 0) found.push("leftgroups: swanctl.conf has groups of the peer only");
  if (first !== undefined && first.certPolicies.length > 0)
    found.push("leftcertpolicy: swanctl.conf has policies for the peer's certificate only");
  if ([...peer.local, ...peer.remote].some(({ certificates }) => certificates.some((name) => name.startsWith("%"))))
    found.push("leftcert=%smartcard: certificates on tokens are not supported by this release");
  if ([...peer.local, ...peer.remote].some(({ certificates }) => certificates.some((name) => INLINE_KEY.test(name))))
    found.push("leftsigkey, rightsigkey: swanctl.conf names a file that has the public key; write it into one, in PEM");
  if ([...peer.local, ...peer.remote].some(({ certificates }) => certificates.some((name) => PGP_FILE.test(name))))
    found.push("leftcert, rightcert: OpenPGP keys are for ipsec.conf only");
  for (const { name, addresses } of pools.own)
    if (addresses === "%config")
      found.push(`rightsourceip=%config: a pool that grants any address ('${name}') exists in ipsec.conf only`);
  if (dns.length > 0 && pools.own.length === 0)
    found.push("rightdns: swanctl.conf serves DNS servers with a pool, and the connection brings none");
  return found;
}

/**
 * The definition without what nothing reads, so that it can be compared: revocation is checked of peers only, and the AAA server is one that
 * we meet as a client.
 */
export function comparable(peer: PeerDefinition): PeerDefinition {
  const local = peer.local.map((round): AuthRound => ({ ...withIdentity(round), revocation: "relaxed" }));
  const remote = peer.remote.map((round): AuthRound => ({ ...withIdentity(round), aaaIdentity: undefined }));
  return { ...peer, local, remote };
}

/** `%any` and `%identity` both ask for the identity; swanctl.conf has one word for it. */
function withIdentity(round: AuthRound): AuthRound {
  return round.eapIdentity === "%any" ? { ...round, eapIdentity: "%identity" } : round;
}
