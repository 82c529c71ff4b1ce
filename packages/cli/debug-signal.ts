/**
 * Takes SIGUSR1 away from Node, which would open its inspector on a port for every user of this machine. What this
 * program holds on a person's device is the credential itself. Nothing happens when the signal comes.
 */
export function takeDebugSignal(): void {
  process.on('SIGUSR1', () => undefined);
}
