import { NativeError } from "@cygnet/native";
import { SystemError } from "@cygnet/plugin-api";

const CODE = "CYG_KERNEL_LIBIPSEC";

/** Something that ESP in user space does not have. */
export function unsupported(call: string, what: string): SystemError {
  return new SystemError(CODE, call, "EOPNOTSUPP", `kernel-libipsec has no ${what}`);
}

/** @param doing what failed: `opening the TUN device` */
export function refusalOf(error: unknown, doing: string): unknown {
  if (!(error instanceof NativeError)) return error;
  const { syscall, errno, message } = error;
  return new SystemError(CODE, syscall, errno, `${doing} failed: ${message}`, { cause: error });
}
