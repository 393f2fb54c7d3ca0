import { describeFurtherPorts } from "@cygnet/plugin-testkit/socket";
import { describeSharedSocket } from "@cygnet/plugin-testkit/socket";
import { describeSocket } from "@cygnet/plugin-testkit/socket";
import plugin from "../src/index.js";

describeSocket("socket-dynamic", plugin);
describeSharedSocket("socket-dynamic", plugin);
describeFurtherPorts("socket-dynamic", plugin);
