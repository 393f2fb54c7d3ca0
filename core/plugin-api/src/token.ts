import type { InjectionToken } from "tsyringe";

/**
 * A token under which the container knows a service. Registered symbols, so that two installed copies of this package still agree.
 * Contracts export a token of their own name: `resolve(Bus)` gives a `Bus`.
 */
export type ServiceToken<T> = InjectionToken<T>;

export const serviceToken = <T>(name: string): ServiceToken<T> => Symbol.for(`cygnet.${name}`);
