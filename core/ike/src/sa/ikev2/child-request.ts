import { IkeSaState, LogGroup, keyExchangeName } from "@cygnet/plugin-api";
import type { IpsecMode } from "@cygnet/plugin-api";
import { offersFromWire, selectProposal } from "@cygnet/crypto";
import type { ProposalOffer, ProposalSelection } from "@cygnet/crypto";
import { ExchangeType, NotifyType, PayloadType } from "@cygnet/wire";
import type { KePayload, Message, SaPayload, TsPayload } from "@cygnet/wire";
import { narrow } from "../../config/index.js";
import type { ChildConfig, DynamicHosts, TrafficSelector } from "../../config/index.js";
import type { IkeContext } from "../../ike-context.js";
import type { ChildSa } from "../child-sa.js";
import type { IkeSa } from "../ike-sa.js";
import { receivedCpi } from "./child-ipcomp.js";
import { labelsOf, logLabel } from "./child-label.js";
import { receivedMode } from "./child-mode.js";
import { localHosts, remoteHosts, selectorsOf, translated } from "./child-selectors.js";
import type { BothSides } from "./child-selectors.js";
import { keData } from "./error-notify.js";
import { KeyAgreement } from "./key-agreement.js";
import { alertNarrowed, alertProposals, alertSelectors } from "./mismatch.js";
import { selectOptions } from "./select-options.js";

const EMPTY: Uint8Array = new Uint8Array(0);

/** Why a CHILD_SA is not made: the notify to answer with. */
export interface Refusal {
  readonly notify: NotifyType;
  readonly data?: Uint8Array;
}

/** What the responder agrees to. */
export interface ChildTerms {
  readonly config: ChildConfig;
  readonly localTs: readonly TrafficSelector[];
  readonly remoteTs: readonly TrafficSelector[];
  readonly selection: ProposalSelection;
  /** Of the key exchange, where there was one: our public value, and the shared secret, which is the caller's to wipe. */
  readonly ke: { readonly method: number; readonly response: Uint8Array; readonly secret: Uint8Array } | undefined;
}

interface Choice {
  readonly config: ChildConfig | undefined;
  readonly asked: BothSides;
}

/** A request for a CHILD_SA as the responder received it. Holds copies of what it needs. */
export class ChildRequest {
  /** Empty in an IKE_AUTH. */
  readonly nonce: Uint8Array;
  /** What the peer asks for. */
  readonly mode: IpsecMode;
  /** The CPI that the peer offers, 0 for no IPComp. */
  readonly cpi: number;
  readonly #isFirst: boolean;
  readonly #offers: readonly ProposalOffer[];
  readonly #ke: { readonly method: number; readonly data: Uint8Array } | undefined;
  readonly #localTs: readonly TrafficSelector[];
  readonly #remoteTs: readonly TrafficSelector[];
  readonly #labels: readonly Uint8Array[] | undefined;

  /** @returns undefined for an IKE_AUTH that wants no CHILD_SA; a refusal for what is incomplete or comes at the wrong time */
  static read(context: IkeContext, ikeSa: IkeSa, message: Message): ChildRequest | Refusal | undefined {
    const isFirst = message.header.exchangeType === ExchangeType.IKE_AUTH;
    const sa = message.payload(PayloadType.SA);
    const tsi = message.payload(PayloadType.TSi);
    const tsr = message.payload(PayloadType.TSr);
    if (!sa || !tsi || !tsr) return isFirst ? undefined : { notify: NotifyType.INVALID_SYNTAX };
    const untimely = isFirst ? undefined : refuseUntimely(context, ikeSa);
    return (
      untimely ??
      new ChildRequest(
        message,
        { sa, tsi, tsr },
        {
          mode: receivedMode(context, ikeSa, message),
          cpi: receivedCpi(context, message),
        },
      )
    );
  }

