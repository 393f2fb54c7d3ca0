import { LogGroup } from "@cygnet/plugin-api";
import { NotifyType, PayloadType } from "@cygnet/wire";
import type { Message } from "@cygnet/wire";
import type { IkeContext } from "../../../ike-context.js";
import { Condition } from "../../ike-sa.js";
import type { IkeSa } from "../../ike-sa.js";
import { additionalAddresses } from "../additional-addresses.js";
import { addNatDetection, findNat, noteNat } from "../nat-detection.js";
import type { NatFindings } from "../nat-detection.js";
import type { OutgoingMessage } from "../outgoing-message.js";
import { TaskType } from "../task.js";
import type { Task, TaskOutcome } from "../task.js";
import { IkeMobikeUpdateTask } from "./ike-mobike-update.js";
import { IkeReturnRoutabilityTask } from "./ike-return-routability.js";

/** Octets of a COOKIE2, RFC 4555 section 4.2.5. */
const COOKIE2_BYTES = { min: 8, max: 64 } as const;

const NOTIFIES: ReadonlySet<number> = new Set([
  NotifyType.ADDITIONAL_IP4_ADDRESS,
  NotifyType.ADDITIONAL_IP6_ADDRESS,
  NotifyType.NO_ADDITIONAL_ADDRESSES,
  NotifyType.UPDATE_SA_ADDRESSES,
  NotifyType.COOKIE2,
  NotifyType.NAT_DETECTION_SOURCE_IP,
]);

/** Whether an INFORMATIONAL request has something of RFC 4555. */
export function isMobikeRequest(message: Message): boolean {
  for (const payload of message.payloads)
    if (payload.type === PayloadType.NOTIFY && NOTIFIES.has(payload.notifyType)) return true;
  return false;
}

/** Answers what the peer asks and tells by MOBIKE: RFC 4555 sections 3.5 to 3.8. */
export class IkeMobikeAnswerTask implements Task {
  readonly type = TaskType.IKE_MOBIKE;
  #nat: NatFindings | undefined;
  #cookie: Uint8Array | undefined;

  constructor(
    private readonly context: IkeContext,
    private readonly ikeSa: IkeSa,
  ) {}

  process(message: Message): TaskOutcome {
    const { ikeSa } = this;
    const cookie = message.notify(NotifyType.COOKIE2)?.data;
    if (cookie && cookie.length >= COOKIE2_BYTES.min && cookie.length <= COOKIE2_BYTES.max) this.#cookie = cookie.slice();
    this.#nat = findNat(this.context, ikeSa, message, ikeSa.tasks.path);
    const isOurs = ikeSa.has(Condition.ORIGINAL_INITIATOR);
    this.#list(message, isOurs);
    if (!isOurs && message.notify(NotifyType.UPDATE_SA_ADDRESSES)) this.#update();
    return "need-more";
  }

  /** Where the peer's own address has changed, it tells so from another one; to move is the original initiator's. */
  #list(message: Message, isOurs: boolean): void {
    const { ikeSa, context } = this;
    const addresses = additionalAddresses(message);
    if (!addresses) return;
    for (const host of addresses) context.log.log(LogGroup.IKE, 2, `got additional MOBIKE peer address: ${host}`);
    ikeSa.peerAddresses = addresses;
    const { path } = ikeSa.tasks;
    if (!isOurs || path.remote.sameAddress(ikeSa.remote)) return;
    // A request of ours that is under way goes there, too; its answer is waited for before the update.
    ikeSa.local = path.local;
    ikeSa.remote = path.remote;
    ikeSa.tasks.queue(new IkeMobikeUpdateTask(context, ikeSa, [path]));
  }

  #update(): void {
    const { ikeSa, context } = this;
    const { path } = ikeSa.tasks;
    const isElsewhere = !path.remote.sameAddress(ikeSa.remote);
    if (this.#nat) noteNat(context, ikeSa, this.#nat);
    context.manager.upkeep.moved(ikeSa, path);
    context.manager.upkeep.armKeepalive(ikeSa);
    if (isElsewhere) ikeSa.tasks.queue(new IkeReturnRoutabilityTask(context));
  }

  build(message: OutgoingMessage): TaskOutcome {
    const { ikeSa } = this;
    if (this.#nat) addNatDetection(this.context, ikeSa, message, ikeSa.tasks.path);
    if (this.#cookie) message.addNotify(NotifyType.COOKIE2, this.#cookie);
    return "done";
  }
}
