import type { ChildDefinition, Host, IpsecProtocol, KernelLifetime } from "@cygnet/plugin-api";
import type { Proposal } from "@cygnet/crypto";
import { bytesEqual } from "../identity/text.js";
import { kernelLifetime } from "./lifetime.js";
import type { ChildLimits, Fraction } from "./lifetime.js";
import type { Mark } from "./mark.js";
import { narrow, ofHosts, resolveDynamic } from "./narrowing.js";
import type { TrafficSelector } from "./traffic-selector.js";

/** What of a definition is used as it is. */
type Plain = Pick<
  ChildDefinition,
  | "name"
  | "mode"
  | "proxyMode"
  | "startAction"
  | "dpdAction"
  | "closeAction"
  | "updown"
  | "hostAccess"
  | "ipcomp"
  | "inactivity"
  | "reqid"
  | "copyDf"
  | "copyEcn"
  | "copyDscp"
  | "hwOffload"
  | "truncatedSha256"
  | "tfc"
  | "replayWindow"
  | "installPolicy"
  | "policiesFwdOut"
  | "priority"
  | "interface"
  | "markInSa"
  | "icmp"
>;

/** The parts that compiling makes. */
export interface CompiledChild {
  readonly protocol: IpsecProtocol;
  readonly proposals: readonly Proposal[];
  readonly localTs: readonly TrafficSelector[];
  readonly remoteTs: readonly TrafficSelector[];
  readonly limits: ChildLimits;
  readonly markIn: Mark;
  readonly markOut: Mark;
  /** A mask of 0 is none. */
  readonly setMarkIn: Mark;
  readonly setMarkOut: Mark;
  /** XFRM interfaces; a mask of 0 is none. */
  readonly ifIdIn: Mark;
  readonly ifIdOut: Mark;
  /** Octets of the security label (RFC 9478), with the zero that ends it. */
  readonly label: Uint8Array | undefined;
}

/** One CHILD_SA definition, compiled. Immutable; the units are those of `ChildDefinition`. */
export class ChildConfig implements Plain, CompiledChild {
  readonly name: string;
  readonly mode: ChildDefinition["mode"];
  readonly proxyMode: boolean;
  readonly startAction: ChildDefinition["startAction"];
  readonly dpdAction: ChildDefinition["dpdAction"];
  readonly closeAction: ChildDefinition["closeAction"];
  readonly updown: string | undefined;
  readonly hostAccess: boolean;
  readonly ipcomp: boolean;
  readonly inactivity: number;
  readonly reqid: number;
  readonly copyDf: boolean;
  readonly copyEcn: boolean;
  readonly copyDscp: ChildDefinition["copyDscp"];
  readonly hwOffload: ChildDefinition["hwOffload"];
  readonly truncatedSha256: boolean;
  readonly tfc: number;
  readonly replayWindow: number | undefined;
  readonly installPolicy: boolean;
  readonly policiesFwdOut: boolean;
  readonly priority: number;
  readonly interface: string | undefined;
  readonly markInSa: boolean;
  readonly icmp: boolean;
  /** 3 for ESP, 2 for AH. */
  readonly protocol: IpsecProtocol;
  readonly proposals: readonly Proposal[];
  readonly localTs: readonly TrafficSelector[];
  readonly remoteTs: readonly TrafficSelector[];
  readonly limits: ChildLimits;
  readonly markIn: Mark;
  readonly markOut: Mark;
  readonly setMarkIn: Mark;
  readonly setMarkOut: Mark;
  readonly ifIdIn: Mark;
  readonly ifIdOut: Mark;
  readonly label: Uint8Array | undefined;
  /** What it was compiled from. */
  readonly definition: ChildDefinition;

  constructor(definition: ChildDefinition, compiled: CompiledChild) {
    this.definition = definition;
    this.name = definition.name;
    this.mode = definition.mode;
    this.proxyMode = definition.proxyMode;
    this.startAction = definition.startAction;
    this.dpdAction = definition.dpdAction;
    this.closeAction = definition.closeAction;
    this.updown = definition.updown;
    this.hostAccess = definition.hostAccess;
    this.ipcomp = definition.ipcomp;
    this.inactivity = definition.inactivity;
    this.reqid = definition.reqid;
    this.copyDf = definition.copyDf;
    this.copyEcn = definition.copyEcn;
    this.copyDscp = definition.copyDscp;
    this.hwOffload = definition.hwOffload;
    this.truncatedSha256 = definition.truncatedSha256;
    this.tfc = definition.tfc;
    this.replayWindow = definition.replayWindow;
    this.installPolicy = definition.installPolicy;
    this.policiesFwdOut = definition.policiesFwdOut;
    this.priority = definition.priority;
    this.interface = definition.interface;
    this.markInSa = definition.markInSa;
    this.icmp = definition.icmp;
    this.protocol = compiled.protocol;
    this.proposals = compiled.proposals;
    this.localTs = compiled.localTs;
    this.remoteTs = compiled.remoteTs;
    this.limits = compiled.limits;
    this.markIn = compiled.markIn;
    this.markOut = compiled.markOut;
    this.setMarkIn = compiled.setMarkIn;
    this.setMarkOut = compiled.setMarkOut;
    this.ifIdIn = compiled.ifIdIn;
    this.ifIdOut = compiled.ifIdOut;
    this.label = compiled.label;
  }

  /** PASS or DROP: a policy without SAs. */
  get isShunt(): boolean {
    return this.mode === "pass" || this.mode === "drop";
  }

  /**
   * Our selectors of one side, dynamic ones replaced by the hosts, narrowed to what the peer proposed, and in transport mode to the hosts.
   * @param proposed undefined when we propose ourselves
   * @param hosts the side's virtual IPs, or its address
   */
  selectors(
    side: "local" | "remote",
    proposed: readonly TrafficSelector[] | undefined,
    hosts: readonly Host[],
  ): readonly TrafficSelector[] {
    const all = resolveDynamic(side === "local" ? this.localTs : this.remoteTs, hosts);
    const own = this.mode === "transport" ? ofHosts(all, hosts) : all;
    return proposed ? narrow(own, proposed) : own;
  }

  /**
   * Whether a CHILD_SA of it has one of these security labels, or none where there are none to choose from: who asks for a label would take one without
   * for labelled (RFC 9478 section 2.2).
   * @param labels undefined where the peer knows nothing of labels
   */
  takesLabel(labels: readonly Uint8Array[] | undefined): boolean {
    const { label } = this;
    if (labels === undefined || label === undefined) return labels === label;
    return labels.some((each) => bytesEqual(each, label));
  }

  /** Limits for a new CHILD_SA, with jitter. */
  lifetime(random: Fraction): KernelLifetime {
    return kernelLifetime(this.limits, random);
  }
}
