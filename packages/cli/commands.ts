import type { Device } from './device.ts';
import type { KitDevice } from './kit/kit-device.ts';
import type { PersonHome } from './person-home.ts';
import type { AgentAccess } from './signing-key-file.ts';
import type { Terminal } from './terminal.ts';

/** What a command gets: the terminal, and the person's device once it is needed. */
export interface Context {
  readonly terminal: Terminal;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** The ssh-agent of this session, and how to ask for a touch. */
  readonly agent: AgentAccess;
  /** The person's device for the organisation that --org or HALLIGAN_PERSON_HOME names. */
  readonly device: () => Promise<Device>;
  /** The same person's device as it works from a kit, or is about to. */
  readonly kitDevice: () => Promise<KitDevice>;
  /** The same person's device as it speaks to the server, whatever kit is open. */
  readonly serverDevice: () => Promise<Device>;
  /** The organisation that --org or HALLIGAN_ORG names. @throws `cli.usage`, `cli.id` */
  readonly organisation: () => string;
  /** The person's keys and pins, joined or not. @param organisation where --org names none */
  readonly home: (organisation?: string) => Promise<PersonHome>;
  /** Where the person's keys for an organisation live. */
  readonly personFolder: (organisation: string) => string;
  readonly readFile: (path: string) => Promise<Uint8Array>;
  readonly writeFile: (path: string, bytes: Uint8Array) => Promise<void>;
}

/** Prints a result: as JSON, or as the lines that a person reads. */
export function show(terminal: Terminal, result: unknown, lines: readonly string[]): void {
  terminal.out(terminal.json ? JSON.stringify(result) : lines.join('\n'));
}