  private constructor(
    message: Message,
    { sa, tsi, tsr }: { readonly sa: SaPayload; readonly tsi: TsPayload; readonly tsr: TsPayload },
    { mode, cpi }: { readonly mode: IpsecMode; readonly cpi: number },
  ) {
    this.#isFirst = message.header.exchangeType === ExchangeType.IKE_AUTH;
    this.#offers = offersFromWire(sa, sa.proposals[0]?.protocol ?? 0).map(({ proposal, number, spi }) => ({
      proposal,
      number,
      spi: spi.slice(),
    }));
    this.#remoteTs = selectorsOf(tsi);
    this.#localTs = selectorsOf(tsr);
    this.#labels = labelsOf(tsi, tsr);
    this.#ke = copyOf(message.payload(PayloadType.KE));
    this.nonce = message.payload(PayloadType.NONCE)?.data.slice() ?? EMPTY;
    this.mode = mode;
    this.cpi = cpi;
  }

  /**
   * Chooses child configuration, selectors and proposal, and exchanges keys. Not before the identities and virtual IPs of an IKE_AUTH are
   * settled.
   * @param replaces the CHILD_SA that is being rekeyed
   */
  negotiate(context: IkeContext, ikeSa: IkeSa, replaces: ChildSa | undefined): ChildTerms | Refusal {
    const { log } = context;
    const hosts = { local: localHosts(ikeSa), remote: remoteHosts(ikeSa) };
    const { config, asked } = this.#choose(context, ikeSa, hosts, replaces);
    if (!config) return this.refuseSelectors(context, ikeSa);
    const own = {
      local: config.selectors("local", undefined, hosts.local),
      remote: config.selectors("remote", undefined, hosts.remote),
    };
    const localTs = narrow(own.local, asked.local);
    const remoteTs = narrow(own.remote, asked.remote);
    if (localTs.length === 0 || remoteTs.length === 0) return this.refuseSelectors(context, ikeSa);
    alertNarrowed(context, ikeSa, "local", own.local, localTs);
    alertNarrowed(context, ikeSa, "remote", own.remote, remoteTs);
    logLabel(context, config);
    const options = selectOptions(context, ikeSa, { ignoreKe: this.#isFirst, requiredKe: undefined });
    const selection = selectProposal(config.proposals, this.#offers, options);
    if (!selection) {
      log.log(LogGroup.IKE, 1, "no acceptable proposal found");
      alertProposals(context, ikeSa, "proposal-mismatch-child", { configured: config.proposals, received: this.#offers });
      return { notify: NotifyType.NO_PROPOSAL_CHOSEN };
    }
    const ke = this.#isFirst ? undefined : this.#agreeKeys(context, selection.proposal.firstKe ?? 0);
    if (ke && "notify" in ke) return ke;
    return { config, localTs, remoteTs, selection, ke };
  }

  /** The child configuration, and what is asked for as it looks from here. Behind a NAT that depends on whether it will be transport mode. */
  #choose(context: IkeContext, ikeSa: IkeSa, hosts: DynamicHosts, replaces: ChildSa | undefined): Choice {
    const asked = { local: this.#localTs, remote: this.#remoteTs };
    const choose = ({ local, remote }: BothSides): ChildConfig | undefined =>
      replaces?.config ?? context.configs.childFor(ikeSa.peerConfig!, remote, local, hosts, this.#labels);
    // A label stays (RFC 9478 section 3.3).
    if (replaces && !replaces.config.takesLabel(this.#labels)) return { config: undefined, asked };
    if (this.mode === "transport" && ikeSa.isBehindNat) {
      const seen = translated(ikeSa, asked.local, asked.remote);
      const config = choose(seen);
      if (config?.mode === "transport") return { config, asked: seen };
    }
    return { config: choose(asked), asked };
  }

  #agreeKeys(context: IkeContext, method: number): ChildTerms["ke"] | Refusal {
    const { log } = context;
    if (method === 0) return undefined;
    if (this.#ke?.method !== method) {
      log.log(
        LogGroup.IKE,
        1,
        `key exchange method ${keyExchangeName(this.#ke?.method ?? 0)} unacceptable, requesting ${keyExchangeName(method)}`,
      );
      return { notify: NotifyType.INVALID_KE_PAYLOAD, data: keData(method) };
    }
    const agreed = new KeyAgreement(context).respond(method, this.#ke.data);
    if (agreed) return { method, ...agreed };
    log.log(LogGroup.IKE, 1, "applying KE public value failed");
    return { notify: NotifyType.NO_PROPOSAL_CHOSEN };
  }

  refuseSelectors(context: IkeContext, ikeSa: IkeSa): Refusal {
    context.log.log(LogGroup.IKE, 1, `traffic selectors ${this.#localTs.join(" ")} === ${this.#remoteTs.join(" ")} unacceptable`);
    alertSelectors(context, ikeSa, this.#remoteTs, this.#localTs);
    return { notify: NotifyType.TS_UNACCEPTABLE };
  }
}

/** RFC 7296 section 2.25: nothing new on an IKE_SA that is being replaced or closed. */
function refuseUntimely({ log }: IkeContext, ikeSa: IkeSa): Refusal | undefined {
  switch (ikeSa.state) {
    case IkeSaState.ESTABLISHED:
      return undefined;
    case IkeSaState.REKEYING:
      log.log(LogGroup.IKE, 1, "unable to create CHILD_SA while rekeying IKE_SA");
      return { notify: NotifyType.TEMPORARY_FAILURE };
    default:
      log.log(LogGroup.IKE, 1, `unable to create CHILD_SA, IKE_SA is ${IkeSaState[ikeSa.state]}`);
      return { notify: NotifyType.NO_ADDITIONAL_SAS };
  }
}

const copyOf = (ke: KePayload | undefined) => ke && { method: ke.method, data: ke.data.slice() };
