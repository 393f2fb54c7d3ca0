import type { BenchArguments } from "./bench-arguments.js";
import type { Measurement } from "./measurement.js";
import { atRestMeasurement } from "./measures/at-rest.js";
import { controlMeasurement } from "./measures/control.js";
import { floodMeasurement } from "./measures/flood.js";
import { initiatorsMeasurement } from "./measures/initiators.js";
import { overloadMeasurement } from "./measures/overload.js";
import { setupMeasurements } from "./measures/setup.js";
import { shardsMeasurements } from "./measures/shards.js";
import { microMeasurements } from "./micro/micro-measurements.js";
import { peerSetupMeasurements } from "./peer/peer-setup.js";

import { tunnelMeasurements } from "./tunnel/tunnel-measurements.js";

/** All that can be measured, in the order in which it is. */
export function catalogue({ sessions, peer }: BenchArguments): readonly Measurement[] {
  return [
    ...(peer === undefined ? setupMeasurements() : peerSetupMeasurements()),
    atRestMeasurement(sessions),
    overloadMeasurement(2),
    overloadMeasurement(5),
    floodMeasurement,
    initiatorsMeasurement,
    ...shardsMeasurements,
    controlMeasurement,
    ...tunnelMeasurements(peer),
    ...microMeasurements(),
  ];
}
