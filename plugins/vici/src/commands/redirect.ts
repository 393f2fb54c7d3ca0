import { Host, IkeSaState } from "@cygnet/plugin-api";
import type { DefinitionNotation, IkeSaStatus, RedirectGateway } from "@cygnet/plugin-api";
import { CommandFailed, required } from "./command.js";
import type { Command } from "./command.js";

/** Which peers a request is for. */
type IsPeer = (ikeSa: IkeSaStatus) => boolean;

const ANYBODY: IsPeer = () => true;
/** A host name: labels of letters, digits and hyphens. */
const FQDN = /^(?=.{1,255}$)[a-z\d]([a-z\d-]*[a-z\d])?(\.[a-z\d]([a-z\d-]*[a-z\d])?)*$/i;

/** `redirect`: asks clients to go to another gateway (RFC 5685), and does not wait until they have. */
export const redirect: Command = async (request, { controller, notation }) => {
  const gateway = gatewayOf(required(request, "gateway", "missing target gateway"));
  const [peerIp, peerId] = [request.text("peer-ip"), request.text("peer-id")];
  const [ike, ikeId] = [request.text("ike"), request.number("ike-id") || undefined];
  const isAddress = peerIp === undefined ? ANYBODY : byAddress(peerIp);
  const isIdentity = peerId === undefined ? ANYBODY : byIdentity(peerId, notation);
  if ([peerIp, peerId, ike, ikeId].every((each) => each === undefined)) throw new CommandFailed("missing redirect selector");
  let matches = 0;
  const selector = { ...(ike !== undefined && { ikeName: ike }), ...(ikeId !== undefined && { ikeId }) };
  for await (const piece of controller.ikeSas(selector, false)) {
    for (const ikeSa of piece) {
      if (ikeSa.state !== IkeSaState.ESTABLISHED || !isAddress(ikeSa) || !isIdentity(ikeSa)) continue;
      matches++;
      // That one cannot be asked is told in the log.
      await controller.redirectIke(ikeSa.uniqueId, gateway);
    }
  }
  if (matches === 0) throw new CommandFailed("no matching SAs to redirect found", { matches });
  return { success: true, matches };
};

function gatewayOf(text: string): RedirectGateway {
  const host = text.startsWith("%") ? undefined : Host.parse(text);
  if (host) return { type: host.family === 4 ? "ipv4" : "ipv6", name: host.toString(), data: host.address };
  const name = text.replace(/^@/, "");
  if (!FQDN.test(name)) throw new CommandFailed("unsupported gateway identity");
  return { type: "fqdn", name, data: new TextEncoder().encode(name) };
}

/** An address, a subnet or a range. */
function byAddress(text: string): IsPeer {
  const [from = "", to = from] = text.split("-");
  const [address = "", prefixText] = from.split("/");
  const [first, last] = [Host.parse(address), prefixText === undefined ? Host.parse(to) : Host.parse(address)];
  const bits = (first?.address.length ?? 0) * 8;
  const prefix = prefixText === undefined ? bits : /^\d{1,3}$/.test(prefixText) ? Number(prefixText) : Infinity;
  if (!first || !last || first.family !== last.family || prefix > bits) throw new CommandFailed("invalid peer IP selector");
  const hostBits = BigInt(bits - prefix);
  const [lowest, highest] = [numberOf(first) >> hostBits, numberOf(last) >> hostBits];
  return ({ remote }) => {
    const host = Host.parse(remote);
    if (!host || host.family !== first.family) return false;
    const number = numberOf(host) >> hostBits;
    return lowest <= number && number <= highest;
  };
}

/** An identity, or with an asterisk in front all that end so. */
function byIdentity(given: string, notation: DefinitionNotation): IsPeer {
  if (given === "") throw new CommandFailed("invalid peer identity selector");
  const text = notation.identity(given);
  if (text === "%any" || text === "*") return ANYBODY;
  return text.startsWith("*") ? ({ remoteId }) => remoteId.endsWith(text.slice(1)) : ({ remoteId }) => remoteId === text;
}

const numberOf = ({ address }: Host): bigint => address.reduce((number, octet) => (number << 8n) | BigInt(octet), 0n);
