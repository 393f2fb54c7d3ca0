/**
 * Asks a daemon over its stroke socket.
 * @param socket path of the socket
 * @param onText gets the answer as it comes
 * @returns undefined, or why there is no answer
 */
export async function askStroke(
  socket: string,
  command: string,
  onText: (text: string) => void,
  signal?: AbortSignal,
): Promise<string | undefined> {
  // Not needed before the daemons run, so the start need not wait for it.
  const { StrokeClientError, strokeCommandRequest, strokeRequest } = await import("@cygnet/starter");
  const decoder = new TextDecoder();
  try {
    await strokeRequest(`unix://${socket}`, strokeCommandRequest([command]), {
      ...(signal && { signal }),
      onData: (chunk) => onText(decoder.decode(chunk, { stream: true })),
    });
    return undefined;
  } catch (error) {
    if (!(error instanceof StrokeClientError)) throw error;
    return error.message;
  }
}
