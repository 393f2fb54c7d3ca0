export { checkRevocation } from "./certificate-status.js";
export type { CertificateStatus, StatusCheck } from "./certificate-status.js";
export { RevocationSettings } from "./revocation-settings.js";
export { NO_ATTEMPTS, gatherStatus } from "./status-gathering.js";
export type { AskForStatus, StatusAttempts, StatusSources } from "./status-gathering.js";
export { StatusFetcher } from "./status-fetcher.js";
export type { FetchedCredentials, StatusFetcherParts } from "./status-fetcher.js";
export type { FetchAttempt, StatusQuestion } from "./status-question.js";
