import type { ChildSaStatus } from "@cygnet/plugin-api";
import type { Section } from "@cygnet/vici";

/** Which SAs a request is for; what is not given does not matter. */
export interface SaChoice {
  readonly ike: string | undefined;
  readonly ikeId: number | undefined;
  readonly child: string | undefined;
  readonly childId: number | undefined;
  /** Nothing is given. */
  readonly isEmpty: boolean;
  /** A name or number of a CHILD_SA is given. */
  readonly isByChild: boolean;
  /** Whether a CHILD_SA is one by its own name and number. */
  readonly isChild: (child: ChildSaStatus) => boolean;
}

/** Reads `ike`, `ike-id`, `child` and `child-id`. An id of 0, which no SA has, is as good as none. */
export function readSaChoice(request: Section): SaChoice {
  const [ike, child] = [request.text("ike"), request.text("child")];
  const id = (name: string): number | undefined => request.number(name) || undefined;
  const [ikeId, childId] = [id("ike-id"), id("child-id")];
  const isByChild = child !== undefined || childId !== undefined;
  return {
    ike,
    ikeId,
    child,
    childId,
    isEmpty: ike === undefined && ikeId === undefined && !isByChild,
    isByChild,
    isChild: (one) => (child === undefined || one.name === child) && (childId === undefined || one.uniqueId === childId),
  };
}
