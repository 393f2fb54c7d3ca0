import { ChildSaState, IkeSaState } from "@cygnet/plugin-api";

/** Which state of an IKE_SA may follow which. */
const IKE_NEXT: Record<IkeSaState, readonly IkeSaState[]> = {
  [IkeSaState.CREATED]: [IkeSaState.CONNECTING, IkeSaState.ESTABLISHED, IkeSaState.PASSIVE, IkeSaState.DESTROYING],
  [IkeSaState.CONNECTING]: [IkeSaState.ESTABLISHED, IkeSaState.DELETING, IkeSaState.DESTROYING],
  [IkeSaState.ESTABLISHED]: [IkeSaState.REKEYING, IkeSaState.REKEYED, IkeSaState.DELETING, IkeSaState.DESTROYING],
  [IkeSaState.PASSIVE]: [IkeSaState.ESTABLISHED, IkeSaState.DESTROYING],
  [IkeSaState.REKEYING]: [IkeSaState.ESTABLISHED, IkeSaState.REKEYED, IkeSaState.DELETING, IkeSaState.DESTROYING],
  [IkeSaState.REKEYED]: [IkeSaState.DELETING, IkeSaState.DESTROYING],
  [IkeSaState.DELETING]: [IkeSaState.DESTROYING],
  [IkeSaState.DESTROYING]: [],
};

/** Which state of a CHILD_SA may follow which. */
const CHILD_NEXT: Record<ChildSaState, readonly ChildSaState[]> = {
  [ChildSaState.CREATED]: [ChildSaState.ROUTED, ChildSaState.INSTALLING, ChildSaState.RETRYING, ChildSaState.DESTROYING],
  [ChildSaState.ROUTED]: [ChildSaState.INSTALLING, ChildSaState.DESTROYING],
  [ChildSaState.INSTALLING]: [ChildSaState.INSTALLED, ChildSaState.DESTROYING],
  [ChildSaState.INSTALLED]: [
    ChildSaState.UPDATING,
    ChildSaState.REKEYING,
    ChildSaState.REKEYED,
    ChildSaState.DELETING,
    ChildSaState.DESTROYING,
  ],
  [ChildSaState.UPDATING]: [
    ChildSaState.INSTALLED,
    ChildSaState.REKEYING,
    ChildSaState.REKEYED,
    ChildSaState.DELETING,
    ChildSaState.DESTROYING,
  ],
  [ChildSaState.REKEYING]: [ChildSaState.INSTALLED, ChildSaState.REKEYED, ChildSaState.DELETING, ChildSaState.DESTROYING],
  [ChildSaState.REKEYED]: [ChildSaState.DELETING, ChildSaState.DELETED, ChildSaState.DESTROYING],
  [ChildSaState.RETRYING]: [ChildSaState.CREATED, ChildSaState.INSTALLING, ChildSaState.DESTROYING],
  [ChildSaState.DELETING]: [ChildSaState.DELETED, ChildSaState.DESTROYING],
  [ChildSaState.DELETED]: [ChildSaState.DESTROYING],
  [ChildSaState.DESTROYING]: [],
};

export const mayIkeSaEnter = (from: IkeSaState, to: IkeSaState): boolean => IKE_NEXT[from].includes(to);
export const mayChildSaEnter = (from: ChildSaState, to: ChildSaState): boolean => CHILD_NEXT[from].includes(to);
