import type { IpsecMode, IpsecProtocol } from "@cygnet/plugin-api";
import { PolicyDirection } from "./constants.js";

/** Protocol numbers of IP headers, by those of IKE. */
const ESP = 50;
const AH = 51;

export const kernelProtocol = (protocol: IpsecProtocol): number => (protocol === 3 ? ESP : AH);

/** @returns undefined for others than ESP and AH */
export const ipsecProtocol = (number: number): IpsecProtocol | undefined => (number === ESP ? 3 : number === AH ? 2 : undefined);

export const protocolName = (protocol: IpsecProtocol): string => (protocol === 3 ? "ESP" : "AH");

/** XFRM_MODE_*; shunts have none. */
export function kernelMode(mode: IpsecMode): number {
  switch (mode) {
    case "tunnel":
      return 1;
    case "beet":
      return 4;
    default:
      return 0;
  }
}

/** @returns undefined for those of sockets */
export const directionOf = (direction: number): "in" | "out" | "fwd" | undefined => (["in", "out", "fwd"] as const)[direction];

export function kernelDirection(direction: "in" | "out" | "fwd"): PolicyDirection {
  return direction === "in" ? PolicyDirection.IN : direction === "out" ? PolicyDirection.OUT : PolicyDirection.FWD;
}
