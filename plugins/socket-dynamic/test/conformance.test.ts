import { describeFurtherPorts } from "@cygnet/test/conformance/further-ports";
import { describeSharedSocket } from "@cygnet/test/conformance/shared-socket";
import { describeSocket } from "@cygnet/test/conformance/socket";
import plugin from "../src/index.js";

describeSocket("socket-dynamic", plugin);
describeSharedSocket("socket-dynamic", plugin);
describeFurtherPorts("socket-dynamic", plugin);
