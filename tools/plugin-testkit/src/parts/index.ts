/** Parts of the daemon, for tests that put some of them together in another way than `testHost` and `Pair` do. */
export { DaemonController, LinkedShards, ListFiles, compileEnv, notation } from "@cygnet/daemon/testing";
export { Condition, ConnectionStoreImpl, CredentialStoreImpl, RevocationList } from "@cygnet/ike";
export {
  EventBus,
  LogManager,
  NetStreamServices,
  PluginGuard,
  PluginHost,
  SystemClock,
  WaitTimes,
  createContainer,
  provide,
  provideUntilUndone,
  readOptions,
  resolveFor,
} from "@cygnet/runtime";
export type { Container } from "@cygnet/runtime";
export { MemoryLinks, MemoryPluginSource, MemorySink, VirtualClock } from "@cygnet/runtime/testing";
export { Settings, parseSettings } from "@cygnet/settings";
