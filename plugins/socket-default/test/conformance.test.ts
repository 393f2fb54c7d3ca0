import { describeSharedSocket } from "@cygnet/plugin-testkit/socket";
import { describeSocket } from "@cygnet/plugin-testkit/socket";
import plugin from "../src/index.js";

describeSocket("socket-default", plugin);
describeSharedSocket("socket-default", plugin);
