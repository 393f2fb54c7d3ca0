import { IkeSaState } from "@cygnet/plugin-api";
import { ExchangeType, NotifyType, PayloadType, ProtocolId } from "@cygnet/wire";
import type { Message } from "@cygnet/wire";
import type { IkeContext } from "../../ike-context.js";
import { Condition } from "../ike-sa.js";
import type { IkeSa } from "../ike-sa.js";
import type { TaskManager } from "./task-manager.js";
import { TaskType } from "./task.js";
import type { Task } from "./task.js";
import { ChildCreateTask } from "./tasks/child-create.js";
import { ChildDeleteTask } from "./tasks/child-delete.js";
import { ChildRekeyTask } from "./tasks/child-rekey.js";
import { IkeAuthLifetimeTask } from "./tasks/ike-auth-lifetime.js";
import { IkeAuthTask } from "./tasks/ike-auth.js";
import { IkeConfigTask } from "./tasks/ike-config.js";
import { IkeDeleteTask } from "./tasks/ike-delete.js";
import { IkeDpdTask } from "./tasks/ike-dpd.js";
import { IkeEstablishTask } from "./tasks/ike-establish.js";
import { IkeInitTask } from "./tasks/ike-init.js";
import { IkeMobikeAnswerTask, isMobikeRequest } from "./tasks/ike-mobike-answer.js";
import { IkeMobikeTask } from "./tasks/ike-mobike.js";
import { IkeRedirectedTask } from "./tasks/ike-redirected.js";
import { IkeNatdTask } from "./tasks/ike-natd.js";
import { IkeRekeyTask } from "./tasks/ike-rekey.js";

/** Which queued task of an established IKE_SA comes first: a way to the peer before ends before renewals before news before questions. */
const URGENCY: readonly TaskType[] = [
  TaskType.IKE_MOBIKE,
  TaskType.IKE_DELETE,
  TaskType.CHILD_DELETE,
  TaskType.CHILD_REKEY,
  TaskType.CHILD_CREATE,
  TaskType.IKE_REKEY,
  TaskType.IKE_REAUTH,
  TaskType.IKE_REDIRECT,
  TaskType.IKE_AUTH_LIFETIME,
  TaskType.IKE_DPD,
];

/** Takes the tasks of the next exchange out of the queue. Setting up an IKE_SA takes its whole set, later exchanges one task each. */
export function activate(manager: TaskManager, ikeSa: IkeSa): Task[] {
  const { queued } = manager;
  if (queued.length === 0) return [];
  if (ikeSa.state === IkeSaState.CREATED || ikeSa.state === IkeSaState.CONNECTING) {
    const isSetup = (task: Task): boolean => task.type <= TaskType.IKE_MOBIKE;
    const active = queued.filter(isSetup);
    const child = queued.find((task) => task.type === TaskType.CHILD_CREATE);
    if (child) active.push(child);
    manager.queued = queued.filter((task) => !active.includes(task));
    return active;
  }
  for (const type of URGENCY) {
    const at = queued.findIndex((task) => task.type === type);
    if (at >= 0) return queued.splice(at, 1);
  }
  return [];
}

/** The tasks that answer a request. */
export function passiveTasks(context: IkeContext, ikeSa: IkeSa, request: Message): Task[] {
  switch (request.header.exchangeType) {
    case ExchangeType.IKE_SA_INIT: {
      const config = new IkeConfigTask(context, ikeSa);
      return [
        new IkeInitTask(context, ikeSa),
        new IkeNatdTask(context, ikeSa),
        new IkeAuthTask(context, ikeSa),
        config,
        new IkeEstablishTask(context, ikeSa),
        new IkeMobikeTask(context, ikeSa),
        new ChildCreateTask(context, ikeSa),
        new IkeAuthLifetimeTask(context, ikeSa),
      ];
    }
    case ExchangeType.CREATE_CHILD_SA:
      return [createChildTask(context, ikeSa, request)];
    default:
      return [informationalTask(context, ikeSa, request)];
  }
}

/** CREATE_CHILD_SA has three uses, told apart by what it contains: RFC 7296 sections 1.3.1 to 1.3.3. */
function createChildTask(context: IkeContext, ikeSa: IkeSa, request: Message): Task {
  if (request.notify(NotifyType.REKEY_SA)) return new ChildRekeyTask(context, ikeSa);
  const isForChild = request.payload(PayloadType.TSi) !== undefined || request.payload(PayloadType.TSr) !== undefined;
  return isForChild ? new ChildCreateTask(context, ikeSa) : new IkeRekeyTask(context, ikeSa);
}

function informationalTask(context: IkeContext, ikeSa: IkeSa, request: Message): Task {
  if (request.notify(NotifyType.AUTHENTICATION_FAILED)) return new IkeDeleteTask(context, ikeSa);
  let toDelete: Task | undefined;
  for (const payload of request.payloads) {
    if (payload.type !== PayloadType.DELETE) continue;
    if (payload.protocol === ProtocolId.IKE) return new IkeDeleteTask(context, ikeSa);
    toDelete ??= new ChildDeleteTask(context, ikeSa);
  }
  if (toDelete) return toDelete;
  if (request.notify(NotifyType.AUTH_LIFETIME)) return new IkeAuthLifetimeTask(context, ikeSa);
  if (ikeSa.has(Condition.ORIGINAL_INITIATOR) && request.notify(NotifyType.REDIRECT))
    return new IkeRedirectedTask(context, ikeSa);
  if (ikeSa.has(Condition.MOBIKE) && isMobikeRequest(request)) return new IkeMobikeAnswerTask(context, ikeSa);
  return new IkeDpdTask(context, ikeSa);
}

/** Which requests an IKE_SA takes in which state. */
export function isExchangeAllowed(exchangeType: number, ikeSa: IkeSa): boolean {
  switch (exchangeType) {
    case ExchangeType.IKE_SA_INIT:
      return ikeSa.state === IkeSaState.CREATED && ikeSa.has(Condition.HALF_OPEN);
    case ExchangeType.IKE_AUTH:
      return ikeSa.state === IkeSaState.CONNECTING && !ikeSa.isInitiator;
    case ExchangeType.CREATE_CHILD_SA:
    case ExchangeType.INFORMATIONAL:
      return ikeSa.state >= IkeSaState.ESTABLISHED && ikeSa.state !== IkeSaState.DESTROYING;
    default:
      return false;
  }
}

/** The exchange that active tasks need: setting up goes from IKE_SA_INIT to IKE_AUTH, after that it goes by the task. */
export function requestExchange(active: readonly Task[], state: IkeSaState, messageId: number): ExchangeType {
  if (state === IkeSaState.CONNECTING || state === IkeSaState.CREATED)
    return messageId === 0 ? ExchangeType.IKE_SA_INIT : ExchangeType.IKE_AUTH;
  switch (active[0]!.type) {
    case TaskType.CHILD_CREATE:
    case TaskType.CHILD_REKEY:
    case TaskType.IKE_REKEY:
      return ExchangeType.CREATE_CHILD_SA;
    default:
      return ExchangeType.INFORMATIONAL;
  }
}
