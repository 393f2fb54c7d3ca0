import type { ChildConfig } from "../../config/index.js";
import type { IkeContext } from "../../ike-context.js";
import type { IkeSa } from "../ike-sa.js";
import { ChildCreateTask } from "./tasks/child-create.js";
import { IkeAuthLifetimeTask } from "./tasks/ike-auth-lifetime.js";
import { IkeAuthTask } from "./tasks/ike-auth.js";
import { IkeConfigTask } from "./tasks/ike-config.js";
import { IkeEstablishTask } from "./tasks/ike-establish.js";
import { IkeInitTask } from "./tasks/ike-init.js";
import { IkeMobikeTask } from "./tasks/ike-mobike.js";
import { IkeNatdTask } from "./tasks/ike-natd.js";

/**
 * Queues what sets up an IKE_SA as its initiator, with its first CHILD_SA in the same IKE_AUTH and the others after it. The order is that of
 * the work in each message, and so of its payloads.
 */
export function queueSetup(context: IkeContext, ikeSa: IkeSa, children: readonly ChildConfig[]): void {
  const { tasks } = ikeSa;
  tasks.queue(new IkeInitTask(context, ikeSa));
  tasks.queue(new IkeNatdTask(context, ikeSa));
  tasks.queue(new IkeAuthTask(context, ikeSa));
  tasks.queue(new IkeConfigTask(context, ikeSa));
  tasks.queue(new IkeAuthLifetimeTask(context, ikeSa));
  tasks.queue(new IkeMobikeTask(context, ikeSa));
  tasks.queue(new IkeEstablishTask(context, ikeSa));
  for (const child of children) tasks.queue(new ChildCreateTask(context, ikeSa, child));
}
