import { ChildSaState, IkeSaState } from "@cygnet/plugin-api";
import type { ChildSaStatus, IkeSaStatus } from "@cygnet/plugin-api";

/** The IKE_SA `net-net[1]` of the captures, as its initiator has it. */
export function ikeSaStatus(given: Partial<IkeSaStatus> = {}): IkeSaStatus {
  return {
    uniqueId: 1,
    name: "net-net",
    version: 2,
    state: IkeSaState.ESTABLISHED,
    isInitiator: true,
    initiatorSpi: "f1d4d404eb9a2531",
    responderSpi: "a1243917c0ef928c",
    local: "10.9.0.1",
    localPort: 4500,
    localId: "moon.example.org",
    remote: "10.9.0.2",
    remotePort: 4500,
    remoteId: "sun.example.org",
    remoteEapId: undefined,
    establishedSeconds: 0,
    rekeySeconds: undefined,
    reauthSeconds: 3290,
    reauthMethods: "pre-shared key",
    proposal: "AES_CBC_128/HMAC_SHA1_96/PRF_HMAC_SHA1/MODP_1024",
    algorithms: undefined,
    natLocal: false,
    natRemote: false,
    natFake: false,
    localVirtualIps: [],
    remoteVirtualIps: [],
    tasksQueued: [],
    tasksActive: [],
    tasksPassive: [],
    children: [],
    ...given,
  };
}

/** The CHILD_SA `net-net{1}` of the captures. */
export function childSaStatus(given: Partial<ChildSaStatus> = {}): ChildSaStatus {
  return {
    uniqueId: 1,
    name: "net-net",
    state: ChildSaState.INSTALLED,
    mode: "tunnel",
    proxyMode: false,
    reqid: 1,
    protocol: 3,
    udpEncap: true,
    spiIn: 0xfdc00ad4,
    spiOut: 0xc4c4817d,
    cpiIn: 0,
    cpiOut: 0,
    markIn: { value: 0, mask: 0 },
    markOut: { value: 0, mask: 0 },
    ifIdIn: 0,
    ifIdOut: 0,
    proposal: "AES_CBC_128/HMAC_SHA1_96",
    algorithms: undefined,
    bytesIn: 252,
    bytesOut: 252,
    packetsIn: 3,
    packetsOut: 3,
    idleInSeconds: 0,
    idleOutSeconds: 0,
    rekeySeconds: 880,
    expireSeconds: 1200,
    installedSeconds: 0,
    localTs: "10.1.0.0/24",
    remoteTs: "10.2.0.0/24",
    ...given,
  };
}
