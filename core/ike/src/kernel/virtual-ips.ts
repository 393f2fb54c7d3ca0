import { LogGroup } from "@cygnet/plugin-api";
import type { Host, MaybePromise } from "@cygnet/plugin-api";
import type { IkeContext } from "../ike-context.js";
import type { IkeSa } from "../sa/ike-sa.js";

const PREFIX = { 4: 32, 6: 128 } as const;

/**
 * Puts the virtual IPs of an IKE_SA onto an interface, where packets go into tunnels at all and the configuration leaves it to us. Never rejects:
 * what the system refuses is logged, and the IKE_SA goes on without.
 */
export function installVirtualIps(context: IkeContext, ikeSa: IkeSa): MaybePromise<void> {
  const { net } = context.kernel;
  if (!net || ikeSa.localVirtualIps.length === 0 || !isOurs(context)) return;
  const name = context.options.install_virtual_ip_on || net.interfaceOf(ikeSa.local);
  return name instanceof Promise ? name.then((found) => add(context, ikeSa, found)) : add(context, ikeSa, name);
}

/** Takes them away again. */
export function removeVirtualIps(context: IkeContext, addresses: readonly Host[]): void {
  const { net } = context.kernel;
  if (!net || addresses.length === 0 || !isOurs(context)) return;
  for (const address of addresses)
    void attempt(context, `removing virtual IP ${address}`, () => net.deleteVirtualIp(address, PREFIX[address.family]));
}

/** The IKE_SA is at another address, whose interface may be another one. */
export function reinstallVirtualIps(context: IkeContext, ikeSa: IkeSa): MaybePromise<void> {
  removeVirtualIps(context, ikeSa.localVirtualIps);
  return installVirtualIps(context, ikeSa);
}

/** A kernel that carries no packets, as that of a load test, needs none. */
const isOurs = ({ kernel, options }: IkeContext): boolean => kernel.carriesTraffic && options.install_virtual_ip;

function add(context: IkeContext, ikeSa: IkeSa, interfaceName: string | undefined): MaybePromise<void> {
  const { log, kernel } = context;
  if (interfaceName === undefined) {
    log.log(LogGroup.KNL, 1, `installing virtual IPs failed, no interface has ${ikeSa.local}`);
    return;
  }
  const pending: Promise<void>[] = [];
  for (const address of ikeSa.localVirtualIps) {
    const result = attempt(context, `installing virtual IP ${address}`, () =>
      kernel.net!.addVirtualIp(address, PREFIX[address.family], interfaceName),
    );
    if (result) pending.push(result);
  }
  if (pending.length > 0) return Promise.all(pending).then(() => undefined);
}

function attempt({ log }: IkeContext, what: string, action: () => MaybePromise<void>): MaybePromise<void> {
  const failed = (error: unknown): void => log.log(LogGroup.KNL, 1, `${what} was refused: ${(error as Error).message}`);
  try {
    const result = action();
    if (result instanceof Promise) return result.catch(failed);
  } catch (error) {
    failed(error);
  }
}
