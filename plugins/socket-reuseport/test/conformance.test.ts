import { describeSharedSocket } from "@cygnet/plugin-testkit/socket";
import { describeSocket } from "@cygnet/plugin-testkit/socket";
import plugin from "../src/index.js";

describeSocket("socket-reuseport", plugin);
describeSharedSocket("socket-reuseport", plugin);
